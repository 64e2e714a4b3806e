"""Ranking figures against arithmetic done by hand, and against ir-measures on a toy run."""

import math

import ir_measures
import numpy as np
import pytest
from ir_measures import RR, R, nDCG

from baycase.eval.metrics import graded_ndcg, ranking_metrics


def test_by_hand() -> None:
    rankings = [["b", "a", "c"], ["a"], [], ["x", "y", "z", "w", "v", "a"]]
    relevant = [{"a": 1}, {"a": 1}, {"a": 1}, {"a": 1, "b": 1}]
    values = ranking_metrics(rankings, relevant)
    assert values["recall@1"].tolist() == [0, 1, 0, 0]
    assert values["recall@5"].tolist() == [1, 1, 0, 0]
    assert values["recall@8"].tolist() == [1, 1, 0, 0.5]  # one of two
    assert values["mrr@10"] == pytest.approx([1 / 2, 1, 0, 1 / 6])
    last = (1 / math.log2(6 + 1)) / (1 / math.log2(2) + 1 / math.log2(3))
    assert values["ndcg@10"] == pytest.approx([1 / math.log2(3), 1, 0, last])


def test_graded_gain_is_two_to_the_grade_minus_one() -> None:
    # Shown: grade 1, then 3. Gains 1 and 7; the best order is 7, 1.
    shown = 1 / math.log2(2) + 7 / math.log2(3)
    best = 7 / math.log2(2) + 1 / math.log2(3)
    assert graded_ndcg([["one", "three", "none"]], [{"three": 3, "one": 1}]) == pytest.approx([shown / best])


def test_agrees_with_the_library_on_a_toy_run() -> None:
    chance = np.random.default_rng(3)
    documents = [f"d{n}" for n in range(30)]
    rankings = [list(chance.permutation(documents)[:12]) for _ in range(40)]
    relevant = [{str(d): int(chance.integers(1, 3)) for d in chance.permutation(documents)[:3]} for _ in range(40)]
    run = {f"q{n}": {d: 100.0 - rank for rank, d in enumerate(r)} for n, r in enumerate(rankings)}
    qrels = {f"q{n}": grades for n, grades in enumerate(relevant)}
    wanted = ir_measures.calc_aggregate([R @ 1, R @ 10, RR @ 10, nDCG @ 10], qrels, run)
    values = ranking_metrics(rankings, relevant)
    for name, measure in (("recall@1", R @ 1), ("recall@10", R @ 10), ("mrr@10", RR @ 10), ("ndcg@10", nDCG @ 10)):
        assert values[name].mean() == pytest.approx(wanted[measure], abs=1e-6)


def test_no_tie_counts_twice() -> None:
    """A document shown twice keeps its best rank; ids of any form are told apart."""
    values = ranking_metrics([["a b", "a b", "c"]], [{"c": 1}])
    assert values["mrr@10"].tolist() == [0.5]
