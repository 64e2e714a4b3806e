"""How far probabilities can be trusted: AUROC, Brier, ECE, risk and coverage, with resampled versions.

Probabilities are 0 to 1; `right` is 1 where the event happened. Each statistic takes weights,
(resamples, n), so that its bootstrap is one matrix product; equal weights give the plain figure.
"""

from dataclasses import dataclass

import numpy as np

BINS = 10


def auroc(positive: np.ndarray, negative: np.ndarray, w_positive: np.ndarray, w_negative: np.ndarray) -> np.ndarray:
    """(resamples,) chance that a positive scores above a negative, ties counting half (Hanley and McNeil 1982)."""
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    with np.errstate(invalid="ignore"):
        return ((w_positive @ wins) * w_negative).sum(axis=1) / (w_positive.sum(axis=1) * w_negative.sum(axis=1))


def brier(probability: np.ndarray, right: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(resamples,) mean squared distance between probability and outcome."""
    return weights @ (probability - right) ** 2 / weights.sum(axis=1)


def expected_calibration_error(probability: np.ndarray, right: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(resamples,) mean distance of probability and share right over ten equal bins (Guo et al. 2017)."""
    member = np.eye(BINS)[_bin(probability)]
    return np.abs((weights * (probability - right)) @ member).sum(axis=1) / weights.sum(axis=1)


def area_under_risk(probability: np.ndarray, right: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(resamples,) AURC: the share wrong, averaged over every coverage, surest first (Geifman et al. 2019)."""
    order, wrong = _surest_first(probability, right)
    drawn = weights[:, order]
    covered = np.cumsum(drawn, axis=1)
    risk = np.cumsum(drawn * wrong, axis=1) / np.maximum(covered, 1e-12)
    return (drawn * risk).sum(axis=1) / weights.sum(axis=1)


def risk_coverage(probability: np.ndarray, right: np.ndarray) -> list[tuple[float, float]]:
    """(coverage, risk) when the surest 1, 2, … n are answered."""
    _, wrong = _surest_first(probability, right)
    count = np.arange(1, len(wrong) + 1)
    return list(zip((count / len(wrong)).tolist(), (np.cumsum(wrong) / count).tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions whose probability lies in [low, high): how sure the system was, how often it was right."""

    low: float
    high: float
    questions: int
    probability: float
    right: float


def calibration_bins(probability: np.ndarray, right: np.ndarray) -> list[Bin]:
    """The bins of the calibration error that hold a question."""
    member = _bin(probability)
    bins = []
    for number in np.unique(member):
        chosen = member == number
        low, high = float(number / BINS), float((number + 1) / BINS)
        bins.append(Bin(low, high, int(chosen.sum()), float(probability[chosen].mean()), float(right[chosen].mean())))
    return bins


def _bin(probability: np.ndarray) -> np.ndarray:
    return np.minimum((probability * BINS).astype(int), BINS - 1)


def _surest_first(probability: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The order by probability, and the error of each in it; equals share theirs, so that their order says nothing."""
    values, member = np.unique(probability, return_inverse=True)
    wrong = np.bincount(member, 1 - right, len(values)) / np.maximum(np.bincount(member, minlength=len(values)), 1)
    order = np.argsort(-probability, kind="stable")
    return order, wrong[member][order]
