"""Bootstrap intervals: questions are resampled by the case they are about.

Several questions share a case, often a sentence, so they are not independent; whole groups are
drawn with replacement (Field and Welsh 2007), which is the same as giving every question the number
of times its group was drawn as a weight.
"""

from collections.abc import Sequence

import numpy as np

RESAMPLES = 1000
LEVEL = 0.95


def group_weights(groups: Sequence[str], resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """(resamples, n) weights of n questions: how often each one's group was drawn."""
    names, member = np.unique(np.asarray(groups, str), return_inverse=True)
    if not len(names):
        return np.zeros((resamples, 0))
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), resamples)
    return drawn[:, member].astype(float)


def weighted_means(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(resamples,) means of (n,) values; NaN where a resample drew none of them."""
    with np.errstate(invalid="ignore"):
        return weights @ values / weights.sum(axis=1)


def interval(resampled: np.ndarray) -> list[float] | None:
    """The percentile interval of (resamples,) statistics, [low, high]; None where there is nothing to say."""
    found = resampled[np.isfinite(resampled)]
    if not len(found):
        return None
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return [round(float(low), 4), round(float(high), 4)]
