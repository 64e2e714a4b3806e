"""From hits to an answer: the first hit's sentence as a citation, or an abstention.

The quote is an exact span, checked here against the text it comes from; the two
probabilities come from `judgement`, never from a bare similarity.
"""

from baycase.search.judgement import judge
from baycase.search.query import Query
from baycase.search.results import AskResult, Citation, Hit

OPERATING_POINT = 0.5  # answered when `answerable` reaches it


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
