"""Reading test sets: BEIR's two forms, rows that cannot be used, and the shipped set against the text."""

from collections import Counter
from pathlib import Path

import pytest

from baycase.corpus.reader import read_shipped as read_cases
from baycase.corpus.records import Document
from baycase.errors import TestSetError
from baycase.eval.testset import Question, read_folder, read_shipped

from .conftest import write_lines


def test_subsets(folder: Path) -> None:
    found = read_folder(folder)
    assert found.name == "tiny" and list(found.subsets) == ["zh"] and not found.problems
    first = found.subsets["zh"][0]
    assert (first.id, first.relevant, first.answers, first.type) == ("q1", {"tea": 1}, ("四月",), "when")
    assert first.evidence[0].quote == "茶农每年四月采摘第一批新茶。"


def test_plain_beir_asks_only_what_its_split_judges(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    write_lines(tmp_path / "queries.jsonl", [{"_id": n, "text": f"问题{n}"} for n in ("a", "b", "c")])
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\na\td1\t1\nc\td2\t0\nc\td3\t2\n")
    (tmp_path / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\nb\td1\t1\n")
    found = read_folder(tmp_path)
    assert {q.id: q.relevant for q in found.subsets["test"]} == {"a": {"d1": 1}, "c": {"d3": 2}}
    assert not found.problems


def test_bad_rows_are_listed_by_number_and_the_rest_is_read(folder: Path) -> None:
    with (folder / "queries-zh.jsonl").open("a", encoding="utf-8") as stream:
        stream.write('not json\n{"text": "没有编号？"}\n{"_id": "q9", "text": "  "}\n{"_id": "q1", "text": "重复？"}\n')
        stream.write('{"_id": "q8", "text": "没有标注？"}\n')
    with (folder / "qrels" / "zh.tsv").open("a", encoding="utf-8") as stream:
        stream.write("q7\ttea\t1\nq8\ttea\tmany\n")
    found = read_folder(folder)
    assert [q.id for q in found.subsets["zh"]] == ["q1", "q2", "q3", "q4"]
    listed = "\n".join(found.problems)
    for part in (
        "zh.tsv, line 7",
        "line 5: not a JSON",
        "line 6: '_id' is missing",
        "line 7: the question is empty",
        "line 8: the id 'q1' occurs twice",
        "'q8' has no relevant document",
        "'q7' is judged but not asked",
    ):
        assert part in listed, part
    assert len(found.problems) == 7


@pytest.mark.parametrize(
    ("files", "said"),
    [([], "expected queries-"), (["queries-a.jsonl"], "a.tsv is missing"), (["queries.jsonl"], "no test set")],
)
def test_no_test_set(tmp_path: Path, files: list[str], said: str) -> None:
    for name in files:
        (tmp_path / name).write_text('{"_id": "1", "text": "x"}\n')
    with pytest.raises(TestSetError, match=said):
        read_folder(tmp_path)


def test_choosing(folder: Path) -> None:
    found = read_folder(folder)
    assert found.sample(2, 1) == found.sample(2, 1)
    assert len(found.sample(2, 1).subsets["zh"]) == 2
    with pytest.raises(TestSetError, match="no subset 'en'; it has zh"):
        found.of_subsets(["en"])
    with pytest.raises(TestSetError, match="no split"):
        found.of_split("test")


# -- the shipped set ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cases() -> dict[str, Document]:
    return {document.doc_id: document for document in read_cases()}


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return [question for each in read_shipped().subsets.values() for question in each]


def test_shipped_counts() -> None:
    shipped = read_shipped()
    assert not shipped.problems
    assert {name: len(each) for name, each in shipped.subsets.items()} == {"en": 112, "zh-Hans": 128, "zh-Hant": 112}
    asked = Counter(q.group for each in shipped.subsets.values() for q in each)
    assert set(asked.values()) == {22} and len(asked) == 16
    assert (len(shipped.unanswerable), len(shipped.near), len(shipped.proposals)) == (90, 48, 36)
    everything = (*shipped.subsets.values(), shipped.unanswerable, shipped.near, shipped.proposals)
    ids = [one.id for each in everything for one in each]
    assert len(set(ids)) == len(ids) and "gba-01-hans-03" in ids


def test_shipped_offsets_are_sentences_of_the_text(cases: dict[str, Document], questions: list[Question]) -> None:
    units = {
        doc_id: {(s.span.start, s.span.end) for passage in document.passages for s in passage.sentences}
        for doc_id, document in cases.items()
    }
    evidence = [e for question in questions for e in question.evidence]
    evidence += [e for proposal in read_shipped().proposals for point in proposal.points for e in point.precedents]
    for one in evidence:
        assert cases[one.doc_id].text[one.start : one.end] == one.quote
        assert (one.start, one.end) in units[one.doc_id], one


def test_shipped_answers_lie_in_the_evidence(questions: list[Question]) -> None:
    for question in questions:
        quotes = "".join("".join(e.quote.split()) for e in question.evidence if e.grade == 2)
        assert question.answers and quotes
        for answer in question.answers:
            assert "".join(answer.split()) in quotes, question.id


def test_shipped_splits_share_no_case(cases: dict[str, Document]) -> None:
    shipped = read_shipped()
    tune, test = shipped.of_split("tune"), shipped.of_split("test")
    for part in ("subsets", "unanswerable", "near", "proposals"):
        sizes = [sum(map(len, x.values())) if isinstance(x := getattr(s, part), dict) else len(x) for s in (tune, test)]
        assert sizes[0] and sizes[1], part
    documents = [{d for each in s.subsets.values() for q in each for d, grade in q.relevant.items() if grade == 2}
                 for s in (tune, test)]  # fmt: skip
    assert not documents[0] & documents[1] and documents[0] | documents[1] == set(cases)
    for proposal in shipped.proposals:
        assert set(proposal.similar) <= set(cases)
        assert all(point.text in proposal.text for point in proposal.points)
