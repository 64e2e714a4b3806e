"""The sixteen cases, written as files of each format and read back: the same cases, the same fields, the same text."""

import csv
import re
from typing import Any

import pytest

from baycase.corpus.reader import read_path
from baycase.corpus.records import Document
from baycase.corpus.sandbox import read_documents
from tests.corpus.formats import making


def bare(text: str | None) -> str:
    return re.sub(r"\s+", "", text or "")


def fields(document: Document) -> dict:
    """Every field's words without white space; offsets left out."""

    def words(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: words(v) for k, v in value.items() if k not in ("start", "end")}
        return (
            [words(each) for each in value]
            if isinstance(value, list)
            else bare(value)
            if isinstance(value, str)
            else value
        )

    return words(document.card() or {})


WRITERS = {
    "cases.docx": making.cases_docx,
    "wrapped.docx": making.wrapped_docx,
    "cases.html": making.cases_html,
    "gb.htm": lambda path, documents: making.cases_html(path, documents, "gb18030"),
    "cases.md": making.cases_markdown,
    "cases.pdf": making.cases_pdf,
    "spaced.pdf": lambda path, documents: making.cases_pdf(path, documents, indents=False),
    "cases.xlsx": lambda path, documents: making.xlsx(path, making.cases_rows(documents), "第二批典型案例一览"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sixteen")


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_sixteen_cases_come_back(name, folder, shipped):
    path = WRITERS[name](folder / name, shipped)
    read = list(read_path(path))
    assert [document.doc_id for document in read] == [f"{path.stem}-{n:02d}" for n in range(1, 17)]
    for ours, theirs in zip(shipped, read, strict=True):
        assert bare(theirs.text) == bare(ours.text)
        assert fields(theirs) == fields(ours)
        # Paragraphs too: the same lines.
        assert [bare(each) for each in making.paragraphs(theirs)] == [bare(each) for each in making.paragraphs(ours)]
        for passage in theirs.passages:
            assert passage.span.of(theirs.text).strip()


def test_a_csv_in_gb18030_and_its_rows(folder, shipped):
    path = folder / "cases.csv"
    with path.open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream).writerows(making.cases_rows(shipped))
    assert [fields(document) for document in read_path(path)] == [fields(document) for document in shipped]


def test_the_sandbox_gives_what_reading_gives(folder, shipped):
    for name in ("cases.pdf", "cases.docx", "cases.html"):
        path = WRITERS[name](folder / f"same-{name}", shipped)
        assert read_documents(path) == list(read_path(path))
