"""Fits on made-up questions whose telling feature is known beforehand."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from baycase.eval.testset import Evidence, Point, Proposal
from baycase.search.judgement import FEATURES
from baycase.training.judgement import Judged, fit_probability, probabilities
from baycase.training.scorer import fit, similarity_scale


def _cases(rng: np.random.Generator, count: int = 60):
    """Questions of twelve rows: feature 0 is higher for the right row, 1 is noise, 2 higher for the wrong ones."""
    for _ in range(count):
        right = np.zeros(12, bool)
        right[rng.integers(12)] = True
        features = rng.normal(size=(12, 3))
        features[:, 0] += 3 * right
        features[:, 2] -= 3 * right
        yield features, right, 1.0


def test_the_telling_feature_gets_weight_and_the_misleading_one_gets_less_than_none():
    weights = fit(_cases(np.random.default_rng(1)), 3)
    assert weights[0] > 0 > weights[2]
    assert abs(weights[1]) < 0.3 * min(weights[0], -weights[2])
    first = [right[np.argmax(features @ weights)] for features, right, _ in _cases(np.random.default_rng(2))]
    assert np.mean(first) > 0.9


def test_the_unit_of_a_feature_does_not_matter():
    small = fit(_cases(np.random.default_rng(1)), 3)
    scale = np.array([100.0, 1.0, 0.01])
    large = fit(((f * scale, right, w) for f, right, w in _cases(np.random.default_rng(1))), 3)
    features, _, _ = next(_cases(np.random.default_rng(3)))
    assert np.argmax(features @ small) == np.argmax(features * scale @ large)


def test_a_question_without_a_right_row_teaches_nothing():
    without = [(np.ones((4, 3)) * 9, np.zeros(4, bool), 1.0), (np.ones((4, 3)) * 9, np.ones(4, bool), 1.0)]
    known = list(_cases(np.random.default_rng(1)))
    np.testing.assert_allclose(fit([*known, *without], 3), fit(known, 3))


def test_similarities_are_scaled_by_what_the_proposals_points_score():
    quote = (Evidence("case", 0, 4, "先认后查"),)
    known = [Point(f"第{n:02}项措施", quote) for n in range(21)]
    new = Point("全新的措施", ())
    strengths = {point.text: n / 20 for n, point in enumerate(known)} | {new.text: 7.0}
    proposal = Proposal("p", "。".join(strengths), "zh-Hans", {"case": 3}, (*known, new))

    def similar(text: str, most: int) -> SimpleNamespace:
        cases = [
            SimpleNamespace(points=[SimpleNamespace(point=p, strength=s - less) for p, s in strengths.items()])
            for less in (1.0, 0.0)  # of each point the best case counts
        ]
        return SimpleNamespace(cases=cases, language="zh-Hans")

    generation = SimpleNamespace(document_count=2, vectors={"rendered_passages": []})
    library = cast(Any, SimpleNamespace(similar=similar, generation=generation))
    scale = similarity_scale([library], [proposal])
    assert set(scale) == {"zh"}
    assert scale["zh"]["precedent"] == pytest.approx(0.1)  # the new point's strength, 7, is not among them
    assert np.mean([strengths[p.text] >= scale["zh"]["precedent"] for p in known]) >= 0.9
    assert scale["zh"]["ceiling"] == 7.0
    assert -1.0 <= scale["zh"]["floor"] < scale["zh"]["precedent"]


def test_a_probability_follows_the_evidence_that_tells():
    rng = np.random.default_rng(4)
    items = []
    for number in range(300):
        answerable = bool(rng.random() < 0.5)
        evidence = rng.normal(size=len(FEATURES))
        evidence[FEATURES.index("relevance")] += 4 * answerable
        items.append(Judged("zh read", evidence, answerable, answerable, 1.0, f"here:{number % 20}"))
    model = fit_probability(items, "answerable")
    assert model["relevance"] > 0.5
    assert all(abs(model[name]) < model["relevance"] / 2 for name in FEATURES if name != "relevance")
    predicted = probabilities(model, items)
    labels = np.array([item.answerable for item in items])
    assert predicted[labels].mean() > 0.8 > 0.2 > predicted[~labels].mean()
