"""PDF: the text of its pages in reading order, without running headers, footers and page numbers.

Offsets of the map count the text of the pages as the PDF gives it, one line after the other, and
each piece carries its page. Here lines come off the pages; `pdf_layout` says which are the text and where paragraphs
begin. A page that is only a picture is read by `ocr`, where that is installed.
"""

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pypdfium2.raw as pdfium

from baycase.corpus.formats import ocr
from baycase.corpus.formats.extracted import check_text, cleaned
from baycase.corpus.formats.pdf_layout import Line, body, running
from baycase.corpus.limits import Limits
from baycase.corpus.reader import text_documents
from baycase.corpus.records import Document
from baycase.corpus.shown import shown
from baycase.errors import DocumentError, DocumentWarning, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterable

# pdfium's signs for a hyphen at the end of a line, which it takes for a soft one.
_HYPHENS = (0x02, 0xFFFE)
# Words that keep their hyphen: cross-boundary, self-assessment.
_COMPOUND = frozenset(
    "all cross co full half high ill long low mid multi non one part post self short so two three well".split()
)


def read(path: Path, source: str, limits: Limits) -> Iterator[Document]:
    text, source_map = running(body(_page_lines(path, limits)))
    check_text(text, path, limits)
    return text_documents(text, source_map, path.stem, source)


# -- lines off the pages ---------------------------------------------------------------------


def _page_lines(path: Path, limits: Limits) -> list[list[Line]]:
    """The lines of each page from top to bottom as the PDF orders them."""
    name = shown(path)
    pictures: list[int] = []
    pages: list[list[Line]] = []
    with _opened(path) as document:
        count = len(document)
        if count > limits.pages:
            raise DocumentError(f"{name}: {count:,} pages; a PDF may have {limits.pages:,} (split it)")
        offset = characters = 0
        for number in range(1, count + 1):
            try:
                page = document[number - 1]
            except pypdfium2.PdfiumError:
                warnings.warn(f"{name}: page {number} is damaged and left out", DocumentWarning, stacklevel=2)
                continue
            try:
                found = list(_text_lines(page, number, limits))
                if not found and _has_content(page):
                    pictures.append(number)
                    if ocr.installed() and len(pictures) <= limits.ocr_pages:
                        found = [Line(*line) for line in ocr.lines(page, number)]
            finally:
                page.close()
            placed = []
            for line in found:
                placed.append(replace(line, start=offset))
                offset += len(line.text) + 1
                characters += len(line.text)
            if characters > limits.characters:
                raise DocumentError(f"{name}: more than {limits.characters:,} characters of text (split it)")
            pages.append(placed)
    _report(name, pictures, any(pages), limits)
    return pages


def _opened(path: Path) -> pypdfium2.PdfDocument:
    name = shown(path)
    try:
        with path.open("rb") as stream:
            beginning = stream.read(1024)
    except OSError as error:
        raise DocumentError(f"{name}: cannot be read: {error.strerror}") from error
    if not beginning.strip():
        raise DocumentError(f"{name}: the file is empty; there is nothing to index")
    if b"%PDF" not in beginning:
        raise DocumentError(f"{name}: not a PDF file; rename it to what it is")
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise DocumentError(f"{name}: encrypted; save it without a password") from error
        if error.err_code == pdfium.FPDF_ERR_SECURITY:
            raise DocumentError(f"{name}: encrypted in a way that is not known; save it without") from error
        raise DocumentError(f"{name}: not a PDF file, or a damaged one; open and save it anew") from error


def _report(name: str, pictures: Sequence[int], any_text: bool, limits: Limits) -> None:
    """What became of pages without text: an error where nothing else is there, else a warning."""
    unread = pictures[limits.ocr_pages :] if ocr.installed() else pictures
    if not unread:
        return
    where = f"page {unread[0]}" if len(unread) == 1 else f"{len(unread)} pages (the first is {unread[0]})"
    if ocr.installed():
        advice = f"{limits.ocr_pages} pages of a file are read as pictures"
    else:
        advice = "scanned pages are read with: pip install 'baycase[ocr]'"
    if not any_text:
        raise MissingExtraError(f"{name}: no text on {where}; {advice}")
    warnings.warn(f"{name}: no text on {where}, left out; {advice}", DocumentWarning, stacklevel=2)


def _has_content(page: pypdfium2.PdfPage) -> bool:
    return next(iter(page.get_objects(max_depth=3)), None) is not None


def _text_lines(page: pypdfium2.PdfPage, number: int, limits: Limits) -> Iterator[Line]:
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if count > limits.characters:
            raise DocumentError(f"page {number} has {count:,} characters; a file may have {limits.characters:,}")
        characters = [pdfium.FPDFText_GetUnicode(text_page, at) for at in range(count)]
        first = 0
        for at in range(count + 1):
            hyphenated = at < count and characters[at] in _HYPHENS
            if at == count or hyphenated or characters[at] in (0x0A, 0x0D):
                line = _line(text_page, characters, first, at, number, hyphenated)
                if line is not None:
                    yield line
                first = at + 1
    finally:
        text_page.close()


def _line(
    text_page: pypdfium2.PdfTextPage, characters: list[int], first: int, after: int, page: int, hyphenated: bool
) -> Line | None:
    codes = (code if code < 0x110000 else 0xFFFD for code in characters[first:after])
    text = cleaned(_joined_surrogates(codes)).replace("\n", " ").strip()
    if not text:
        return None
    inked = [at for at in range(first, after) if characters[at] > 0x20 and characters[at] not in (0xA0, 0x3000)]
    if not inked:
        return None
    left, bottom, _, top = text_page.get_charbox(inked[0], loose=True)
    right = text_page.get_charbox(inked[-1], loose=True)[2]
    hyphen = "-" if hyphenated and _keeps_hyphen(text, characters, after) else ""
    return Line(text + hyphen, page, 0, left, right, bottom, top, hyphenated)


def _keeps_hyphen(text: str, characters: list[int], at: int) -> bool:
    """Whether the hyphen at the end of the line is a part of the word, and not of its being cut in two."""
    before = re.search(r"[A-Za-z0-9]*$", text)
    word = before.group() if before else ""
    return word.lower() in _COMPOUND or word.isdigit() or chr(min(characters[at + 1 : at + 2] or [0x20])).isdigit()


def _joined_surrogates(codes: "Iterable[int]") -> str:
    """Characters of the codes, where a PDF may have written one above U+FFFF as two halves."""
    text = "".join(map(chr, codes))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
