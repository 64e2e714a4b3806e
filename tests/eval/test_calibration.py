"""Calibration figures against arithmetic done by hand, scikit-learn, and each other under resampling."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from baycase.eval.calibration import (
    area_under_risk,
    auroc,
    brier,
    calibration_bins,
    expected_calibration_error,
    risk_coverage,
)
from baycase.eval.uncertainty import group_weights, interval, weighted_means

ONCE = np.ones((1, 4))
P = np.array([0.9, 0.8, 0.35, 0.1])
RIGHT = np.array([1.0, 0.0, 1.0, 0.0])


def test_by_hand() -> None:
    assert brier(P, RIGHT, ONCE) == pytest.approx([(0.01 + 0.64 + 0.4225 + 0.01) / 4])
    assert expected_calibration_error(P, RIGHT, ONCE) == pytest.approx([(0.1 + 0.8 + 0.65 + 0.1) / 4])
    # Surest first: right, wrong, right, wrong. Shares wrong: 0, 1/2, 1/3, 1/2.
    assert risk_coverage(P, RIGHT) == [(0.25, 0), (0.5, 0.5), (0.75, pytest.approx(1 / 3)), (1, 0.5)]
    assert area_under_risk(P, RIGHT, ONCE) == pytest.approx([(0 + 1 / 2 + 1 / 3 + 1 / 2) / 4])


def test_against_scikit_learn() -> None:
    chance = np.random.default_rng(1)
    right = chance.integers(0, 2, 200).astype(float)
    probability = np.round(np.clip(right * 0.2 + chance.random(200) * 0.8, 0, 1), 2)  # with ties
    once = np.ones((1, 200))
    assert brier(probability, right, once)[0] == pytest.approx(brier_score_loss(right, probability))
    positive, negative = probability[right == 1], probability[right == 0]
    found = auroc(positive, negative, np.ones((1, len(positive))), np.ones((1, len(negative))))[0]
    assert found == pytest.approx(roc_auc_score(right, probability))


def test_equal_confidence_says_nothing_of_the_order() -> None:
    same = np.full(4, 0.5)
    assert area_under_risk(same, RIGHT, ONCE) == pytest.approx(area_under_risk(same, RIGHT[::-1], ONCE))
    assert risk_coverage(same, RIGHT)[0] == (0.25, 0.5)


def test_weights_are_copies_of_questions() -> None:
    weights = np.array([[2.0, 1, 0, 1]])
    drawn = [0, 0, 1, 3]
    for statistic in (brier, expected_calibration_error, area_under_risk):
        assert statistic(P, RIGHT, weights) == pytest.approx(statistic(P[drawn], RIGHT[drawn], ONCE))


def test_bins_hold_every_question_once() -> None:
    bins = calibration_bins(np.array([0.0, 0.05, 0.999, 1.0]), np.array([0.0, 1, 1, 1]))
    assert [(b.low, b.questions, b.right) for b in bins] == [(0.0, 2, 0.5), (0.9, 2, 1.0)]


def test_interval_holds_the_mean_and_groups_widen_it() -> None:
    values = np.repeat(np.random.default_rng(0).integers(0, 2, 20), 10).astype(float)
    alone = interval(weighted_means(values, group_weights([str(n) for n in range(200)])))
    grouped = interval(weighted_means(values, group_weights([str(n // 10) for n in range(200)])))
    assert alone and grouped
    assert alone[0] < values.mean() < alone[1]
    # Ten questions of one case say as little as one: the interval is about sqrt(10) wider.
    assert 2 < (grouped[1] - grouped[0]) / (alone[1] - alone[0]) < 5


def test_nothing_drawn_gives_no_interval() -> None:
    assert interval(weighted_means(np.array([]), group_weights([]))) is None
