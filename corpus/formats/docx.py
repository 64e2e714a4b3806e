"""Word documents: paragraphs in their order, a line each; offsets of the map count the text so extracted.

A list's item has its number as text, a table's row is a line, a text box follows the
paragraph it is anchored in. Left out: headers and footers, tables of contents, deleted text of
tracked changes, comments, footnotes.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from baycase.corpus.formats.archive import check_archive
from baycase.corpus.formats.docx_lists import Lists
from baycase.corpus.formats.extracted import cleaned, extracted_documents, row_text
from baycase.corpus.limits import Limits
from baycase.corpus.records import Document
from baycase.corpus.shown import shown
from baycase.errors import DocumentError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATHS_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_LEFT_OUT = frozenset((f"{_W}del", f"{_W}moveFrom", f"{_W}rt", f"{_W}pPr", f"{_W}rPr", f"{_W}tblPr", _FALLBACK))
_MARKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}


def read(path: Path, source: str, limits: Limits) -> Iterator[Document]:
    return extracted_documents("\n".join(_lines(path, limits)), path, source, limits)


def _lines(path: Path, limits: Limits) -> list[str]:
    check_archive(path, "word/document.xml", limits)
    from docx import Document as open_docx

    try:
        document = open_docx(str(path))
        lines = list(_block_lines(document.element.body, Lists(document)))
    except (DocumentError, MemoryError):
        raise
    except RecursionError as error:
        raise DocumentError(f"{shown(path)}: nested too deeply for a Word document") from error
    except zipfile.BadZipFile as error:
        raise DocumentError(f"{shown(path)}: damaged; it cannot be unpacked") from error
    except Exception as error:  # python-docx raises what comes: KeyError, ValueError, lxml's errors
        reason = shown(str(error)[:80] or type(error).__name__)
        raise DocumentError(f"{shown(path)}: not a Word document, or a damaged one ({reason})") from error
    return lines


def _block_lines(block, lists: Lists) -> Iterator[str]:
    """The lines of a body, a cell, a text box or a content control."""
    for child in block.iterchildren():
        if child.tag == f"{_W}p":
            yield from _paragraph(child, lists)
        elif child.tag == f"{_W}tbl":
            yield from _table(child, lists)
        elif isinstance(child.tag, str) and child.tag not in _LEFT_OUT:
            yield from _block_lines(child, lists)  # w:sdt, w:customXml, w:ins hold blocks


def _paragraph(paragraph, lists: Lists) -> Iterator[str]:
    if lists.is_contents(paragraph):
        return
    parts: list[str] = []
    boxes: list = []
    _collect(paragraph, parts, boxes)
    text = cleaned("".join(parts))
    if text.strip():
        number = lists.number(paragraph)
        for line in f"{number}{text.lstrip() if number else text}".split("\n"):
            yield line.rstrip()
    for box in boxes:
        yield from _block_lines(box, lists)


def _collect(element, parts: list[str], boxes: list) -> None:
    """The text of a paragraph's runs into `parts`; the text boxes in it into `boxes`."""
    for child in element.iterchildren():
        tag = child.tag
        if tag in (f"{_W}t", _MATHS_TEXT):
            parts.append(child.text or "")
        elif tag in _MARKS:
            parts.append(_MARKS[tag])
        elif tag == f"{_W}txbxContent":
            boxes.append(child)
        elif isinstance(tag, str) and tag not in _LEFT_OUT:
            _collect(child, parts, boxes)


def _table(table, lists: Lists) -> Iterator[str]:
    """Its rows; a cell of several lines makes the row's cells lines of their own (a table used for layout)."""
    for row in table.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl"), None) is not table:
            continue  # of a table inside, which its cell gives
        cells = [list(_block_lines(cell, lists)) for cell in _cells(row)]
        lines = [[line for line in cell if line.strip()] for cell in cells]
        # A label and a value of several paragraphs (报送单位 | …) stay together at the value's first line.
        if any(len(cell) > 1 for cell in lines):
            if len(lines) == 2 and len(lines[0]) == 1 and lines[1]:
                yield row_text([lines[0][0], lines[1][0]])
                yield from lines[1][1:]
            else:
                for cell in lines:
                    yield from cell
        elif text := row_text([cell[0] for cell in lines if cell]):
            yield text


def _cells(row) -> Iterator:
    for child in row.iterchildren():
        if child.tag == f"{_W}tc":
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins"):
            yield from _cells(child)
