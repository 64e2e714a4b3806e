"""Enumerators in running text: 一是…二是…, 首先…其次…, 一、, （一）, 1. , （1）, 第一，, First, …

An enumerator stands where a clause begins. Which of them belong together is decided
by counting: a run counts 1, 2, 3 in one style. Nothing here knows what is enumerated.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from baycase.corpus.records import Span

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_NUMERAL = r"[一二三四五六七八九十百]{1,5}"
# Style, and the pattern of one enumerator; the group is its numeral.
_STYLES: tuple[tuple[str, str], ...] = (
    ("一是", rf"({_NUMERAL})(?:是|则是|要)"),
    ("首先", r"(首先|其次|再次|再者|此外|最后|最後)[，,、]?"),
    ("第一", rf"第({_NUMERAL})(?:[，,、：:]|是)"),
    ("（一）", rf"[（(]({_NUMERAL})[）)]"),
    ("一、", rf"({_NUMERAL})、"),
    ("（1）", r"[（(](\d{1,2})[）)]"),
    ("1.", r"(\d{1,2})(?:[.．](?!\d)|、|[)）])"),
    ("①", r"([①-⑳])"),
    ("First", r"(First|Second|Third|Fourth|Fifth|Finally|Lastly)(?:ly)?,"),
)
_ENUMERATORS = [(style, re.compile(pattern)) for style, pattern in _STYLES]
_ORDINAL_WORDS = {"首先": 1, "其次": 2, "First": 1, "Second": 2, "Third": 3, "Fourth": 4, "Fifth": 5}
_NEXT = frozenset(("再次", "再者", "此外", "最后", "最後", "Finally", "Lastly"))  # they go on counting from any number
# An enumerator begins the text, a line or a clause: 统一是 and 第十一、 are none.
_BEGINNING = re.compile(r"(?:^|(?<=[\n\r。！？；：，、.!?;:,”’」』》〉）)】…]))[\s#>*-]*(?=\S)")


@dataclass(frozen=True, slots=True)
class Enumerator:
    """One enumerator: its span, the style it is written in, and its number.

    `ordinal` is None for words that only go on counting (再次, 最后, Finally).
    """

    span: Span
    style: str
    ordinal: int | None


def numeral(text: str) -> int | None:
    """The number below 1,000 that 十六, 一百二十 or 16 writes, None for anything else."""
    if text.isdecimal():
        return int(text)
    total, digit = 0, None
    for character in text:
        if character in "十百":
            total += (1 if digit is None else digit) * (10 if character == "十" else 100)
            digit = None
        elif character in _DIGITS and digit in (None, 0):
            digit = _DIGITS[character]
        else:
            return None
    return total + (digit or 0) if text else None


def enumerator_at(text: str, start: int) -> Enumerator | None:
    """The enumerator that begins exactly at `start`."""
    for style, pattern in _ENUMERATORS:
        match = pattern.match(text, start)
        if match:
            return Enumerator(Span(start, match.end()), style, _ordinal(match.group(1)))
    return None


def enumerators(text: str, start: int = 0, end: int | None = None) -> tuple[Enumerator, ...]:
    """Everything in the range that could be an enumerator, in order."""
    end = len(text) if end is None else end
    places = {match.end() for match in _BEGINNING.finditer(text, start, end)} | {start}
    found = (enumerator_at(text, place) for place in sorted(places) if place < end)
    return tuple(each for each in found if each is not None and each.span.end <= end)


def enumerations(text: str, start: int = 0, end: int | None = None) -> tuple[tuple[Enumerator, ...], ...]:
    """Runs of at least two enumerators of one style that count from one, by their beginning.

    Another style may stand between two members (（1）…（2） inside 一是…); a number out of
    order is not a member.
    """
    open_runs: dict[str, list[Enumerator]] = {}
    runs: list[list[Enumerator]] = []
    for each in enumerators(text, start, end):
        run = open_runs.get(each.style)
        if each.ordinal == 1:
            run = open_runs[each.style] = [each]
            runs.append(run)
        elif run is not None and each.ordinal in (None, len(run) + 1):
            run.append(each)
    return tuple(tuple(run) for run in runs if len(run) > 1)


def items(run: Sequence[Enumerator], end: int) -> tuple[Span, ...]:
    """Where each member of the run reaches: from its enumerator to the next one, the last to `end`."""
    starts = [each.span.start for each in run]
    return tuple(Span(a, b) for a, b in zip(starts, [*starts[1:], end], strict=True))


def _ordinal(written: str) -> int | None:
    if written in _NEXT:
        return None
    if written in _ORDINAL_WORDS:
        return _ORDINAL_WORDS[written]
    if "①" <= written <= "⑳":
        return ord(written) - ord("①") + 1
    return numeral(written)
