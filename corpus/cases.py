"""The structure of policy cases in running text: number, title, units, background, measures, outcomes.

    案例三
    案例名称：创新实施粤澳货物“一单两报”服务
    报送单位：省商务厅
    background …一是 heading。text…二是 heading。text
    outcomes

Works on lines (a paragraph is a line) and knows no files; offsets are those of the text it is given.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from baycase.corpus.enumeration import Enumerator, enumerations, items, numeral
from baycase.corpus.figures import figures
from baycase.corpus.headings import lines as lines_of
from baycase.corpus.records import Case, Measure, Span
from baycase.corpus.sentences import sentence_spans

_NUMBER_LINE = re.compile(r"案例\s*([一二三四五六七八九十百零〇\d]{1,5})\s*(?:[：:]\s*(?P<title>\S.{0,79})?)?")
_TITLE_LINE = re.compile(r"案例名[称稱]\s*[：:]\s*(?P<title>\S.*)")
_UNITS_LINE = re.compile(r"(?:[报報]送|申[报報]|[牵牽][头頭]|[实實]施)[单單]位\s*[：:]\s*(?P<units>\S.*)")
_UNIT = re.compile(r"[^\s、，,；;](?:[^、，,；;]*[^\s、，,；;])?")
_MEASURE_END = frozenset("。；！？;!?.”’」』）)")  # a quotation may end with the sentence


@dataclass(frozen=True, slots=True)
class CaseText:
    """Where a case lies in the text of its file: `span` from its first to its last character."""

    span: Span
    number: int
    title: Span
    header_start: int
    units: tuple[Span, ...]
    body: Span


def find_cases(text: str) -> tuple[CaseText, ...] | None:
    """The cases of a text in order, None where it has none.

    A case begins with a line 案例三, or 案例3：title, or with its 案例名称 where it has no number line,
    and needs a title line or a units line to be one. It reaches to the next case.
    """
    lines = list(lines_of(text))
    starts = [at for at in range(len(lines)) if _begins_case(text, lines, at)]
    if not starts:
        return None
    found = []
    for position, (first, after) in enumerate(zip(starts, [*starts[1:], len(lines)], strict=True), start=1):
        found.append(_case_text(text, lines[first:after], position))
    return tuple(found)


def read_case(text: str, found: CaseText) -> Case:
    """The case's fields as spans of `text`.

    A measure reaches from its enumerator to the next one, the last to the end of its
    paragraph. Its heading is its first sentence and its text what follows; where it is
    one sentence only (案例七), that sentence is heading and text alike.
    Paragraphs after the measures are the outcomes; in a case without measures
    those after the first one.
    """
    paragraphs = list(lines_of(text, found.body.start, found.body.end))
    run = _measure_run(text, found.body)
    background: Span | None
    if run:
        last_paragraph = next(each for each in paragraphs if each.end > run[-1].span.start)
        measures = tuple(_measure(text, span) for span in items(run, last_paragraph.end))
        background = _between(text, found.body.start, run[0].span.start)
        outcomes = _between(text, last_paragraph.end, found.body.end)
    else:
        measures = ()
        background = paragraphs[0] if paragraphs else None
        outcomes = Span(paragraphs[1].start, paragraphs[-1].end) if len(paragraphs) > 1 else None
    return Case(
        number=found.number,
        title=found.title,
        units=found.units,
        background=background,
        measures=measures,
        outcomes=outcomes,
        figures=figures(text, found.body.start, found.body.end),
    )


def _begins_case(text: str, lines: Sequence[Span], at: int) -> bool:
    line = lines[at].of(text)
    if _TITLE_LINE.fullmatch(line):
        return at == 0 or not _NUMBER_LINE.fullmatch(lines[at - 1].of(text))
    number_line = _NUMBER_LINE.fullmatch(line)
    if not number_line:
        return False
    # 案例三 alone may also be a heading of another kind of text: the fields make it a case.
    fields = [each.of(text) for each in lines[at + 1 : at + 4]]
    return any(_TITLE_LINE.fullmatch(each) or _UNITS_LINE.fullmatch(each) for each in fields)


def _case_text(text: str, lines: Sequence[Span], position: int) -> CaseText:
    number, title, units_line = position, None, None
    header = 0
    for line in lines[:4]:
        number_line = _NUMBER_LINE.fullmatch(line.of(text))
        title_line = _TITLE_LINE.fullmatch(line.of(text))
        if number_line and header == 0:
            number = numeral(number_line.group(1)) or position
            if number_line.group("title"):
                title = _group(line, number_line, "title")
        elif title_line:
            title = _group(line, title_line, "title")
        elif match := _UNITS_LINE.fullmatch(line.of(text)):
            units_line = _group(line, match, "units")
        elif title is None and units_line is None and header == 1:
            title = line  # a title without its label between the number and the units
        else:
            break
        header += 1
    first_field = lines[1] if title is not None and header > 1 and title.start >= lines[1].start else lines[0]
    units = tuple(_units(text, units_line)) if units_line else ()
    end = lines[-1].end
    body_start = lines[header].start if header < len(lines) else end
    return CaseText(
        Span(lines[0].start, end), number, title or lines[0], first_field.start, units, Span(body_start, end)
    )


def _group(line: Span, match: re.Match[str], name: str) -> Span:
    return Span(line.start + match.start(name), line.start + match.end(name))


def _units(text: str, line: Span) -> list[Span]:
    """The reporting units of a line: parted by 、 or ，."""
    return [Span(match.start(), match.end()) for match in _UNIT.finditer(text, line.start, line.end)]


def _measure_run(text: str, body: Span) -> tuple[Enumerator, ...] | None:
    """The enumeration that holds the measures: the first one that is not inside a single sentence."""
    runs = (_begun_by_sentences(text, run) for run in enumerations(text, body.start, body.end))
    return next((run for run in runs if len(run) > 1), None)


def _begun_by_sentences(text: str, run: Sequence[Enumerator]) -> tuple[Enumerator, ...]:
    """The members of the run up to the first that begins in mid-sentence.

    What one sentence enumerates (一是…，二是…) is a part of what it says. The first member is not asked:
    it may well follow a comma or a colon.
    """
    kept = list(run[:1])
    for each in run[1:]:
        before = each.span.start
        while before and text[before - 1].isspace():
            before -= 1
        if text[before - 1 : before] not in _MEASURE_END and "\n" not in text[before : each.span.start]:
            break
        kept.append(each)
    return tuple(kept)


def _measure(text: str, span: Span) -> Measure:
    sentences = sentence_spans(text, span.start, span.end)
    whole = Span(sentences[0].start, sentences[-1].end)
    if len(sentences) == 1:
        return Measure(whole, whole, whole)
    return Measure(whole, sentences[0], Span(sentences[1].start, whole.end))


def _between(text: str, start: int, end: int) -> Span | None:
    inner = list(lines_of(text, start, end))
    return Span(inner[0].start, inner[-1].end) if inner else None
