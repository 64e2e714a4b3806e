"""Which lines of a text are headings: # Markdown, 一、总体要求, 第三章, or short and bare above prose.

Knows lines only; how headings join the text below them is for sentences and passages.
"""

import re
from collections.abc import Iterator

from baycase.corpus.records import Span

MAX_HEADING = 40  # characters; in Latin script twice as many
_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_MARKDOWN = re.compile(r"#{1,6}\s+\S")
_NUMBERED = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|第[一二三四五六七八九十百\d]{1,4}[章节節部篇]"
    r"|\d{1,2}(?:\.\d{1,2}){0,3}[.、．]?\s)"
)
_END = re.compile(r"[。！？；，、：.!?;,:…][”’」』》）)\"']*$")
_PROSE = re.compile(r"[。！？；]|[.!?](?:\s|$)")
_LIST_ITEM = re.compile(r"[-*+•|>]|```")


def lines(text: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """The lines of the range that hold something, without white space around them."""
    for match in _LINE.finditer(text, start, len(text) if end is None else end):
        yield Span(match.start(), match.end())


def is_heading(line: str, below: str) -> bool:
    """Whether `line` is a heading, given the next line that holds something (or "")."""
    room = MAX_HEADING * (2 if line[: 3 * MAX_HEADING].isascii() else 1)
    if _MARKDOWN.match(line):
        return len(line) <= 2 * room
    if not below or len(line) > room or _END.search(line) or _LIST_ITEM.match(line):
        return False
    if _NUMBERED.match(line):
        return True
    # A line with a colon is a field (报送单位：省法院), not a heading.
    bare = not _PROSE.search(line) and "：" not in line and ":" not in line
    return bare and len(line) < len(below) and _PROSE.search(below) is not None


def heading_words(line: str) -> str:
    """The heading without Markdown's signs."""
    return re.sub(r"^#{1,6}\s+|\s+#+$", "", line).strip()
