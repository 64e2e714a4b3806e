"""Sentences of a text as spans, and the units that are matched and quoted.

A sentence ends at 。！？；… (with the closing quotes and brackets behind it), at . ! ? ;
where English or loose typing ends one, and at the end of a line; never inside a number
or a quotation. Knows nothing of cases or passages.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from baycase.corpus.enumeration import enumerator_at
from baycase.corpus.headings import is_heading
from baycase.corpus.headings import lines as lines_of
from baycase.corpus.records import Sentence, Span

MAX_HEADING_SENTENCE = 30  # characters of 一是核发电子牌证。
MAX_QUOTATION = 200  # a longer quotation is taken apart like any other text
TOO_LONG, PIECE = 240, 160  # a sentence longer than the first is cut at ， into pieces of about the second

_PAIRS = dict(zip("“‘「『《〈（(【［[", "”’」』》〉）)】］]", strict=True))
_CLOSERS = frozenset([*_PAIRS.values(), '"'])
_QUOTING = re.compile("[" + re.escape("".join([*_PAIRS, *_CLOSERS])) + "]")
_SPEECH_CLOSERS = frozenset('”’」』"')
_MARKS = re.compile(r"[。！？!?；;…．.]+")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_GOES_ON = frozenset("，、；：。！？,;:的地得之和与與及或")  # behind a quotation: 《你好！》的, “好！”，
_ABBREVIATION = re.compile(
    r"(?:^|[\s(（“\"])(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|Inc|Ltd|Co|Corp|vs|etc|cf|al|ca|approx"
    r"|e\.g|i\.e|a\.m|p\.m|(?:[A-Za-z]\.)+[A-Za-z])$"
)
_BEFORE_NUMBER = re.compile(r"\b(?:Nos?|Vol|Fig|Arts?|Sec|pp?)$", re.IGNORECASE)  # No. 5, but: Is it free? No.
_LEAD = 12  # characters before a full stop that tell an abbreviation
_WORD = re.compile(r"\S")
_COMMA = re.compile(r"[，,](?!\d)")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The sentences of `text[start:end]`, in order, without white space around them.

    Together they hold every character of the range that is not white space.
    """
    return [
        piece for line in lines_of(text, start, end) for whole in _of_line(text, line) for piece in _cut(text, whole)
    ]


def units(text: str, start: int = 0, end: int | None = None) -> tuple[Sentence, ...]:
    """The sentences of the range, each heading joined with the sentence it heads.

    A heading is a short sentence that begins with an enumerator (一是核发电子牌证。) and has
    another sentence behind it in its line, or a line of its own (二、主要做法) above prose.
    """
    end = len(text) if end is None else end
    spans = sentence_spans(text, start, end)
    found: list[Sentence] = []
    heading: Span | None = None
    for at, span in enumerate(spans):
        if heading is None and at + 1 < len(spans) and _heads(text, span, spans[at + 1], end):
            heading = span
            continue
        found.append(Sentence(span if heading is None else Span(heading.start, span.end), heading))
        heading = None
    return tuple(found)


def _heads(text: str, span: Span, below: Span, end: int) -> bool:
    """Whether the sentence is the heading of the next one."""
    words = span.of(text)
    if "\n" in text[span.end : below.start]:
        line_start = text.rfind("\n", 0, span.start) + 1
        if text[line_start : span.start].strip():
            return False  # it only ends a line
        line_end = text.find("\n", below.start, end)
        below_line = text[below.start : end if line_end < 0 else line_end].strip()
        # Of two headings above each other the lower one heads the sentence.
        return is_heading(words, below_line) and not is_heading(below_line, _line_after(text, line_end, end))
    if len(words) > MAX_HEADING_SENTENCE or words.endswith(("；", ";")):
        return False
    return enumerator_at(text, span.start) is not None and enumerator_at(text, below.start) is None


def _line_after(text: str, at: int, end: int) -> str:
    if at < 0:
        return ""
    following = next(lines_of(text, at, end), None)
    return "" if following is None else following.of(text)


def _of_line(text: str, line: Span) -> Iterator[Span]:
    quotations = _Quotations(text, line)
    start = line.start
    at = line.start
    for mark in _MARKS.finditer(text, line.start, line.end):
        if mark.start() < at:
            continue
        cut = _sentence_end(text, Span(start, line.end), mark, quotations)
        if cut is not None:
            yield _trimmed(text, start, cut)
            start = at = cut
    if text[start : line.end].strip():
        yield _trimmed(text, start, line.end)


def _sentence_end(text: str, rest: Span, mark: re.Match[str], quotations: "_Quotations") -> int | None:
    """Where the sentence ends that the mark may end, closing quotes and brackets behind it included."""
    signs = mark.group()
    cut = mark.end()
    while cut < rest.end and text[cut] in _CLOSERS:
        cut += 1
    inside = quotations.around(mark.start())
    if any(each.end > cut for each in inside):
        return None
    following = text[cut] if cut < rest.end else ""
    if inside and following and not following.isspace():
        # “……。” ends a sentence, “什么是爱？” may be a part of one.
        speech = text[cut - 1] in _SPEECH_CLOSERS and text[inside[0].start - 1 : inside[0].start] in ("：", ":")
        begins = inside[0].start == rest.start
        if following in _GOES_ON or not (speech or begins or "。" in signs):
            return None
        if text[cut - 1] in "》〉" or (begins and "。" not in signs):
            return None
    if signs[0] in "…" and set(signs) == {"…"}:
        return None if following in _GOES_ON else cut
    if any(sign in "。！？；" for sign in signs):
        return cut
    return cut if _western_end(text, rest, mark, cut) else None


def _western_end(text: str, rest: Span, mark: re.Match[str], cut: int) -> bool:
    """Whether . ! ? or ; ends a sentence here: before white space in Latin script, next to Han anywhere."""
    signs = mark.group()
    before = text[mark.start() - 1] if mark.start() > rest.start else ""
    if cut >= rest.end:
        return True
    following = text[cut]
    if _HAN.match(following) and (_HAN.match(before) or before in _CLOSERS or (before.isalpha() and signs != ".")):
        return True
    if signs in (";", "；") and not (_HAN.match(before) or _HAN.match(following)):
        return False
    if _HAN.match(before) and signs[0] in "!?;":
        return True
    if not following.isspace():
        return False
    ahead = next(_WORD.finditer(text, cut, rest.end)).group()
    if ahead.islower():
        return False
    if signs[0] not in ".．":
        return True
    lead = text[max(rest.start, mark.start() - _LEAD) : mark.start()]
    if before.isdigit() and (ahead.isdigit() or (len(lead) < _LEAD and lead.strip("(（ ").isdigit())):
        return False  # 6. 4 or the enumerator 1.
    if ahead.isdigit() and _BEFORE_NUMBER.search(lead):
        return False
    return _ABBREVIATION.search(lead) is None


class _Quotations:
    """Quotations and brackets of a range, the opening and the closing sign included.

    One that does not close in the range, or is longer than MAX_QUOTATION, counts for nothing.
    """

    def __init__(self, text: str, within: Span) -> None:
        found: list[Span] = []
        opened: list[tuple[str, int]] = []
        straight: int | None = None
        for sign in _QUOTING.finditer(text, within.start, within.end):
            character, at = sign.group(), sign.start()
            if character in _PAIRS:
                opened.append((_PAIRS[character], at))
            elif character == '"':
                if straight is not None:
                    found.append(Span(straight, at + 1))
                straight = at if straight is None else None
            else:
                for depth in range(len(opened) - 1, -1, -1):
                    closer, start = opened[depth]
                    if at - start > MAX_QUOTATION:
                        break
                    if closer == character:
                        found.append(Span(start, at + 1))
                        del opened[depth:]
                        break
        short = (each for each in found if each.end - each.start <= MAX_QUOTATION)
        self._spans = sorted(short, key=lambda each: (each.start, -each.end))

    def around(self, offset: int) -> list[Span]:
        """Those that hold the character at `offset`, the outermost first."""
        first = bisect_left(self._spans, offset - MAX_QUOTATION, key=lambda each: each.start)
        after = bisect_left(self._spans, offset, key=lambda each: each.start)
        return [each for each in self._spans[first:after] if offset < each.end]


def _cut(text: str, span: Span) -> Iterator[Span]:
    """The sentence, or pieces of one that is too long, cut at commas outside quotations."""
    start = span.start
    if span.end - start > TOO_LONG and _HAN.search(text, start, span.end):
        quotations = _Quotations(text, span)
        cut = start
        for comma in _COMMA.finditer(text, span.start, span.end):
            if span.end - start <= TOO_LONG:
                break
            if quotations.around(comma.start()):
                continue
            # The last comma within PIECE, or the first one behind it.
            if comma.end() - start > PIECE and cut > start:
                yield _trimmed(text, start, cut)
                start = cut
            if comma.end() - start >= PIECE // 4:
                cut = comma.end()
        if span.end - start > TOO_LONG and start < cut < span.end:
            yield _trimmed(text, start, cut)
            start = cut
    yield _trimmed(text, start, span.end)


def _trimmed(text: str, start: int, end: int) -> Span:
    words = text[start:end]
    return Span(start + len(words) - len(words.lstrip()), start + len(words.rstrip()))
