"""What search returns: plain frozen records whose `to_dict()` is the JSON of the interfaces.

Offsets count characters of the document's text, `text[start:end]` is the quote.
Scores: higher is better, comparable within one result. Probabilities are 0 to 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from baycase.corpus.records import Rendering


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """The words within a quote that answer, as offsets into the document's text."""

    start: int
    end: int
    text: str

    def to_dict(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end, "text": self.text}


@dataclass(frozen=True, slots=True)
class Leg:
    """What one leg of retrieval says of a hit: its score there, and its rank among the candidates."""

    score: float
    rank: int

    def to_dict(self) -> dict[str, Any]:
        return {"score": round(self.score, 4), "rank": self.rank}


@dataclass(frozen=True, slots=True)
class Hit:
    """One passage, with the sentence of it that fits the query best."""

    rank: int
    score: float
    doc_id: str
    title: str
    section: str
    start: int
    end: int
    passage: str
    sentence: str
    sentence_start: int
    sentence_end: int
    legs: Mapping[str, Leg]
    matched: tuple[str, ...] = ()
    answer_span: AnswerSpan | None = None
    rendering: Rendering | None = None
    rendered_answer: AnswerSpan | None = None
    page: int | None = None
    context: AnswerSpan | None = None
    """The heading of the measure that the sentence stands under, where the quote does not begin with it."""
    source: str = ""
    passage_row: int = field(default=-1, compare=False)

    def to_dict(self) -> dict[str, Any]:
        record = {
            "rank": self.rank, "score": round(self.score, 6), "doc_id": self.doc_id, "title": self.title,
            "section": self.section, "start": self.start, "end": self.end, "passage": self.passage,
            "sentence": self.sentence, "sentence_start": self.sentence_start, "sentence_end": self.sentence_end,
            "legs": {name: leg.to_dict() for name, leg in self.legs.items()}, "matched": list(self.matched),
        }  # fmt: skip
        return record | _extras(self.answer_span, self.rendering, self.page, self.rendered_answer, self.context)


@dataclass(frozen=True, slots=True)
class Citation:
    """An exact quote: one sentence of a document's text."""

    doc_id: str
    title: str
    start: int
    end: int
    quote: str
    answer_span: AnswerSpan | None = None
    rendering: Rendering | None = None
    page: int | None = None
    rendered_answer: AnswerSpan | None = None
    context: AnswerSpan | None = None

    def to_dict(self) -> dict[str, Any]:
        record = {"doc_id": self.doc_id, "title": self.title, "start": self.start, "end": self.end, "quote": self.quote}
        return record | _extras(self.answer_span, self.rendering, self.page, self.rendered_answer, self.context)


def _extras(
    span: AnswerSpan | None,
    rendering: Rendering | None,
    page: int | None,
    rendered: AnswerSpan | None = None,
    context: AnswerSpan | None = None,
) -> dict[str, Any]:
    """The fields that a hit, a citation or a precedent carries only where there is something to say.

    `rendered` are the answering words of the rendering; their offsets count within it.
    """
    translated: dict[str, Any] | None = None
    if rendering is not None:
        translated = {**rendering.to_dict(), **({"answer_span": rendered.to_dict()} if rendered else {})}
    found = {
        "answer_span": span and span.to_dict(),
        "rendering": translated,
        "page": page,
        "context": context and context.to_dict(),
    }
    return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class SearchResult:
    query_id: str | None
    query: str
    language: str
    hits: tuple[Hit, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"query_id": self.query_id, "query": self.query, "language": self.language,
                "hits": [hit.to_dict() for hit in self.hits]}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskResult:
    """`answerable`: how likely the library answers at all; `confidence`: how likely the first hit's sentence does."""

    query_id: str | None
    query: str
    language: str
    answered: bool
    answerable: float
    confidence: float
    answer: str | None
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "query_id": self.query_id, "query": self.query, "language": self.language, "answered": self.answered,
            "answerable": round(self.answerable, 4), "confidence": round(self.confidence, 4), "answer": self.answer,
            "citations": [citation.to_dict() for citation in self.citations],
            "hits": [hit.to_dict() for hit in self.hits],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Precedent:
    """The sentence of a case that is closest to a point of a proposal."""

    start: int
    end: int
    quote: str
    rendering: Rendering | None = None
    page: int | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end, "quote": self.quote} | _extras(None, self.rendering, self.page)


@dataclass(frozen=True, slots=True)
class MatchedPoint:
    """One point of a proposal against one case; `precedent` is None where the case has none.

    `score` is a similarity from 0 (as an unrelated case) to 1; `strength` the scorer's own score behind it.
    """

    point: str
    start: int
    end: int
    score: float
    precedent: Precedent | None
    legs: Mapping[str, float] = field(default_factory=dict)
    strength: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        return {
            "point": self.point, "start": self.start, "end": self.end, "score": round(self.score, 4),
            "precedent": self.precedent and self.precedent.to_dict(),
            "legs": {name: round(score, 4) for name, score in self.legs.items()},
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class SimilarCase:
    rank: int
    doc_id: str
    title: str
    score: float
    points: tuple[MatchedPoint, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"rank": self.rank, "doc_id": self.doc_id, "title": self.title, "score": round(self.score, 6),
                "points": [point.to_dict() for point in self.points]}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SimilarResult:
    query_id: str | None
    query: str
    language: str
    cases: tuple[SimilarCase, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"query_id": self.query_id, "query": self.query, "language": self.language,
                "cases": [case.to_dict() for case in self.cases]}  # fmt: skip
