"""What a refresh reuses: pieces and their terms, and that the generation is to the byte the one that is made anew."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baycase.corpus.reader import text_documents
from baycase.corpus.records import Document, Rendering, SourceMap
from baycase.index import build, generation, pieces
from baycase.index.arrays import Ragged, TermRows
from baycase.index.build import open_writer
from baycase.index.doctor import examine
from baycase.index.pieces import ANALYSES, NOTHING, PieceTerms, open_kept, pieces_of
from tests.index.survival import HashEncoder

TEXT = "“跨境数据流动吗？”前海回答：可以。\n\nData flows since 2023. 数据跨境；規則銜接！（見附件。）完"


def document(name: str, text: str) -> Document:
    (made,) = text_documents(text, SourceMap(), name, f"/files/{name}.txt")
    return made


def manifest(folder: Path) -> dict:
    """The newest generation's, without what names it."""
    number = max(int(path.name) for path in (folder / "generations").glob("[0-9]*"))
    found = json.loads((folder / "generations" / str(number) / "manifest.json").read_bytes())
    return {name: value for name, value in found.items() if name not in ("number", "digest")}


def put(folder: Path, *documents: Document) -> None:
    with open_writer(folder) as writer:
        writer.refresh(documents, HashEncoder())


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pieces whose words are looked for."""
    found: list[str] = []
    words = ANALYSES["words"]
    monkeypatch.setitem(ANALYSES, "words", lambda piece: found.append(piece) or words(piece))
    return found


def test_pieces_are_the_text() -> None:
    assert pieces_of(TEXT) == [
        "“跨境数据流动吗？”",
        "前海回答：可以。\n\n",
        "Data flows since 2023. 数据跨境；",
        "規則銜接！",
        "（見附件。）",
        "完",
    ]
    assert pieces_of("") == []


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("数據跨境流动香港A1b .,。；！？\n”（）％Ａ7年"), max_size=60))
def test_terms_of_a_text_are_those_of_its_pieces(text: str) -> None:
    assert "".join(pieces_of(text)) == text
    for analyse in ANALYSES.values():
        assert Counter(analyse(text)) == Counter(term for piece in pieces_of(text) for term in analyse(piece))


@pytest.mark.parametrize("step", ["change", "add", "remove", "render"])
def test_a_refreshed_generation_is_the_rebuilt_one(step: str, tmp_path: Path, analysed: list[str]) -> None:
    folder = tmp_path / "library"
    first, second = document("a", TEXT), document("b", "横琴口岸通关时间缩短了30分钟。数据跨境；規則銜接！")
    put(folder, first, second)
    analysed.clear()
    if step == "change":
        put(folder, document("a", TEXT.replace("可以", "不可以")))
        assert [piece for piece in analysed if "不可以" in piece] == analysed != []
    elif step == "add":
        put(folder, document("c", "南沙有新的一句。数据跨境；"))
        assert set(analysed) == {"南沙有新的一句。", "c\n"} & set(analysed) and "南沙有新的一句。" in analysed
    elif step == "remove":
        with open_writer(folder) as writer:
            writer.remove(["a"], HashEncoder())
        assert analysed == []
    else:
        with open_writer(folder) as writer:
            sentence = second.passages[0].sentences[0].span.of(second.text)
            writer.add_renderings([Rendering(sentence, "en", "Clearance is quicker.", "project")], HashEncoder())
        assert analysed == ["Clearance is quicker."]
    refreshed = manifest(folder)
    analysed.clear()
    with open_writer(folder) as writer:
        writer.rebuild(HashEncoder())
    assert len(analysed) > 2, "a rebuild reuses nothing"
    assert manifest(folder) == refreshed
    assert examine(folder) == ([], [])


@pytest.mark.parametrize("harm", ["change a byte", "delete", "add a file", "another digest", "no manifest entry"])
def test_nothing_is_reused_of_what_is_not_as_it_was_written(
    harm: str, tmp_path: Path, analysed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "library"
    put(folder, document("a", TEXT), document("b", "横琴。"))
    kept = folder / "generations" / "1" / generation.KEPT
    path = kept / "words.values.npy"
    if harm == "change a byte":
        path.write_bytes(path.read_bytes()[:-1] + b"\x07")
    elif harm == "delete":
        path.unlink()
    elif harm == "add a file":
        (kept / "more.npy").write_bytes(b"")
    elif harm == "another digest":
        monkeypatch.setattr(build, "analysis_digest", lambda: "of another version")
    else:
        monkeypatch.setattr(generation, "_wrong", lambda *_: ["all is wrong"])
    analysed.clear()
    put(folder, document("b", "横琴口岸。"))
    assert "完" in analysed
    monkeypatch.undo()
    refreshed = manifest(folder)
    with open_writer(folder) as writer:
        writer.rebuild(HashEncoder())
    assert {**manifest(folder), "analysis": ""} == {**refreshed, "analysis": ""}


def test_kept_files_that_do_not_fit_together_are_nothing(tmp_path: Path) -> None:
    held = PieceTerms()
    held.number([TEXT])
    held.terms()
    held.signatures([TEXT])
    held.save(tmp_path / "kept")
    assert open_kept(tmp_path / "kept").rows.keys() != set()
    for name, other in (("pieces", 3), ("words.bounds", 2), ("signatures", 1)):
        path = tmp_path / "kept" / f"{name}.npy"
        whole = path.read_bytes()
        np.save(path, np.load(path)[:-other])
        assert open_kept(tmp_path / "kept") is NOTHING
        path.write_bytes(whole)
    (tmp_path / "kept" / "words.json").write_text("[]")
    assert open_kept(tmp_path / "kept") is NOTHING


def test_digest_knows_the_users_glossary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = pieces.analysis_digest()
    path = tmp_path / "terms.tsv"
    path.write_text("zh\thant\ten\tdomain\tnote\n新词\t\tnew word\t\t\n")
    monkeypatch.setenv("BAYCASE_GLOSSARY", str(path))
    for cached in (pieces.load_glossary, pieces.analysis_digest):
        cached.cache_clear()
    try:
        assert pieces.analysis_digest() != before
    finally:
        monkeypatch.undo()
        for cached in (pieces.load_glossary, pieces.analysis_digest):
            cached.cache_clear()


def test_rows_of_terms_by_hand() -> None:
    terms = TermRows.of([["b", "a"], [], ["a", "c", "a"]])
    assert terms.names == ["b", "a", "c"] and terms.rows.values.tolist() == [0, 1, 1, 2, 1]
    some = TermRows(terms.rows.take(np.array([2, 1])), terms.names).only_used()
    assert (
        some.names == ["a", "c"] and some.rows.values.tolist() == [0, 1, 0] and some.rows.bounds.tolist() == [0, 3, 3]
    )
    joined = terms.rows.joined(Ragged.of([[0, 2], [], [1]]))
    assert joined.values.tolist() == [0, 1, 1, 2, 1] and joined.bounds.tolist() == [0, 5, 5, 5]
    assert TermRows.of([]).only_used().names == []
    assert not Ragged(np.array([0, 5], np.int32), np.array([0, 2])).fits(5)
    assert Ragged(np.array([0, 4], np.int32), np.array([0, 2])).fits(5)
