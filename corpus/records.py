"""What reading a file gives: documents, cases, passages and sentences, as spans of one text.

Offsets `start`, `end` are character offsets into `Document.text` (half open),
and `text[start:end]` is exactly what is meant. These records know nothing of
vectors, scores or storage.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

FigureKind = Literal["figure", "date"]


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters of a document's text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]

    def holds(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure (6.4万多副) or a date (截至2023年底) as it stands in the text."""

    span: Span
    kind: FigureKind


@dataclass(frozen=True, slots=True)
class Measure:
    """One enumerated measure: 一是核发电子牌证。 and the sentences it heads."""

    span: Span
    heading: Span
    text: Span


@dataclass(frozen=True, slots=True)
class Case:
    """A policy case: its fields, each a span of the document's text.

    `number` counts within the file (案例三 is 3). `background` and `outcomes`
    are None where the case has no such section.
    """

    number: int
    title: Span
    units: tuple[Span, ...]
    background: Span | None
    measures: tuple[Measure, ...]
    outcomes: Span | None
    figures: tuple[Figure, ...] = ()

    def to_dict(self, text: str) -> dict[str, Any]:
        """The case card: every field with its offsets and its words."""

        def shown(span: Span | None) -> dict[str, Any] | None:
            return None if span is None else {"start": span.start, "end": span.end, "text": span.of(text)}

        return {
            "number": self.number,
            "title": shown(self.title),
            "units": [shown(unit) for unit in self.units],
            "background": shown(self.background),
            "measures": [
                {"start": m.span.start, "end": m.span.end, "heading": shown(m.heading), "text": shown(m.text)}
                for m in self.measures
            ],
            "outcomes": shown(self.outcomes),
            "figures": [{"kind": f.kind, **(shown(f.span) or {})} for f in self.figures],
        }


@dataclass(frozen=True, slots=True)
class Sentence:
    """The unit that is matched and quoted: one sentence, or a heading that is a sentence
    of its own together with the sentence it heads. `heading` is then the heading's span."""

    span: Span
    heading: Span | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that is retrieved as one: a measure, a section, a paragraph.

    `section` (background, measure, outcomes, or a heading of the document) and the
    document's title travel as context for the embedding and are not part of the quote.
    Its sentences tile it but for white space between them.
    """

    span: Span
    section: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters that text and source share: `length` characters at
    `start` in the text are those at `source_start` in the source file's decoded text."""

    start: int
    source_start: int
    length: int
    page: int | None = None


@dataclass(frozen=True, slots=True)
class SourceMap:
    """From offsets in a document's text back to the file it was read from.

    `pieces` are sorted by `start`. Characters that reading added (a line break between
    paragraphs) belong to no piece and lead to the source offset of the character before.
    """

    pieces: tuple[Piece, ...] = ()

    def source_offset(self, offset: int) -> int | None:
        """The offset in the source's decoded text, or None where there is no map."""
        piece = self._piece(offset)
        return None if piece is None else piece.source_start + min(offset - piece.start, piece.length - 1)

    def page(self, offset: int) -> int | None:
        """The 1-based page of the source file, or None where it has no pages."""
        piece = self._piece(offset)
        return None if piece is None else piece.page

    def _piece(self, offset: int) -> Piece | None:
        from bisect import bisect_right

        if not self.pieces:
            return None
        at = bisect_right(self.pieces, offset, key=lambda piece: piece.start)
        return self.pieces[max(at - 1, 0)]


@dataclass(frozen=True, slots=True)
class Document:
    """One document as read: for a file of cases each case is a document.

    `doc_id` is the file's name and the case's number; `source` the path or name it
    came from, shown to people and used to find what has gone from a refreshed file.
    """

    doc_id: str
    title: str
    text: str
    source: str
    passages: tuple[Passage, ...]
    case: Case | None = None
    source_map: SourceMap = field(default_factory=SourceMap)
    collection: str = ""

    def card(self) -> dict[str, Any] | None:
        return None if self.case is None else self.case.to_dict(self.text)


@dataclass(frozen=True, slots=True)
class Rendering:
    """A translation of one sentence, heading, title or unit name.

    Keyed by the source text, so it survives refreshing. `origin` says who made it:
    a government (official), this project (project) or a program (machine).
    """

    source_text: str
    language: str
    text: str
    origin: Literal["official", "project", "machine"]

    def to_dict(self) -> dict[str, str]:
        record = asdict(self)
        record.pop("source_text")
        return record
