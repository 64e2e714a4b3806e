"""Passages of a document: what is retrieved as one.

A case gives its header, background, each measure and its outcomes; any other text its
paragraphs under their headings; a text from a BEIR corpus is one passage. Long pieces
are cut between sentences. Offsets are those of the text; nothing here knows a model.
"""

from collections.abc import Iterator, Sequence

from baycase.corpus.cases import CaseText
from baycase.corpus.headings import heading_words, is_heading
from baycase.corpus.headings import lines as lines_of
from baycase.corpus.records import Case, Passage, Sentence, Span
from baycase.corpus.sentences import sentence_spans, units

LONGEST = 420  # characters of a paragraph that is not cut
CUT_TO = 300  # what the pieces of a longer one are about
SHORT = 120  # neighbouring paragraphs shorter than this make one passage of at most CUT_TO
LONGEST_BEIR, CUT_BEIR_TO = 1_200, 800


def case_passages(text: str, found: CaseText, case: Case) -> tuple[Passage, ...]:
    """Sections `header` (title and reporting units), `background`, `measure` each, `outcomes`."""
    passages = [_header(text, found)]
    if case.background:
        passages += _cut(text, case.background, "background", LONGEST, CUT_TO)
    for measure in case.measures:
        passages += _cut(text, measure.span, "measure", LONGEST, CUT_TO)
    if case.outcomes:
        passages += _cut(text, case.outcomes, "outcomes", LONGEST, CUT_TO)
    return tuple(passages)


def text_passages(text: str) -> tuple[Passage, ...]:
    """Paragraphs, each heading with the paragraph under it; `section` is the nearest heading or ""."""
    return tuple(passage for span, section in _blocks(text) for passage in _cut(text, span, section, LONGEST, CUT_TO))


def beir_passages(text: str) -> tuple[Passage, ...]:
    """The whole text as one passage, or pieces cut between sentences where it is long."""
    whole = _whole(text)
    return () if whole is None else tuple(_cut(text, whole, "", LONGEST_BEIR, CUT_BEIR_TO))


def _header(text: str, found: CaseText) -> Passage:
    """Title and units, each line a sentence of its own."""
    end = found.body.start if found.body.start < found.body.end else found.body.end
    sentences = tuple(Sentence(span) for span in sentence_spans(text, found.header_start, end))
    return Passage(Span(sentences[0].span.start, sentences[-1].span.end), "header", sentences)


def _whole(text: str) -> Span | None:
    lines = list(lines_of(text))
    return Span(lines[0].start, lines[-1].end) if lines else None


def _blocks(text: str) -> Iterator[tuple[Span, str]]:
    """Paragraphs with their sections; headings go with the paragraph below, short neighbours together."""
    lines = list(lines_of(text))
    section = ""
    block: Span | None = None
    in_headings = False
    for at, line in enumerate(lines):
        below = lines[at + 1].of(text) if at + 1 < len(lines) else ""
        words = line.of(text)
        if is_heading(words, below):
            if block is not None and not in_headings:
                yield block, section
                block = None
            section = heading_words(words)
            block = line if block is None else Span(block.start, line.end)
            in_headings = True
            continue
        short = line.end - line.start < SHORT
        if block is not None and not in_headings and not (short and line.end - block.start <= CUT_TO):
            yield block, section
            block = None
        block = line if block is None else Span(block.start, line.end)
        in_headings = False
        if not short:
            yield block, section
            block = None
    if block is not None:
        yield block, section


def _cut(text: str, span: Span, section: str, longest: int, cut_to: int) -> list[Passage]:
    """The span as one passage, or as pieces of about `cut_to` characters, cut between sentences."""
    sentences = units(text, span.start, span.end)
    length = span.end - span.start
    if length <= longest:
        return [_passage(section, sentences)]
    count = max(2, round(length / cut_to))
    passages: list[Passage] = []
    group: list[Sentence] = []
    for sentence in sentences:
        # Where the next cut would fall if sentences could be cut; it goes to the nearer end of one.
        wanted = span.start + length * (len(passages) + 1) / count
        if group and len(passages) + 1 < count and sentence.span.end - wanted >= wanted - group[-1].span.end:
            passages.append(_passage(section, group))
            group = []
        group.append(sentence)
    passages.append(_passage(section, group))
    return passages


def _passage(section: str, sentences: Sequence[Sentence]) -> Passage:
    return Passage(Span(sentences[0].span.start, sentences[-1].span.end), section, tuple(sentences))
