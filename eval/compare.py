"""Two runs over the same questions: what differs, whether by more than chance, which questions changed.

The test is a paired permutation test (Fisher's randomisation, as Smucker et al. 2007 advise for
retrieval): under the null the two runs' values of a question may be exchanged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import permutation_test

from baycase.errors import TestSetError
from baycase.eval.runs import SavedRun
from baycase.eval.uncertainty import group_weights, interval, weighted_means

COMPARED = (
    "recall@1",
    "recall@5",
    "recall@10",
    "mrr@10",
    "ndcg@10",
    "sentence@1",
    "sentence@3",
    "answer@1",
    "answer_f1",
    "answered",
    "refused",
)
_RESAMPLES = 4999


@dataclass(frozen=True, slots=True)
class Difference:
    """B minus A on the questions both have: with a 95 % interval, and how likely chance alone gives as much."""

    subset: str
    metric: str
    questions: int
    a: float
    b: float
    difference: float
    interval: list[float] | None
    p: float


@dataclass(frozen=True, slots=True)
class Changed:
    """A question that one run gets right and the other does not: what each showed first."""

    id: str
    subset: str
    question: str
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Comparison:
    a: str
    b: str
    differences: tuple[Difference, ...]
    gained: tuple[Changed, ...]
    lost: tuple[Changed, ...]
    only_a: int
    only_b: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def compare(a: SavedRun, b: SavedRun) -> Comparison:
    """Raises TestSetError where the runs share no question."""
    first, second = _by_key(a), _by_key(b)
    shared = [key for key in first if key in second and first[key]["text"] == second[key]["text"]]
    if not shared:
        raise TestSetError(f"the runs {a.name} and {b.name} have no question in common; both must be of one test set")
    subsets = list(dict.fromkeys(key[0] for key in shared))
    differences = []
    for subset in [*subsets, *(["all"] if len(subsets) > 1 else [])]:
        keys = [key for key in shared if subset in ("all", key[0])]
        for metric in COMPARED:
            pairs = [
                (first[k], second[k]) for k in keys if metric in first[k]["values"] and metric in second[k]["values"]
            ]
            if pairs:
                differences.append(_difference(subset, metric, pairs))
    changed = [(first[k], second[k], _success(first[k]), _success(second[k])) for k in shared]
    return Comparison(
        a.name,
        b.name,
        tuple(differences),
        tuple(_changed(x, y) for x, y, before, after in changed if after > before),
        tuple(_changed(x, y) for x, y, before, after in changed if after < before),
        len(first) - len(shared),
        len(second) - len(shared),
    )


def _by_key(run: SavedRun) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(row["subset"], row["id"]): row for row in run.questions}


def _difference(subset: str, metric: str, pairs: Sequence[tuple[Mapping, Mapping]]) -> Difference:
    a = np.array([x["values"][metric] for x, _ in pairs])
    b = np.array([y["values"][metric] for _, y in pairs])
    weights = group_weights([x["group"] for x, _ in pairs])
    return Difference(
        subset,
        metric,
        len(pairs),
        round(float(a.mean()), 4),
        round(float(b.mean()), 4),
        round(float((b - a).mean()), 4),
        interval(weighted_means(b - a, weights)),
        round(paired_p(a, b), 4),
    )


def paired_p(a: np.ndarray, b: np.ndarray) -> float:
    """Two-sided p of (n,) against (n,) values, exchanged within questions."""
    differing = a != b  # equal pairs change nothing when exchanged
    if not differing.any():
        return 1.0

    def mean_difference(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
        return np.mean(y, axis=axis) - np.mean(x, axis=axis)

    result = permutation_test(
        (a[differing], b[differing]), mean_difference, permutation_type="samples", vectorized=True,
        n_resamples=_RESAMPLES, batch=500, rng=np.random.default_rng(0),
    )  # fmt: skip
    return float(result.pvalue)


def _success(row: Mapping[str, Any]) -> float:
    """What gaining or losing a question means: its first sentence, else its first document, else its refusal."""
    values = row["values"]
    return next((values[name] for name in ("right", "recall@1", "refused") if name in values), 0.0)


def _changed(a: Mapping[str, Any], b: Mapping[str, Any]) -> Changed:
    return Changed(a["id"], a["subset"], a["text"], _shown(a), _shown(b))


def _shown(row: Mapping[str, Any]) -> str:
    return f"{row['ranking'][0]}: {row['sentence']}" if row["ranking"] else ""
