"""Word documents: paragraphs in their order, a line each; offsets of the map count the text so extracted.

A list's item has its number as text, a table's row is a line, a text box or a footnote follows the
paragraph it is anchored in. Tracked changes are read as accepted. The rows of a table of cases are
cases, after the rest of the text. Left out: headers and footers, tables of contents, hidden text, comments.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] - no types in the package

from baycase.corpus.formats.archive import check_archive
from baycase.corpus.formats.docx_lists import Lists
from baycase.corpus.formats.extracted import cleaned, extracted_documents, row_lines
from baycase.corpus.formats.tables import CaseTable, case_table, with_cases
from baycase.corpus.limits import Limits
from baycase.corpus.records import Document
from baycase.corpus.shown import shown
from baycase.errors import DocumentError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATHS_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_LEFT_OUT = frozenset((f"{_W}del", f"{_W}moveFrom", f"{_W}rt", f"{_W}pPr", f"{_W}rPr", f"{_W}tblPr", _FALLBACK))
_MARKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_NOTES = {f"{_W}footnoteReference": "footnotes", f"{_W}endnoteReference": "endnotes"}
_NOTE = "注："


def read(path: Path, source: str, limits: Limits) -> Iterator[Document]:
    return extracted_documents(with_cases(_blocks(path, limits)), path, source, limits)


def _blocks(path: Path, limits: Limits) -> list[str | CaseTable]:
    """Lines, and tables of cases, in the document's order."""
    check_archive(path, "word/document.xml", limits)
    from docx import Document as open_docx

    try:
        document = open_docx(str(path))
        return list(_Words(document).blocks(document.element.body))
    except (DocumentError, MemoryError):
        raise
    except RecursionError as error:
        raise DocumentError(f"{shown(path)}: nested too deeply for a Word document") from error
    except zipfile.BadZipFile as error:
        raise DocumentError(f"{shown(path)}: damaged; it cannot be unpacked") from error
    except Exception as error:  # python-docx raises what comes: KeyError, ValueError, lxml's errors
        reason = shown(str(error)[:80] or type(error).__name__)
        raise DocumentError(f"{shown(path)}: not a Word document, or a damaged one ({reason})") from error


class _Words:
    """The words of a document, with what they need from its other parts: list numbers and notes."""

    def __init__(self, document) -> None:
        self._lists = Lists(document)
        self._notes = {kind: _notes(document, kind) for kind in _NOTES.values()}

    def blocks(self, block) -> Iterator[str | CaseTable]:
        """Those of a body, a cell, a text box, a note or a content control."""
        unfinished = _Paragraph()  # its mark was deleted: it goes on in the next one
        for child in block.iterchildren():
            if child.tag == f"{_W}p":
                if self._lists.is_contents(child):
                    continue
                unfinished.collect(child)
                if _mark_deleted(child):
                    continue
                yield from self._lines(unfinished, self._lists.number(child) if unfinished.text.strip() else "")
                unfinished = _Paragraph()
            elif child.tag == f"{_W}tbl":
                yield from self._table(child)
            elif isinstance(child.tag, str) and child.tag not in _LEFT_OUT:
                yield from self.blocks(child)  # w:sdt, w:customXml, w:ins hold blocks
        yield from self._lines(unfinished, "")

    def _lines(self, paragraph: "_Paragraph", number: str) -> Iterator[str | CaseTable]:
        text = paragraph.text
        if text.strip():
            for line in f"{number}{text.lstrip() if number else text}".split("\n"):
                yield line.rstrip()
        for box in paragraph.boxes:
            yield from self.blocks(box)
        for kind, name in paragraph.notes:
            # Each once: a note that is referred to again, or from within itself, has been read.
            if (note := self._notes[kind].pop(name, None)) is not None and (words := " ".join(self._inner(note))):
                yield _NOTE + words

    def _inner(self, block) -> list[str]:
        """The lines of a part inside another, where no table of cases is looked for."""
        lines = (each.lines if isinstance(each, CaseTable) else (each,) for each in self.blocks(block))
        return [line.strip() for some in lines for line in some if line.strip()]

    def _table(self, table) -> Iterator[str | CaseTable]:
        """Its rows; a cell of several lines makes the row's cells lines of their own (a table used for layout)."""
        # Rows of a table inside are given by their cell.
        rows = [row for row in table.iter(f"{_W}tr") if next(row.iterancestors(f"{_W}tbl"), None) is table]
        cells = [[self._inner(cell) for cell in _cells(row)] for row in rows]
        lines = tuple(line for row in cells for line in row_lines(row))
        yield from [found] if (found := case_table(cells, lines)) else lines


class _Paragraph:
    """A paragraph's text as it is collected, and what is anchored in it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.boxes: list = []
        self.notes: list[tuple[str, str]] = []

    @property
    def text(self) -> str:
        return cleaned("".join(self._parts))

    def collect(self, element) -> None:
        for child in element.iterchildren():
            tag = child.tag
            if tag in (f"{_W}t", _MATHS_TEXT):
                self._parts.append(child.text or "")
            elif tag in _MARKS:
                self._parts.append(_MARKS[tag])
            elif tag in _NOTES:
                self.notes.append((_NOTES[tag], child.get(f"{_W}id") or ""))
            elif tag == f"{_W}txbxContent":
                self.boxes.append(child)
            elif isinstance(tag, str) and tag not in _LEFT_OUT and not _hidden(child):
                self.collect(child)


def _mark_deleted(paragraph) -> bool:
    return paragraph.find(f"{_W}pPr/{_W}rPr/{_W}del") is not None


def _hidden(run) -> bool:
    vanish = run.find(f"{_W}rPr/{_W}vanish") if run.tag == f"{_W}r" else None
    return vanish is not None and vanish.get(f"{_W}val") not in ("0", "false", "off")


def _notes(document, kind: str) -> dict[str, object]:
    """The footnotes or endnotes by their id; Word's own rules between text and notes have a type."""
    part = next((r.target_part for r in document.part.rels.values() if r.reltype.endswith(f"/{kind}")), None)
    if part is None:
        return {}
    root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
    return {note.get(f"{_W}id"): note for note in root.iterchildren() if note.get(f"{_W}type") is None}


def _cells(row) -> Iterator:
    for child in row.iterchildren():
        if child.tag == f"{_W}tc":
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins"):
            yield from _cells(child)
