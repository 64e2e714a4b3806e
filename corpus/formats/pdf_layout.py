"""A PDF's lines as text: which of them are the text, and where its paragraphs begin.

Where lines stand on the page (columns, indents, gaps, full lines) tells that; `running_text` joins them. Knows
lines with their places, and nothing of how they came off the page.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from baycase.corpus.formats.extracted import FIELD, Assembly, composed
from baycase.corpus.records import SourceMap
from baycase.corpus.running_text import running_text

_INDENT = "\u3000\u3000"
_EDGE_LINES = 3  # so many lines at the top and at the bottom of a page may be furniture
_SENTENCE = re.compile(r"[。！？；]|[.!?]$")
_WIDE = re.compile("[\u2e80-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’—…]")
_LEADERS = re.compile(
    r"(?:…{2}|\.{5}|·{5}|(?:[.·] ){4}|_{6}|-{8})[….·_ -]{0,20}\s{0,5}[（(]?(?:\d{1,4}|[ivxlIVXL]{1,6})[）)]?$"
)
_CONTENTS = re.compile(r"目\s*[录錄次]|contents", re.I)


@dataclass(frozen=True, slots=True)
class Line:
    """A line on a page; `start` is its offset in the source, coordinates are points from the lower left corner.

    `hyphenated` says that its last word goes on in the next line.
    """

    text: str
    page: int
    start: int
    left: float
    right: float
    bottom: float
    top: float
    hyphenated: bool = False


def body(pages: Sequence[Sequence[Line]]) -> list[Line]:
    """All lines but running headers, footers, page numbers and tables of contents.

    What stands in one of the outermost lines of many pages, with the same words or with a number that counts
    the pages, is none of the text.
    """
    seen: Counter[tuple[str, int]] = Counter()
    for lines in pages:
        seen.update({key for line, zone in _edges(lines) for key in _keys(line, zone)})
    filled = sum(1 for lines in pages if lines)
    enough = max(2, min(4, round(0.4 * filled)))
    sentences = max(3, round(0.6 * filled))  # a sentence at the edge of two pages is more likely one of the text
    furniture = {key for key, count in seen.items() if count >= (sentences if _SENTENCE.search(key[0]) else enough)}
    kept = []
    for lines in pages:
        dropped = _contents(lines) | {
            id(line)
            for line, zone in _edges(lines)
            if not FIELD.match(line.text) and (_keys(line, zone) & furniture or _is_page_number(line, zone, filled))
        }
        kept += [line for line in lines if id(line) not in dropped]
    return kept


def _contents(lines: Sequence[Line]) -> set[int]:
    """The lines of a table of contents by their id: dots that lead to a number, under its heading."""
    leading = [at for at, line in enumerate(lines) if _LEADERS.search(line.text[-40:])]
    if len(leading) < 2:
        return set()
    above = lines[leading[0] - 1] if leading[0] else None
    found = {id(lines[at]) for at in leading}
    return found | ({id(above)} if above and _CONTENTS.fullmatch(above.text) else set())


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


def running(lines: Sequence[Line]) -> tuple[str, SourceMap]:
    """The lines as running text, with the map to the source and its pages."""
    shape = _Shape.of(lines)
    assembly = Assembly()
    for at, line in enumerate(lines):
        if at and not lines[at - 1].hyphenated:
            assembly.add("\n\n" if shape.gap(at) else "\n")
        if shape.indented(at):
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
    for at, line in enumerate(lines):
        if at and not lines[at - 1].hyphenated:
            before = lines[at - 1]
            if FIELD.match(line.text) or not shape.goes_on(at):
                assembly.add("\n")
            elif not (before.text.endswith("-") or _WIDE.match(before.text[-1]) or _WIDE.match(line.text[0])):
                assembly.add(" ")
        assembly.take(line.text, line.start, line.page)
    return assembly.finish()


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where the lines of each column usually begin and end, in points, and how far apart they are.

    A page's columns count from 0; `columns` has that of each line.
    """

    lines: Sequence[Line]
    columns: Sequence[int]
    edges: dict[int, tuple[float, float]]
    em: float
    leading: float

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "_Shape":
        if not lines:
            return cls((), (), {}, 1, 1)
        em = max(median(line.top - line.bottom for line in lines), 1.0)
        columns = [0]
        for before, line in pairwise(lines):
            beside = line.page == before.page and line.top > before.top + em and line.left > before.left + 5 * em
            columns.append(columns[-1] + beside if line.page == before.page else 0)
        edges = {}
        for column in set(columns):
            own = [line for line, its in zip(lines, columns, strict=True) if its == column]
            long = [line for line in own if line.right - line.left > 15 * em] or own
            left = Counter(round(line.left) for line in long).most_common(1)[0][0]
            rights = sorted(line.right for line in long)
            edges[column] = (left, rights[len(rights) * 3 // 4])
        steps = [a.top - b.top for a, b in pairwise(lines) if a.page == b.page and a.top > b.top]
        return cls(lines, columns, edges, em, median(steps) if steps else 1.5 * em)

    def gap(self, at: int) -> bool:
        """Whether more than a line's distance lies before line number `at`."""
        before, line = self.lines[at - 1], self.lines[at]
        return before.page == line.page and before.top - line.top > 1.45 * self.leading

    def indented(self, at: int) -> bool:
        line = self.lines[at]
        deeper = line.left > self.edges[self.columns[at]][0] + 1.2 * self.em
        if not deeper or at == 0 or self.columns[at] != self.columns[at - 1]:
            return deeper
        return line.left > self.lines[at - 1].left + 1.2 * self.em

    def goes_on(self, at: int) -> bool:
        right = self.edges[self.columns[at - 1]][1]
        full = self.lines[at - 1].right >= right - 2.5 * self.em
        return full and not self.gap(at) and not self.indented(at)
