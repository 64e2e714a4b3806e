"""Similar cases to a proposal: every point against every case, the case's score from its points.

A point is matched against the sentences of a case's background, measures and outcomes; its
precedent is the sentence that fits best, if it fits well enough, else the point is
new to that case.
"""

from collections.abc import Sequence

import numpy as np

from baycase.corpus.records import Span
from baycase.index.generation import Generation
from baycase.search.candidates import Candidates, find_candidates
from baycase.search.query import Query
from baycase.search.results import MatchedPoint, Precedent, SimilarCase
from baycase.search.retrieve import sentence_rendering, sentence_span
from baycase.search.scorer import score

NO_PRECEDENT_BELOW = {"en": 0.40, "zh-Hans": 0.42, "zh-Hant": 0.42}
_WHOLE = 0.5  # the whole proposal's share of a case's score; the points have the rest


def similar_cases(
    whole: tuple[Query, np.ndarray],
    points: Sequence[tuple[Span, Query, np.ndarray]],
    generation: Generation,
    k: int,
    allowed: np.ndarray | None = None,
) -> tuple[SimilarCase, ...]:
    """The k cases most like a proposal. Each query comes with its embedding, (dim,)."""
    matches = [_match(query, vector, generation, allowed) for _, query, vector in points]
    overall = _match(*whole, generation, allowed)
    documents = sorted({d for match in [overall, *matches] for d in match})
    if not documents:
        return ()
    scores = {
        d: _WHOLE * overall.get(d, (0.0, -1))[0]
        + (1 - _WHOLE) * float(np.mean([match.get(d, (0.0, -1))[0] for match in matches]))
        for d in documents
    }
    best = sorted(documents, key=lambda d: (-scores[d], d))[:k]
    return tuple(
        _case(rank, document, scores[document], points, matches, generation) for rank, document in enumerate(best, 1)
    )


def _match(
    query: Query, vector: np.ndarray, generation: Generation, allowed: np.ndarray | None
) -> dict[int, tuple[float, int]]:
    """Document row → (score of its best passage, row of the best sentence in it)."""
    candidates = _without_headers(find_candidates(query, vector, generation, allowed), generation)
    scored = score(candidates, query.language)
    found: dict[int, tuple[float, int]] = {}
    for number in np.argsort(-scored.scores, kind="stable"):
        document = int(generation.passages["document"][candidates.passages[number]])
        if document not in found:
            found[document] = (float(scored.scores[number]), int(scored.sentences[number]))
    return found


def _without_headers(candidates: Candidates, generation: Generation) -> Candidates:
    """A title and a unit's name are no precedent."""
    kept = np.array([generation.section(int(row)) != "header" for row in candidates.passages], bool)
    numbers = np.cumsum(kept) - 1
    sentences = kept[candidates.owner]
    return Candidates(
        candidates.passages[kept],
        candidates.sentences[sentences],
        numbers[candidates.owner[sentences]],
        {name: values[kept] for name, values in candidates.features.items()},
        {name: values[sentences] for name, values in candidates.sentence_features.items()},
        candidates.rendered,
    )


def _case(
    rank: int,
    document: int,
    total: float,
    points: Sequence[tuple[Span, Query, np.ndarray]],
    matches: Sequence[dict[int, tuple[float, int]]],
    generation: Generation,
) -> SimilarCase:
    stored = generation.document(document)
    matched = []
    for (span, query, _), match in zip(points, matches, strict=True):
        strength, row = match.get(document, (0.0, -1))
        precedent = None
        if row >= 0 and strength >= NO_PRECEDENT_BELOW[query.language]:
            sentence = sentence_span(generation, row)
            precedent = Precedent(
                sentence.start,
                sentence.end,
                sentence.of(stored.text),
                sentence_rendering(stored, generation, row, query.language),
                stored.source_map.page(sentence.start),
            )
        matched.append(MatchedPoint(query.text, span.start, span.end, strength, precedent))
    return SimilarCase(rank, stored.doc_id, stored.title, total, tuple(matched))
