"""A test set as read: questions with what is relevant to each, in BEIR's form with subsets.

    corpus.jsonl  queries-<subset>.jsonl  qrels/<subset>.tsv      (or BEIR's plain queries.jsonl and qrels/test.tsv)

Beside them may lie unanswerable.jsonl, near.jsonl and proposals.jsonl. A row that cannot be
used is listed in `problems` by its file and number, and the rest is read. Nothing here knows a library.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import as_file, files
from pathlib import Path
from random import Random
from typing import Any, Literal

from baycase.errors import QueryError, TestSetError
from baycase.search.query import MAX_PROPOSAL, MAX_QUESTION, checked

SHIPPED = "gba-cases"
RELEVANT = 1  # the lowest grade that counts as relevant
ANSWERS = 2  # the lowest grade of an evidence sentence that answers by itself

Split = Literal["tune", "test"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote that answers a question: `text[start:end]` of the document. Grade 2 answers, grade 1 helps."""

    doc_id: str
    start: int
    end: int
    quote: str
    grade: int = ANSWERS


@dataclass(frozen=True, slots=True)
class Question:
    """`relevant` maps doc_ids to grades (1 and up); empty for a question that nothing answers.

    `group` is what questions are resampled by: the case they are about, else the question itself.
    """

    id: str
    text: str
    subset: str
    relevant: Mapping[str, int] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    type: str = ""
    style: str = ""
    split: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A measure that a proposal proposes; without precedents it is new."""

    text: str
    precedents: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    id: str
    text: str
    subset: str
    similar: Mapping[str, int]
    points: tuple[Point, ...] = ()
    split: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class TestSet:
    """Questions by subset in the files' order; `unanswerable` are off the library's topics, `near` just beside them."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    name: str
    subsets: Mapping[str, tuple[Question, ...]]
    unanswerable: tuple[Question, ...] = ()
    near: tuple[Question, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    corpus: Path | None = None
    problems: tuple[str, ...] = ()

    def of_split(self, split: str) -> "TestSet":
        """The questions of one split; a set without splits has none to choose from."""
        chosen = replace(
            self,
            subsets={name: tuple(q for q in questions if q.split == split) for name, questions in self.subsets.items()},
            unanswerable=tuple(q for q in self.unanswerable if q.split == split),
            near=tuple(q for q in self.near if q.split == split),
            proposals=tuple(p for p in self.proposals if p.split == split),
        )
        if not any(chosen.subsets.values()):
            found = sorted({q.split for questions in self.subsets.values() for q in questions if q.split})
            raise TestSetError(
                f"{self.name} has no questions of the split {split!r}; it has {', '.join(found) or 'no splits'}"
            )
        return chosen

    def of_subsets(self, names: Sequence[str]) -> "TestSet":
        unknown = [name for name in names if name not in self.subsets]
        if unknown:
            raise TestSetError(f"{self.name} has no subset {unknown[0]!r}; it has {', '.join(self.subsets)}")
        return replace(
            self,
            subsets={name: self.subsets[name] for name in names},
            unanswerable=tuple(q for q in self.unanswerable if q.subset in names),
            near=tuple(q for q in self.near if q.subset in names),
            proposals=tuple(p for p in self.proposals if p.subset in names),
        )

    def sample(self, size: int, seed: int) -> "TestSet":
        """At most `size` questions of each subset, the same for the same seed, in the files' order."""
        return replace(self, subsets={name: _sample(questions, size, seed) for name, questions in self.subsets.items()})


def _sample(questions: tuple[Question, ...], size: int, seed: int) -> tuple[Question, ...]:
    if len(questions) <= size:
        return questions
    return tuple(questions[i] for i in sorted(Random(seed).sample(range(len(questions)), size)))


def read_shipped() -> TestSet:
    """The set over the sixteen cases that comes with the package (eval/questions)."""
    with as_file(files("baycase.eval") / "questions") as folder:
        return replace(read_folder(folder), name=SHIPPED)


def read_folder(folder: Path | str) -> TestSet:
    """A folder in BEIR's form, with subsets or plain. Raises TestSetError where there is none."""
    folder = Path(folder)
    if not folder.is_dir():
        raise TestSetError(
            f"{folder}: no such folder; expected one with queries-<subset>.jsonl (or queries.jsonl) and qrels/"
        )
    problems: list[str] = []
    subsets = {
        name: _questions(queries, qrels, name, complete, problems) for name, queries, qrels, complete in _pairs(folder)
    }
    if not any(subsets.values()):
        raise TestSetError(f"{folder} holds no usable question" + (f": {problems[0]}" if problems else ""))
    corpus = folder / "corpus.jsonl"
    return TestSet(
        folder.resolve().name,
        subsets,
        tuple(_refused(folder / "unanswerable.jsonl", problems)),
        tuple(_refused(folder / "near.jsonl", problems)),
        tuple(_proposals(folder / "proposals.jsonl", problems)),
        corpus if corpus.is_file() else None,
        tuple(problems),
    )


def _pairs(folder: Path) -> list[tuple[str, Path, Path, bool]]:
    """(subset, queries file, qrels file, whether every query should be judged)."""
    named = sorted(folder.glob("queries-*.jsonl"))
    pairs = [
        (p.stem.removeprefix("queries-"), p, folder / "qrels" / f"{p.stem.removeprefix('queries-')}.tsv", True)
        for p in named
    ]
    plain = folder / "queries.jsonl"
    if not pairs and plain.is_file():
        # BEIR keeps the questions of every split in one file; those of another split are not judged here.
        qrels = [folder / "qrels" / "test.tsv"]
        if not qrels[0].is_file():
            qrels = sorted((folder / "qrels").glob("*.tsv"))
        pairs = [(path.stem, plain, path, False) for path in qrels]
    if not pairs:
        raise TestSetError(
            f"{folder}: no test set; expected queries-<subset>.jsonl or queries.jsonl, and qrels/<subset>.tsv"
        )
    missing = [qrels for _, _, qrels, _ in pairs if not qrels.is_file()]
    if missing:
        raise TestSetError(f"{missing[0]} is missing; each queries file needs its qrels")
    return pairs


def _questions(queries: Path, qrels: Path, subset: str, complete: bool, problems: list[str]) -> tuple[Question, ...]:
    judged = _qrels(qrels, problems)
    questions: dict[str, Question] = {}
    for number, record in _records(queries, problems):
        place = f"{queries.name}, line {number}"
        try:
            question = _question(record, subset, judged)
        except (KeyError, TypeError, ValueError, AttributeError, QueryError) as error:
            problems.append(f"{place}: {_reason(error)}")
            continue
        if question.id in questions:
            problems.append(f"{place}: the id {question.id!r} occurs twice")
        elif question.relevant:
            questions[question.id] = question
        elif complete:
            problems.append(f"{place}: {question.id!r} has no relevant document in {qrels.name}")
    for query_id in judged:
        if query_id not in questions and complete and judged[query_id]:
            problems.append(f"{qrels.name}: {query_id!r} is judged but not asked in {queries.name}")
    return tuple(questions.values())


def _question(record: Mapping[str, Any], subset: str, judged: Mapping[str, Mapping[str, int]]) -> Question:
    query_id = str(record["_id"])
    about = record.get("metadata") or {}
    case = about.get("case")
    return Question(
        query_id,
        checked(str(record["text"]), MAX_QUESTION, "question"),
        subset,
        judged.get(query_id, {}),
        tuple(map(str, about.get("answers") or ())),
        tuple(_evidence(e) for e in about.get("evidence") or ()),
        str(about.get("type") or ""),
        str(about.get("style") or ""),
        str(about.get("split") or ""),
        f"case {case}" if case is not None else query_id,
    )


def _evidence(record: Mapping[str, Any]) -> Evidence:
    return Evidence(str(record["doc_id"]), int(record["start"]), int(record["end"]), str(record["quote"]),
                    int(record.get("grade", ANSWERS)))  # fmt: skip


def _qrels(path: Path, problems: list[str]) -> dict[str, dict[str, int]]:
    """query id → document id → grade, from BEIR's three columns or TREC's four; grades below 1 are left out."""
    judged: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_lines(path), 1):
        fields = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
        if len(fields) == 4:
            fields = [fields[0], *fields[2:]]
        if not line.strip() or (number == 1 and fields[-1].strip().lower() in ("score", "relevance", "rel")):
            continue
        try:
            query_id, doc_id, grade = fields
            grades = judged.setdefault(query_id, {})
            if int(grade) >= RELEVANT:
                grades[doc_id] = max(int(grade), grades.get(doc_id, 0))
        except ValueError:
            problems.append(
                f"{path.name}, line {number}: expected query-id, corpus-id and a whole number, found {line[:60]!r}"
            )
    return judged


def _refused(path: Path, problems: list[str]) -> Iterator[Question]:
    for number, record in _records(path, problems) if path.is_file() else ():
        try:
            yield _question(record, str((record.get("metadata") or {})["language"]), {})
        except (KeyError, TypeError, ValueError, AttributeError, QueryError) as error:
            problems.append(f"{path.name}, line {number}: {_reason(error)}")


def _proposals(path: Path, problems: list[str]) -> Iterator[Proposal]:
    for number, record in _records(path, problems) if path.is_file() else ():
        try:
            about = record["metadata"]
            yield Proposal(
                str(record["_id"]),
                checked(str(record["text"]), MAX_PROPOSAL, "proposal"),
                str(about["language"]),
                {str(doc_id): int(grade) for doc_id, grade in about["similar"].items()},
                tuple(
                    Point(str(p["point"]), tuple(_evidence(e) for e in p["precedents"]))
                    for p in about.get("points", ())
                ),
                str(about.get("split") or ""),
                f"case {about['case']}" if "case" in about else str(record["_id"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError, QueryError) as error:
            problems.append(f"{path.name}, line {number}: {_reason(error)}")


def _records(path: Path, problems: list[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict):
            yield number, record
        else:
            problems.append(f"{path.name}, line {number}: not a JSON object: {line.strip()[:60]!r}")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise TestSetError(f"{path} cannot be read ({error}); expected UTF-8 text") from error


def _reason(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
