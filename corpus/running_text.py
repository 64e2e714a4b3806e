"""Running text out of hard-wrapped, PDF-damaged text, with the map back to the source.

Only text that is hard-wrapped is repaired: most of its lines stop in mid-sentence at
nearly the same display width. Anything else is kept as it stands, but for a byte order
mark and the kind of line break. Knows how the lines of a case file begin (案例名称：),
not what they mean.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from statistics import median

from baycase.corpus.records import Piece, SourceMap, Span

_LINE_BREAK = re.compile(r"\r\n|[\r\n]")
_HARD_BREAK = re.compile(r"\r\n|[\r\n\f\v\x85\u2028\u2029]")
_FOOTER = re.compile(
    r"[-—–―－─·•]+\s*\d{1,4}\s*[-—–―－─·•]+|第\s*\d{1,4}\s*[页頁](?:\s*[/／，,]?\s*共\s*\d{1,4}\s*[页頁])?"
    r"|[Pp]age\s+\d{1,4}(?:\s+of\s+\d{1,4})?|\d{1,4}\s*[/／]\s*\d{1,4}"
)
_NUMERAL = r"[一二三四五六七八九十百零〇\d]+"
_CASE_LINE = re.compile(rf"案例\s*{_NUMERAL}\s*(?:[：:].*)?")
_TITLE_LABEL = re.compile(r"案例名[称稱]\s*[：:]")
_UNITS_LABEL = re.compile(r"(?:[报報]送|申[报報]|[牵牽][头頭]|[实實]施)[单單]位\s*[：:]")
# These begin a paragraph unless the line before stopped in mid-sentence at full width.
_NUMBERED = re.compile(
    rf"{_NUMERAL}、|（{_NUMERAL}）|\({_NUMERAL}\)|第{_NUMERAL}[章节節条條]|#{{1,6}}\s|[-*+>|]\s|\d+[.．)]\s"
)
_INDENT = re.compile(r"\u3000{2}")
_CLOSERS = "”’」』》〉）)】］]\"'"
_ENDS = "。！？；：!?;:…"
_CJK = "\u2e80-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN_LETTER = re.compile(r"[A-Za-z]")
_CJK_CHARACTER = re.compile(f"[{_CJK}]")
_SHARED_SIGN = "“”‘’—…·"  # next to these, white space is damage in a Chinese text and belongs in an English one
_SPACE = re.compile(r"\s+")
_FIRST_WORD = re.compile(rf"[^\s{_CJK}]+|\S")
_MIN_WIDTH, _NEAR, _NEARLY = 30, 6, 8  # in columns; a Han character is two


@dataclass(frozen=True, slots=True)
class RunningText:
    """Text as people read it, and where each of its characters stood in the source."""

    text: str
    source_map: SourceMap


def running_text(source: str) -> RunningText:
    """`source` restored where it is hard-wrapped, else as it stands.

    Every character comes from the source by the map, but for line breaks between
    paragraphs and a space between two Latin words that a line break parted.
    """
    first = 1 if source.startswith("\ufeff") else 0
    lines = _lines(source, first, _HARD_BREAK)
    shape = _shape(source, lines)
    builder = _Builder(source)
    if shape is None:
        _copy(builder, source, first)
    else:
        for number, paragraph in enumerate(_paragraphs(source, lines, shape)):
            if number:
                builder.add("\n")
            _join(builder, source, paragraph)
    return builder.finish()


def display_width(text: str) -> int:
    """Columns of `text` where wide and ambiguous East Asian characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


class _Builder:
    """Collects runs of the source and added characters into a text with its map."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._parts: list[str] = []
        self._pieces: list[Piece] = []
        self._length = 0

    def take(self, start: int, end: int) -> None:
        if start == end:
            return
        last = self._pieces[-1] if self._pieces else None
        if last and last.source_start + last.length == start and last.start + last.length == self._length:
            self._pieces[-1] = Piece(last.start, last.source_start, last.length + end - start)
        else:
            self._pieces.append(Piece(self._length, start, end - start))
        self._parts.append(self._source[start:end])
        self._length += end - start

    def add(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def finish(self) -> RunningText:
        return RunningText("".join(self._parts), SourceMap(tuple(self._pieces)))


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a hard-wrapped text is set, in columns.

    `width` of its full lines; `reach` of a full line with the first word of the next one, which
    did not fit; `first_width` of the first line of a paragraph, less than `width` by the indent.
    """

    width: float
    reach: float
    first_width: float
    blank_lines_part: bool

    @property
    def indents(self) -> bool:
        return self.width - 8 <= self.first_width <= self.width - 3


def _lines(source: str, first: int, breaks: re.Pattern[str]) -> list[Span]:
    """The lines of the source from offset `first` on, without their breaks."""
    spans, start = [], first
    for match in breaks.finditer(source, first):
        spans.append(Span(start, match.start()))
        start = match.end()
    spans.append(Span(start, len(source)))
    return spans


def _ends_sentence(line: str) -> bool:
    body = line.rstrip().rstrip(_CLOSERS)
    return body[-1:] in _ENDS or (body.endswith(".") and not body[-2:-1].isdigit())


def _begins_field(line: str) -> bool:
    return bool(_CASE_LINE.fullmatch(line) or _TITLE_LABEL.match(line) or _UNITS_LABEL.match(line))


def _shape(source: str, lines: Sequence[Span]) -> _Shape | None:
    """The shape of a hard-wrapped text, None for any other."""
    full = [span.of(source) for span in lines]
    shown = [line.strip() for line in full if line.strip() and not _FOOTER.fullmatch(line.strip())]
    prose = [line for line in shown[:-1] if not _begins_field(line)]
    unended = [display_width(line) for line in prose if not _ends_sentence(line)]
    if len(unended) < 2 or len(unended) < 0.6 * len(prose):
        return None
    width = median(unended)
    near = sum(abs(each - width) <= _NEAR for each in unended)
    if width < _MIN_WIDTH or near < 0.7 * len(unended):
        return None
    blank_after = sum(not below.strip() for line, below in pairwise(full) if line.strip())
    firsts, reaches = [], []
    for before, line, below in zip(shown, shown[1:], shown[2:], strict=False):
        if _ends_sentence(line) or _begins_field(line) or display_width(line) < 0.75 * width:
            continue
        if _UNITS_LABEL.match(before) or (_ends_sentence(before) and display_width(before) < 0.75 * width):
            firsts.append(display_width(line))
        elif not _begins_field(below):
            reaches.append(_reach(line, below))
    reaches.sort()
    return _Shape(
        width=width,
        reach=reaches[len(reaches) // 10] if reaches else width,
        first_width=median(firsts) if firsts else width,
        blank_lines_part=blank_after < 0.5 * len(shown),
    )


def _reach(line: str, below: str) -> int:
    """The width of the line with the word below that would have to fit if it were not full."""
    first_word = _FIRST_WORD.match(below)
    return display_width(line) + display_width(first_word.group() if first_word else "")


def _paragraphs(source: str, lines: Sequence[Span], shape: _Shape) -> list[list[Span]]:
    """The lines, without footers and empty ones, in groups that are a paragraph each."""
    groups: list[list[Span]] = []
    blank = False
    stripped = [_stripped(source, line) for line in lines]
    kept = [line for line in stripped if not _FOOTER.fullmatch(line.of(source))]
    for at, line in enumerate(kept):
        if line.start == line.end:
            blank = True
            continue
        indented = _INDENT.match(source, max(line.start - 2, 0)) is not None
        parted = blank and shape.blank_lines_part
        if (
            groups
            and not parted
            and not indented
            and _continues(source, groups[-1], line, islice(kept, at + 1, None), shape)
        ):
            groups[-1].append(line)
        else:
            groups.append([line])
        blank = False
    return groups


def _stripped(source: str, line: Span) -> Span:
    text = line.of(source)
    start = line.start + len(text) - len(text.lstrip())
    return Span(start, max(start, line.start + len(text.rstrip())))


def _continues(source: str, paragraph: list[Span], line: Span, after: Iterator[Span], shape: _Shape) -> bool:
    """Whether `line` goes on with the paragraph."""
    words, opening, before = line.of(source), paragraph[0].of(source), paragraph[-1].of(source)
    if _begins_field(words) or _CASE_LINE.fullmatch(opening):
        return False
    if _TITLE_LABEL.match(opening) and len(paragraph) < 3:
        # Whatever stands between a title's label and the units' label is the title, however it was cut.
        following = islice((each.of(source) for each in after if each.start < each.end), 2)
        if any(_UNITS_LABEL.match(each) for each in following):
            return True
    width, ended = display_width(before), _ends_sentence(before)
    nearly_full = width >= shape.width - _NEARLY
    if _UNITS_LABEL.match(opening):
        # The body below would fill its first line or end a sentence in it; a rest of the units does neither.
        is_rest = display_width(words) < shape.width - _NEARLY and not _ends_sentence(words)
        return before.endswith(("、", "，")) or (nearly_full and is_rest)
    if _NUMBERED.match(words) and (ended or not nearly_full):
        return False
    if not ended:
        return nearly_full or width >= 0.75 * shape.width
    if nearly_full and shape.indents and not _ends_sentence(words):
        # Did the next line lose the indent of a paragraph's first line, or is it full?
        return display_width(words) > (shape.width + shape.first_width) / 2
    return _reach(before, words) >= shape.reach


def _join(builder: _Builder, source: str, paragraph: Sequence[Span]) -> None:
    """Adds the paragraph's lines as one, without the white space that the damage left."""
    raw = "\n".join(line.of(source) for line in paragraph)
    chinese = len(_HAN.findall(raw)) > len(_LATIN_LETTER.findall(raw))
    offsets = [offset for line in paragraph for offset in range(line.start, line.end + 1)]  # one each for the breaks
    done = 0
    for gap in _SPACE.finditer(raw):
        builder.take(offsets[done], offsets[gap.start()])
        done = gap.end()
        if _is_damage(raw, gap, chinese):
            continue
        if "\n" in gap.group():
            builder.add(" ")
        else:
            builder.take(offsets[gap.start()], offsets[gap.end()])
    builder.take(offsets[done], paragraph[-1].end)


def _is_damage(raw: str, gap: re.Match[str], chinese: bool) -> bool:
    before, after = raw[gap.start() - 1], raw[gap.end()]
    wrapped = "\n" in gap.group()
    for character in (before, after):
        if _CJK_CHARACTER.match(character) or (chinese and character in _SHARED_SIGN):
            return True
    if wrapped and before == "-" and raw[gap.start() - 2 : gap.start() - 1].isalpha():
        return True
    if before.isdigit() and after in "%％‰":
        return True
    if not after.isdigit():
        return chinese and before.isdigit() and after in ".,-" and raw[gap.end() + 1 : gap.end() + 2].isdigit()
    in_number = before in ".,．" and raw[gap.start() - 2 : gap.start() - 1].isdigit()
    if in_number:
        # 1. 2023年…… at the beginning of a paragraph is an enumerator.
        return wrapped or (chinese and not (gap.start() <= 3 and raw[: gap.start() - 1].isdigit()))
    return chinese and wrapped and before.isdigit()


def _copy(builder: _Builder, source: str, first: int) -> None:
    """Adds the source as it stands, every line break as \\n."""
    lines = _lines(source, first, _LINE_BREAK)
    for at, line in enumerate(lines):
        builder.take(line.start, line.end)
        if at + 1 < len(lines):
            newline = lines[at + 1].start - 1
            if source[newline] == "\n":
                builder.take(newline, newline + 1)
            else:
                builder.add("\n")
