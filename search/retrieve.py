"""From scored candidates to hits: in order, each an exact span with its best sentence.

Hits are passages; `k` counts documents: the list goes on until k different documents are in
it, where there are as many.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from baycase.corpus.records import Rendering, Span
from baycase.corpus.renderings import rendering_of
from baycase.index.generation import NO_HEADING, Generation, StoredDocument
from baycase.search.matching import matched_words
from baycase.search.query import Query
from baycase.search.results import AnswerSpan, Hit, Leg
from baycase.search.scorer import Scored

READ = ("relevance", "span", "alone", "alone_span")  # legs that a hit has once it was read
MOST_HITS_A_DOCUMENT = 8  # in a list of ten long documents, no more than this many passages of one


def hits_of(query: Query, scored: Scored, generation: Generation, k: int) -> tuple[Hit, ...]:
    """The best hits, from k documents at least where there are as many."""
    documents = generation.passages["document"][scored.candidates.passages]
    chosen, per_document = [], {}
    for number in scored.order():
        document = int(documents[number])
        if document not in per_document and len(per_document) == k:
            break
        per_document[document] = per_document.get(document, 0) + 1
        if per_document[document] <= MOST_HITS_A_DOCUMENT:
            chosen.append(int(number))
    legs = _legs(scored.candidates.features, np.array(chosen, np.int64))
    return tuple(
        _hit(query, scored, generation, number, rank, of_legs)
        for rank, (number, of_legs) in enumerate(zip(chosen, legs, strict=True), 1)
    )


def _legs(features: Mapping[str, np.ndarray], chosen: np.ndarray) -> list[dict[str, Leg]]:
    """What every leg says of each of the chosen candidates: its score, and its rank among all candidates. The highest
    has rank 1; equal ones share the better rank."""
    every = np.array(list(features.values()), np.float64)
    own = every[:, chosen]
    ranks = 1 + (every[:, None, :] > own[:, :, None]).sum(2)
    return [
        {name: Leg(score, rank) for name, score, rank in zip(features, scores, places, strict=True)}
        for scores, places in zip(own.T.tolist(), ranks.T.tolist(), strict=True)
    ]


def _hit(query: Query, scored: Scored, generation: Generation, number: int, rank: int, legs: dict[str, Leg]) -> Hit:
    candidates = scored.candidates
    row = int(candidates.passages[number])
    passage = generation.passages[row]
    document = generation.document(int(passage["document"]))
    start, end = int(passage["start"]), int(passage["end"])
    sentence = sentence_span(generation, int(scored.sentences[number]))
    rendering = sentence_rendering(document, generation, int(scored.sentences[number]), query.language)
    reading = scored.read.get(number) if scored.read else None
    if reading is not None:
        legs = legs | {
            name: Leg(reading.features[name], _rank_read(scored, name, number))
            for name in READ
            if name in reading.features
        }
    return Hit(
        rank=rank,
        score=float(scored.scores[number]),
        doc_id=document.doc_id,
        title=document.title,
        section=generation.section(row),
        start=start,
        end=end,
        passage=document.text[start:end],
        sentence=sentence.of(document.text),
        sentence_start=sentence.start,
        sentence_end=sentence.end,
        legs=legs,
        answer_span=_words(reading and reading.answer, document.text),
        rendering=rendering,
        rendered_answer=_words(reading and reading.rendered_answer, rendering.text if rendering else ""),
        matched=matched_words(query, document.text[start:end], rendering.text if rendering else ""),
        page=document.source_map.page(sentence.start),
        context=_words(_heading_over(document, sentence), document.text),
        source=document.source,
        passage_row=row,
    )


def _rank_read(scored: Scored, name: str, number: int) -> int:
    """The rank among what was read."""
    read = scored.read or {}
    return 1 + sum(other.features.get(name, -np.inf) > read[number].features[name] for other in read.values())


def _heading_over(document: StoredDocument, sentence: Span) -> Span | None:
    """The heading of the measure that holds the sentence, unless the sentence begins with it."""
    for measure in document.case.measures if document.case else ():
        if measure.span.holds(sentence) and measure.heading.end <= sentence.start:
            return measure.heading
    return None


def _words(span: Span | None, text: str) -> AnswerSpan | None:
    return AnswerSpan(span.start, span.end, span.of(text)) if span else None


def sentence_span(generation: Generation, row: int) -> Span:
    sentence = generation.sentences[row]
    return Span(int(sentence["start"]), int(sentence["end"]))


def sentence_rendering(document: StoredDocument, generation: Generation, row: int, language: str) -> Rendering | None:
    """The rendering of a sentence in a language, where it has one."""
    sentence = generation.sentences[row]
    heading = Span(int(sentence["heading_start"]), int(sentence["heading_end"]))
    span = Span(int(sentence["start"]), int(sentence["end"]))
    return rendering_of(
        document.text, span, None if heading.start == NO_HEADING else heading, document.renderings_in(language)
    )


def first_documents(hits: Sequence[Hit]) -> list[str]:
    """doc_ids in the order of their best hit."""
    return list(dict.fromkeys(hit.doc_id for hit in hits))
