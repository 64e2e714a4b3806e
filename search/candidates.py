"""The first stage: a generous union of the legs, and what each leg says of every candidate.

A leg is one way of looking for passages: dense (the passage's vector), sentence (its
best sentence's vector), terms (BM25 of folded words). Each names its best passages; then
every leg scores every candidate, so that none is lost for lack of a score.
"""

from dataclasses import dataclass

import numpy as np

from baycase.index.generation import Generation
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


def find_candidates(query: Query, vector: np.ndarray, generation: Generation, allowed: np.ndarray | None = None) -> Candidates:
    """Candidates for a query whose embedding is `vector` (dim,), among `allowed` (document rows → bool) if given."""
    named = [_dense(vector, generation), _sentences(vector, generation), _terms(query, generation)]
    passages = np.unique(np.concatenate(named)).astype(np.int64)
    if allowed is not None:
        passages = passages[allowed[generation.passages["document"][passages]]]
    sentences, owner = sentences_of(generation, passages)
    return Candidates(passages, sentences, owner, *_score(query, vector, generation, passages, sentences, owner))


def _dense(vector: np.ndarray, generation: Generation) -> np.ndarray:
    return generation.passage_vectors.search(vector[None], DEPTH)[1][0]


def _sentences(vector: np.ndarray, generation: Generation) -> np.ndarray:
    rows = generation.sentence_vectors.search(vector[None], SENTENCE_DEPTH)[1][0]
    return generation.sentences["passage"][rows]


def _terms(query: Query, generation: Generation) -> np.ndarray:
    return best_rows(generation.fields["terms"].scores(query.terms), DEPTH)


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


def _score(
    query: Query, vector: np.ndarray, generation: Generation, passages: np.ndarray, sentences: np.ndarray, owner: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    field = generation.fields["terms"]
    sentence = generation.sentence_vectors.rows(sentences) @ vector
    features = {
        "dense": generation.passage_vectors.rows(passages) @ vector,
        "sentence": best_of(sentence, owner, len(passages)),
        "terms": field.scores(query.terms)[passages] / field.highest_score(query.terms),
    }
    return features, {"sentence": sentence}


def best_of(scores: np.ndarray, owner: np.ndarray, count: int) -> np.ndarray:
    """The highest of each owner's scores, (count,); owners without any get 0."""
    best = np.full(count, -np.inf, np.float32)
    np.maximum.at(best, owner, scores)
    return np.where(np.isfinite(best), best, 0)
