"""Text that was taken out of a file: cleaned, put together with its map, and made documents of.

Knows no format.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path

from baycase.corpus.limits import Limits
from baycase.corpus.reader import text_documents
from baycase.corpus.records import Document, Piece, SourceMap
from baycase.corpus.running_text import running_text
from baycase.corpus.shown import shown
from baycase.errors import DocumentError

# No text has these; programs that write files leave them in.
_NO_TEXT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")


def cleaned(text: str) -> str:
    """The text without control characters and broken surrogate pairs, every line break as \\n."""
    return _NO_TEXT.sub("", re.sub(r"\r\n?|[\x85\u2028\u2029]", "\n", text))


def extracted_documents(text: str, path: Path, source: str, limits: Limits) -> Iterator[Document]:
    """The documents of a text that is the source of its own map."""
    text = cleaned(text)  # references such as &#7; bring what the file itself does not have
    check_text(text, path, limits)
    restored = running_text(text)
    return text_documents(restored.text, restored.source_map, path.stem, source)


def check_text(text: str, path: Path, limits: Limits) -> None:
    """Raises DocumentError for no text, and for more than the limits allow."""
    if not text.strip():
        raise DocumentError(f"{shown(path)}: the file holds no text; there is nothing to index")
    if len(text) > limits.characters:
        raise DocumentError(
            f"{shown(path)}: {len(text):,} characters of text; one file may have {limits.characters:,} (split it)"
        )


class Assembly:
    """Collects text from places in a source into one text with its map."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._pieces: list[Piece] = []
        self._length = 0

    def take(self, text: str, source_start: int, page: int | None = None) -> None:
        """Characters that stand in the source at `source_start`, on `page`."""
        if text:
            self._pieces.append(Piece(self._length, source_start, len(text), page))
            self.add(text)

    def add(self, text: str) -> None:
        """Characters that the source does not have."""
        self._parts.append(text)
        self._length += len(text)

    def finish(self) -> tuple[str, SourceMap]:
        return "".join(self._parts), SourceMap(tuple(self._pieces))


def composed(outer: SourceMap, inner: SourceMap) -> SourceMap:
    """The map from the text of `outer`, whose source is the text of `inner`, to the source of `inner`."""
    pieces = []
    for piece in outer.pieces:
        end = piece.source_start + piece.length
        first_within = max(bisect_right(inner.pieces, piece.source_start, key=lambda each: each.start) - 1, 0)
        for at in range(first_within, len(inner.pieces)):
            within = inner.pieces[at]
            if within.start >= end:
                break
            first, last = max(within.start, piece.source_start), min(within.start + within.length, end)
            if first < last:
                start = piece.start + first - piece.source_start
                source_start = within.source_start + first - within.start
                pieces.append(Piece(start, source_start, last - first, within.page))
    return SourceMap(tuple(pieces))


_LABEL = r"案例名[称稱]|(?:[报報]送|申[报報]|[牵牽][头頭]|[实實]施)[单單]位"
# A line that says what a case is; never taken for a running header.
FIELD = re.compile(rf"案例\s*[一二三四五六七八九十百零〇\d]{{1,5}}\s*(?:[：:].*)?$|(?:{_LABEL})\s*[：:]")
# What tables and forms call a case's text.
TEXT_NAME = re.compile(
    r"(?:(?:案例|主要|具体|具體|创新|創新|改革|工作|实施|實施|取得)?的?"
    r"(?:正文|内容|內容|简介|簡介|概况|概況|概述|背景|情况|情況|做法|举措|舉措|措施|成效|成果|经验|經驗)[及和与與、/]?)+"
)
_LABEL_CELL = re.compile(rf"(?:{_LABEL})\s*[：:]?")


def row_text(cells: Sequence[str]) -> str:
    """A table's row as a line; labels and their values as the fields they are (报送单位：省法院), a line each."""
    kept = [" ".join(cell.split()) for cell in cells if cell.strip()]
    labels, values = kept[::2], kept[1::2]
    if values and len(labels) == len(values) and all(map(_LABEL_CELL.fullmatch, labels)):
        return "\n".join(f"{label.rstrip('：: ')}：{value}" for label, value in zip(labels, values, strict=True))
    return " | ".join(kept)


def row_lines(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table's row, each cell given by its lines; cells of several lines are lines of their own.

    A label and a value of several lines (报送单位 | …) stay together at the value's first line.
    """
    filled = [cell for cell in cells if cell]
    if all(len(cell) == 1 for cell in filled):
        if text := row_text([cell[0] for cell in filled]):
            yield text
    elif len(filled) == 2 and len(filled[0]) == 1:
        yield row_text([filled[0][0], filled[1][0]])
        yield from filled[1][1:]
    else:
        for cell in filled:
            yield from cell
