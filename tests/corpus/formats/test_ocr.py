"""Scanned pages: a picture of a printed page comes back as the case that was printed. Needs the extra `ocr`."""

import difflib
import re

import pytest

from baycase.corpus.sandbox import read_documents
from tests.corpus.formats import making

pytest.importorskip("rapidocr", reason="pip install 'baycase[ocr]'")


def test_scanned_cases_are_read_with_their_pages(tmp_path, shipped):
    import pypdfium2

    printed = making.cases_pdf(tmp_path / "printed.pdf", shipped[2:5])
    with pypdfium2.PdfDocument(printed) as opened:
        pictures = [page.render(scale=2).to_pil().convert("L") for page in opened]  # pyright: ignore[reportArgumentType]
    assert len(pictures) > 1
    pictures[0].save(tmp_path / "scan.pdf", save_all=True, append_images=pictures[1:])
    documents = read_documents(tmp_path / "scan.pdf")
    assert [document.case and document.case.number for document in documents] == [3, 4, 5]
    pages = {piece.page for document in documents for piece in document.source_map.pieces}
    assert pages == set(range(1, len(pictures) + 1))
    for document, meant in zip(documents, shipped[2:5], strict=True):
        assert making.HEADER not in document.text
        read, expected = (re.sub(r"\W", "", text) for text in (document.text, meant.text))
        assert difflib.SequenceMatcher(None, read, expected, autojunk=False).ratio() > 0.97
        assert document.case and meant.case and len(document.case.measures) == len(meant.case.measures)
