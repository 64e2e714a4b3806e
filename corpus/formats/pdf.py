"""PDF: the text of its pages in reading order, without running headers, footers and page numbers.

Offsets of the map count the text of the pages as the PDF gives it, one line after the other, and
each piece carries its page. Where lines stand on the page (indents, gaps, full lines) tells where paragraphs
begin; `running_text` joins them. A page that is only a picture is read by `ocr`, where that is installed.
"""

import re
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pypdfium2
import pypdfium2.raw as pdfium

from baycase.corpus.formats import ocr
from baycase.corpus.formats.extracted import FIELD, Assembly, check_text, cleaned, composed
from baycase.corpus.limits import Limits
from baycase.corpus.reader import text_documents
from baycase.corpus.records import Document, SourceMap
from baycase.corpus.running_text import running_text
from baycase.corpus.shown import shown
from baycase.errors import DocumentError, DocumentWarning, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterable

_INDENT = "\u3000\u3000"
_EDGE_LINES = 3  # so many lines at the top and at the bottom of a page may be furniture
_HYPHEN = "\ufffe"  # pdfium's sign for a hyphen at the end of a line, which it takes for a soft one
_SENTENCE = re.compile(r"[。！？；]|[.!?]$")
_WIDE = re.compile("[\u2e80-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’—…]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line on a page; `start` is its offset in the source, coordinates are points from the lower left corner."""

    text: str
    page: int
    start: int
    left: float
    right: float
    bottom: float
    top: float


def read(path: Path, source: str, limits: Limits) -> Iterator[Document]:
    lines = _body(_page_lines(path, limits))
    text, source_map = _running(lines)
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
                placed.append(Line(line.text, number, offset, line.left, line.right, line.bottom, line.top))
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
            ends = at == count or characters[at] in (0x0A, 0x0D)
            hyphen = not ends and characters[at] == ord(_HYPHEN)
            if ends or hyphen:
                line = _line(text_page, characters, first, at, number, "-" if hyphen else "")
                if line is not None:
                    yield line
                first = at + 1
    finally:
        text_page.close()


def _line(
    text_page: pypdfium2.PdfTextPage, characters: list[int], first: int, after: int, page: int, hyphen: str
) -> Line | None:
    codes = (code if code < 0x110000 else 0xFFFD for code in characters[first:after])
    text = cleaned(_joined_surrogates(codes)).replace("\n", " ")
    if not text.strip():
        return None
    inked = [at for at in range(first, after) if characters[at] > 0x20 and characters[at] not in (0xA0, 0x3000)]
    if not inked:
        return None
    left, bottom, _, top = text_page.get_charbox(inked[0], loose=True)
    right = text_page.get_charbox(inked[-1], loose=True)[2]
    return Line(text.strip() + hyphen, page, 0, left, right, bottom, top)


def _joined_surrogates(codes: "Iterable[int]") -> str:
    """Characters of the codes, where a PDF may have written one above U+FFFF as two halves."""
    text = "".join(map(chr, codes))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# -- what is not the text --------------------------------------------------------------------


def _body(pages: Sequence[Sequence[Line]]) -> list[Line]:
    """All lines but running headers, footers and page numbers.

    What stands in one of the outermost lines of many pages, with the same words or with a number that counts
    the pages, is none of the text.
    """
    seen: Counter[tuple[str, int]] = Counter()
    for lines in pages:
        seen.update({key for line, zone in _edges(lines) for key in _keys(line, zone)})
    filled = sum(1 for lines in pages if lines)
    enough = max(2, min(4, round(0.4 * filled)))
    furniture = {key for key, count in seen.items() if count >= enough}
    body = []
    for lines in pages:
        dropped = {
            id(line)
            for line, zone in _edges(lines)
            if not FIELD.match(line.text) and (_keys(line, zone) & furniture or _is_page_number(line, zone, filled))
        }
        body += [line for line in lines if id(line) not in dropped]
    return body


def _edges(lines: Sequence[Line]) -> list[tuple[Line, int]]:
    """The outermost lines with their zone: 1 at the top of the page, -1 at its bottom."""
    by_height = sorted(lines, key=lambda line: -line.top)
    top = [(line, 1) for line in by_height[:_EDGE_LINES]]
    return top + [(line, -1) for line in by_height[_EDGE_LINES:][-_EDGE_LINES:] or by_height[-1:]]


def _keys(line: Line, zone: int) -> set[tuple[str, int]]:
    """The line as it stands, and, where it is no sentence, with each number as a distance from the page's number."""
    text = " ".join(unicodedata.normalize("NFKC", line.text).split())
    keys = {(text, zone)}
    if _SENTENCE.search(text):
        return keys
    for match in re.finditer(r"\d{1,6}", text):
        distance = int(match.group()) - line.page
        keys.add((f"{text[: match.start()]}#{distance}{text[match.end() :]}", zone))
    return keys


def _is_page_number(line: Line, zone: int, pages: int) -> bool:
    """The page number of a document too short for repetition."""
    return pages < 2 and zone == -1 and re.fullmatch(r"[-—–\s]*1[-—–\s]*", line.text) is not None


# -- paragraphs ------------------------------------------------------------------------------


def _running(lines: Sequence[Line]) -> tuple[str, SourceMap]:
    """The lines as running text, with the map to the source and its pages."""
    shape = _Shape.of(lines)
    assembly = Assembly()
    for before, line in zip([None, *lines], lines, strict=False):
        if before is not None:
            assembly.add("\n\n" if shape.gap(before, line) else "\n")
        if shape.indented(before, line):
            assembly.add(_INDENT)
        assembly.take(line.text, line.start, line.page)
    hinted, to_source = assembly.finish()
    restored = running_text(hinted)
    if restored.text != hinted or len(lines) < 2:
        return restored.text, composed(restored.source_map, to_source)
    return _joined(lines, shape)


def _joined(lines: Sequence[Line], shape: "_Shape") -> tuple[str, SourceMap]:
    """For a text too short or too varied to show its width in characters: lines that are full go on in the next."""
    assembly = Assembly()
    for before, line in zip([None, *lines], lines, strict=False):
        if before is not None:
            if FIELD.match(line.text) or not shape.goes_on(before, line):
                assembly.add("\n")
            elif not (before.text.endswith("-") or _WIDE.match(before.text[-1]) or _WIDE.match(line.text[0])):
                assembly.add(" ")
        assembly.take(line.text, line.start, line.page)
    return assembly.finish()


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where the lines of a document usually begin and end, in points, and how far apart they are."""

    left: float
    right: float
    em: float
    leading: float

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "_Shape":
        if not lines:
            return cls(0, 0, 1, 1)
        em = max(median(line.top - line.bottom for line in lines), 1.0)
        long = [line for line in lines if line.right - line.left > 15 * em] or list(lines)
        left = Counter(round(line.left) for line in long).most_common(1)[0][0]
        rights = sorted(line.right for line in long)
        steps = [a.top - b.top for a, b in pairwise(lines) if a.page == b.page and a.top > b.top]
        return cls(left, rights[len(rights) * 3 // 4], em, median(steps) if steps else 1.5 * em)

    def gap(self, before: Line, line: Line) -> bool:
        return before.page == line.page and before.top - line.top > 1.45 * self.leading

    def indented(self, before: Line | None, line: Line) -> bool:
        deeper = line.left > self.left + 1.2 * self.em
        return deeper and (before is None or line.left > before.left + 1.2 * self.em)

    def goes_on(self, before: Line, line: Line) -> bool:
        full = before.right >= self.right - 2.5 * self.em
        return full and not self.gap(before, line) and not self.indented(before, line)
