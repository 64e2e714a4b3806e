"""The first stage: a generous union of the legs, and what each leg says of every candidate.

A leg is one way of looking for passages: dense (the passage's vector), sentence (its
best sentence's vector), terms (BM25 of folded words). Each names its best passages; then
every leg scores every candidate, so that none is lost for lack of a score.
"""

from dataclasses import dataclass

import numpy as np
from baycase.index.generation import Generation
from baycase.index.lexical import Terms
from baycase.search.query import Query

DEPTH = 100  # passages each leg names
SENTENCE_DEPTH = 200  # sentences the sentence leg names, several of which share a passage


@dataclass(frozen=True, slots=True)
class Candidates:
    """m candidate passages and their s sentences.

    `passages` (m,) and `sentences` (s,) are rows of the generation, ascending; `owner` (s,)
    is each sentence's candidate number; `features` and `sentence_features` map a leg's name to
    its scores, (m,) and (s,) float32, higher is better, 0 where the leg found nothing.
    """

    passages: np.ndarray
    sentences: np.ndarray
    owner: np.ndarray
    features: dict[str, np.ndarray]
    sentence_features: dict[str, np.ndarray]


def find_candidates(
    query: Query, vector: np.ndarray, generation: Generation, allowed: np.ndarray | None = None
) -> Candidates:
    """Candidates for a query whose embedding is `vector` (dim,), among `allowed` (document rows → bool) if given."""
    fields = _field_scores(query, generation)
    named = [
        generation.passage_vectors.search(vector[None], DEPTH)[1][0],
        generation.sentences["passage"][generation.sentence_vectors.search(vector[None], SENTENCE_DEPTH)[1][0]],
        *(best_rows(scores, DEPTH) for scores in fields["passages"].values()),
    ]
    passages = np.unique(np.concatenate(named)).astype(np.int64)
    if allowed is not None:
        passages = passages[allowed[generation.passages["document"][passages]]]
    sentences, owner = sentences_of(generation, passages)
    dense = {"sentence": generation.sentence_vectors.rows(sentences) @ vector}
    sentence_features = dense | {name: scores[sentences] for name, scores in fields["sentences"].items()}
    features = {"dense": generation.passage_vectors.rows(passages) @ vector}
    features |= {name: scores[passages] for name, scores in fields["passages"].items()}
    features |= {name: best_of(scores, owner, len(passages)) for name, scores in sentence_features.items()}
    return Candidates(passages, sentences, owner, features, sentence_features)


def _field_scores(query: Query, generation: Generation) -> dict[str, dict[str, np.ndarray]]:
    """Every lexical leg over every passage and sentence, by level and name; scores from 0 to about 1."""
    fields = generation.fields
    passages = {
        "terms": _bm25(fields["terms"], query.terms),
        "cover": fields["terms"].coverage(query.terms),
        "bridge": _bm25(fields["terms"], query.bridge),
    }
    sentences = {
        "sentence_terms": _bm25(fields["sentence_terms"], query.terms),
        "sentence_cover": fields["sentence_terms"].coverage(query.terms),
        "sentence_bridge": _bm25(fields["sentence_terms"], query.bridge),
    }
    if query.is_english:
        passages["gloss"] = _bm25(fields["gloss"], query.english)
        passages["gloss_cover"] = fields["gloss"].coverage(query.english)
        sentences["sentence_gloss"] = _bm25(fields["sentence_gloss"], query.english)
        sentences["sentence_gloss_cover"] = fields["sentence_gloss"].coverage(query.english)
    return {"passages": passages, "sentences": sentences}


def _bm25(field: Terms, terms: tuple[str, ...]) -> np.ndarray:
    return field.scores(terms) / field.highest_score(terms)


def best_rows(scores: np.ndarray, depth: int) -> np.ndarray:
    """Rows of the `depth` highest scores above 0, in no order."""
    depth = min(depth, len(scores))
    rows = np.argpartition(scores, len(scores) - depth)[len(scores) - depth :] if depth else np.empty(0, np.int64)
    return rows[scores[rows] > 0]


def sentences_of(generation: Generation, passages: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sentence rows of passages, and for each the number of its passage in `passages`."""
    counts = generation.passages["sentences"][passages]
    owner = np.repeat(np.arange(len(passages)), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return generation.passages["first_sentence"][passages][owner] + within, owner


def best_of(scores: np.ndarray, owner: np.ndarray, count: int) -> np.ndarray:
    """The highest of each owner's scores, (count,); owners without any get 0."""
    best = np.full(count, -np.inf, np.float32)
    np.maximum.at(best, owner, scores)
    return np.where(np.isfinite(best), best, 0)
