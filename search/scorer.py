"""The second stage: one score a candidate, a weighted sum of what the legs say.

The weights know the query's language, because the legs do: words of an English
question are not in a Chinese text, and fusing by rank alone then loses what the
vectors found (recall@1 .22 against .67). `weights.json` holds them, readable.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from baycase.corpus.language import Language
from baycase.search.candidates import Candidates, best_of

if TYPE_CHECKING:
    from baycase.search.reading import ReadSentence


@dataclass(frozen=True, slots=True)
class Scored:
    """Candidates with a score each, (m,), and the row of the best sentence of each, (m,).

    `all_sentence_scores` (s,) weigh every sentence; `read` holds, by candidate, the sentence that
    reading chose, and is None where nothing was read.
    """

    candidates: Candidates
    scores: np.ndarray
    sentences: np.ndarray
    all_sentence_scores: np.ndarray
    read: "Mapping[int, ReadSentence] | None" = None

    def order(self) -> np.ndarray:
        """(m,) the candidates' places, the best first; ties in the order of the library."""
        return np.lexsort((self.candidates.passages, -self.scores))


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    return json.loads(files("baycase.search").joinpath("weights.json").read_text(encoding="utf-8"))


def forget_weights() -> None:
    """Read the file again at the next call: a fit has just written it."""
    _file.cache_clear()


def load_weights() -> dict[str, dict[str, dict[str, float]]]:
    """Language → {"passage": feature → weight, "sentence": feature → weight}."""
    return _file()["weights"]


def similarity_scale() -> dict[str, dict[str, float]]:
    """zh, en, en+rendered → the passage scores at which a similarity is 0 (floor) and 1 (ceiling), and the one that
    a precedent needs."""
    return _file()["similarity"]


def score(candidates: Candidates, language: Language, legs: frozenset[str] | None = None) -> Scored:
    """Weigh the legs (only those named in `legs`, if given)."""
    weights = load_weights()[language + ("+rendered" if candidates.rendered else "")]
    count = len(candidates.passages)
    scores = weighted_sum(candidates.features, weights["passage"], legs, count)
    sentence_scores = weighted_sum(candidates.sentence_features, weights["sentence"], None, len(candidates.sentences))
    best = best_of(sentence_scores, candidates.owner, count)
    # The first sentence that reaches its passage's best score.
    chosen = np.full(count, -1, np.int64)
    for number in np.flatnonzero(sentence_scores >= best[candidates.owner])[::-1]:
        chosen[candidates.owner[number]] = candidates.sentences[number]
    return Scored(candidates, scores, chosen, sentence_scores)


def weighted_sum(
    features: dict[str, np.ndarray], weights: dict[str, float], legs: frozenset[str] | None, count: int
) -> np.ndarray:
    total = np.zeros(count, np.float32)
    for name, weight in weights.items():
        if weight and name in features and (legs is None or name in legs):
            total += weight * features[name]
    return total
