"""Similar cases to a proposal: every point against every case, the case's score from its points.

A point is matched against the sentences of a case's background, measures and outcomes; its
precedent is the sentence that fits best, if it fits well enough, else the point is
new to that case.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from baycase.corpus.records import Span
from baycase.index.generation import Generation
from baycase.search.candidates import Candidates, find_candidates
from baycase.search.query import Query
from baycase.search.results import MatchedPoint, Precedent, SimilarCase
from baycase.search.retrieve import sentence_rendering, sentence_span
from baycase.search.scorer import score, similarity_scale

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
    documents = sorted({document for match in [overall, *matches] for document in match})
    if not documents:
        return ()

    def total(document: int) -> float:
        of_points = float(np.mean([match.get(document, _NOTHING).similarity for match in matches]))
        return _WHOLE * overall.get(document, _NOTHING).similarity + (1 - _WHOLE) * of_points

    scores = {document: total(document) for document in documents}
    best = sorted(documents, key=lambda document: (-scores[document], document))[:k]
    return tuple(
        _case(rank, document, scores[document], points, matches, generation) for rank, document in enumerate(best, 1)
    )


@dataclass(frozen=True, slots=True)
class _Match:
    """A case's best passage for a point: its score, its best sentence's row, whether it is good enough to be a
    precedent, what the legs say, and its similarity: about 0 for an unrelated case, 1 for the best match."""

    score: float
    sentence: int
    precedent: bool
    legs: dict[str, float]
    similarity: float


_NOTHING = _Match(0.0, -1, False, {}, 0.0)


def _clipped(similarity: float) -> float:
    return min(1.0, max(0.0, similarity))


def _match(query: Query, vector: np.ndarray, generation: Generation, allowed: np.ndarray | None) -> dict[int, _Match]:
    """Document row → its match."""
    candidates = _without_headers(find_candidates(query, vector, generation, allowed), generation)
    scored = score(candidates, query.language)
    scale = similarity_scale()[query.language[:2] + ("+rendered" if query.is_english and candidates.rendered else "")]
    found: dict[int, _Match] = {}
    for number in np.argsort(-scored.scores, kind="stable"):
        document = int(generation.passages["document"][candidates.passages[number]])
        if document not in found:
            strength = float(scored.scores[number])
            found[document] = _Match(
                score=strength,
                sentence=int(scored.sentences[number]),
                precedent=strength >= scale["precedent"],
                legs={name: float(values[number]) for name, values in candidates.features.items()},
                similarity=(strength - scale["floor"]) / (scale["ceiling"] - scale["floor"]),
            )
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
    matches: Sequence[dict[int, _Match]],
    generation: Generation,
) -> SimilarCase:
    stored = generation.document(document)
    matched = []
    for (span, query, _), match in zip(points, matches, strict=True):
        found = match.get(document, _NOTHING)
        precedent = None
        if found.precedent:
            sentence = sentence_span(generation, found.sentence)
            precedent = Precedent(
                sentence.start,
                sentence.end,
                sentence.of(stored.text),
                sentence_rendering(stored, generation, found.sentence, query.language),
                stored.source_map.page(sentence.start),
            )
        matched.append(
            MatchedPoint(
                query.text, span.start, span.end, _clipped(found.similarity), precedent, found.legs, found.score
            )
        )
    return SimilarCase(rank, stored.doc_id, stored.title, _clipped(total), tuple(matched))
