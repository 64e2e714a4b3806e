"""From hits to an answer: the first hit's sentence as a citation, or an abstention.

The quote is an exact span, checked here against the text it comes from; the two
probabilities come from `judgement`, never from a bare similarity.
"""

import re

from baycase.corpus.folding import fold
from baycase.search.judgement import judge
from baycase.search.query import Query
from baycase.search.results import AskResult, Citation, Hit

# A question that asks for two things: 什么时候…有多少…, 分别, and how many …
_TWO = re.compile(
    r"分别|各自|各有|(?:什么时候|几时|何时|多少|几|谁|哪|怎|什么|为何).*[，,、和及并又同].*(?:什么时候|几时|何时|多少|几|谁|哪|怎|什么|为何)|"
    r"\b(?:what|when|how|who|which|where|why)\b.*\band\b.*\b(?:what|when|how|who|which|where|why)\b|\bboth\b|\brespectively\b"
)


def answer(query: Query, hits: tuple[Hit, ...], query_id: str | None) -> AskResult:
    judgement = judge(query, hits)
    citations = tuple(cite(hit) for hit in _answering(query, hits)) if judgement.answers else ()
    return AskResult(
        query_id=query_id,
        query=query.text,
        language=query.language,
        answered=judgement.answers,
        answerable=judgement.answerable,
        confidence=judgement.confidence,
        answer="\n".join(citation.quote for citation in citations) or None,
        citations=citations,
        hits=hits,
    )


def _answering(query: Query, hits: tuple[Hit, ...]) -> list[Hit]:
    """The first hit; and where the question asks for two things, the best other hit of the same document, if the
    reader finds an answer in it."""
    chosen = [hits[0]]
    if _TWO.search(fold(query.text)):
        second = (h for h in hits[1:] if h.doc_id == hits[0].doc_id and _reads_as_answer(h))
        chosen.extend(list(second)[:1])
    return chosen


def _reads_as_answer(hit: Hit) -> bool:
    return "relevance" in hit.legs and hit.legs["relevance"].score > 0


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
        context=hit.context,
    )
