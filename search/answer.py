"""From hits to an answer: the first hit's sentence as a citation, or an abstention.

The quote is an exact span, checked here against the text it comes from; the two
probabilities come from `Judgement`, never from a bare similarity.
"""

import math
from dataclasses import dataclass

from baycase.search.query import Query
from baycase.search.results import AskResult, Citation, Hit

OPERATING_POINT = 0.5  # answered when `answerable` reaches it


@dataclass(frozen=True, slots=True)
class Judgement:
    """`answerable`: the library answers the question; `confidence`: the first hit's sentence does."""

    answerable: float
    confidence: float


def judge(query: Query, hits: tuple[Hit, ...]) -> Judgement:
    """How sure to be, from the legs of the first hit."""
    if not hits:
        return Judgement(0.0, 0.0)
    legs = hits[0].legs
    centre = 0.855 if query.is_english else 0.875
    evidence = 40 * (legs["sentence"].score - centre) + 4 * legs["terms"].score
    probability = 1 / (1 + math.exp(-evidence))
    return Judgement(probability, probability * 0.8)


def answer(query: Query, hits: tuple[Hit, ...], query_id: str | None) -> AskResult:
    judgement = judge(query, hits)
    answered = bool(hits) and judgement.answerable >= OPERATING_POINT
    citations = (cite(hits[0]),) if answered else ()
    return AskResult(
        query_id=query_id,
        query=query.text,
        language=query.language,
        answered=answered,
        answerable=judgement.answerable,
        confidence=judgement.confidence,
        answer=citations[0].quote if citations else None,
        citations=citations,
        hits=hits,
    )


def cite(hit: Hit) -> Citation:
    """The sentence of a hit as a citation."""
    quote = hit.passage[hit.sentence_start - hit.start : hit.sentence_end - hit.start]
    if quote != hit.sentence:
        raise AssertionError(f"{hit.doc_id}: the sentence at {hit.sentence_start} is not a span of its passage")
    return Citation(
        doc_id=hit.doc_id,
        title=hit.title,
        start=hit.sentence_start,
        end=hit.sentence_end,
        quote=quote,
        answer_span=hit.answer_span,
        rendering=hit.rendering,
        rendered_answer=hit.rendered_answer,
        page=hit.page,
    )
