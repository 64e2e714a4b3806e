"""Similar cases measured: the order of the cases, and the precedent of every point.

first            the most similar case comes first
ndcg@5           the order of the first five, gain 2^grade - 1
precedent        points with a precedent for which a gold sentence was found, in any of the cases shown
novel            points without a precedent for which none was shown in the three most similar cases
point_auroc      a point's best score: with a precedent against without
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from baycase.eval.calibration import auroc
from baycase.eval.metrics import graded_ndcg
from baycase.eval.testset import Evidence, Point, Proposal
from baycase.eval.uncertainty import group_weights, interval, weighted_means
from baycase.index.build import Progress, no_progress
from baycase.search.library import Library
from baycase.search.results import MatchedPoint, Precedent, SimilarResult

SHOWN = 5  # cases asked for
NOVEL_IN = 3  # a point is new when none of so many cases shows a precedent


@dataclass(frozen=True, slots=True)
class Compared:
    """A proposal and what the library said of it."""

    proposal: Proposal
    result: SimilarResult


def compare_all(library: Library, proposals: Sequence[Proposal], progress: Progress = no_progress) -> list[Compared]:
    compared = []
    for proposal in proposals:
        compared.append(Compared(proposal, library.similar(proposal.text, SHOWN, query_id=proposal.id)))
        progress("compare", len(compared), len(proposals))
    return compared


def proposal_figures(compared: Sequence[Compared]) -> dict[str, Any]:
    """The figures of some proposals; `intervals` holds [low, high] at 95 %, resampled by case."""
    values = {
        "first": np.array([float(_first(c)) for c in compared]),
        "ndcg@5": graded_ndcg(
            [[case.doc_id for case in c.result.cases] for c in compared], [c.proposal.similar for c in compared]
        ),
    }
    weights = group_weights([c.proposal.group for c in compared])
    points = [(number, point, _answers(c, point)) for number, c in enumerate(compared) for point in c.proposal.points]
    figures: dict[str, Any] = {"proposals": len(compared), "points": len(points)}
    intervals = {}
    for name, column in values.items():
        figures[name], intervals[name] = round(float(column.mean()), 4), interval(weighted_means(column, weights))
    held = [(number, point, found) for number, point, found in points if point.precedents]
    novel = [(number, point, found) for number, point, found in points if not point.precedents]
    if held:
        _add_share(figures, intervals, "precedent", held, [_found(point, found) for _, point, found in held], weights)
    if novel:
        shown = [all(p.precedent is None for _, p in found[:NOVEL_IN]) for _, _, found in novel]
        _add_share(figures, intervals, "novel", novel, shown, weights)
    if held and novel:
        with_, without = np.array([_best(f) for *_, f in held]), np.array([_best(f) for *_, f in novel])
        once = np.ones((1, len(held))), np.ones((1, len(novel)))
        figures["point_auroc"] = round(float(auroc(with_, without, *once)[0]), 4)
        drawn = weights[:, [n for n, *_ in held]], weights[:, [n for n, *_ in novel]]
        intervals["point_auroc"] = interval(auroc(with_, without, *drawn))
    return figures | {"intervals": {name: found for name, found in intervals.items() if found}}


def _add_share(figures: dict, intervals: dict, name: str, points: list, holds: list[bool], weights: np.ndarray) -> None:
    column = np.array(holds, float)
    figures[name] = round(float(column.mean()), 4)
    intervals[name] = interval(weighted_means(column, weights[:, [number for number, *_ in points]]))


def _first(compared: Compared) -> bool:
    best = max(compared.proposal.similar.values())
    return bool(compared.result.cases) and compared.proposal.similar.get(compared.result.cases[0].doc_id) == best


def _answers(compared: Compared, point: Point) -> list[tuple[str, MatchedPoint]]:
    """(doc_id, matched point) of every case shown, best case first: the matched point that shares most with `point`."""
    start = compared.proposal.text.find(point.text)
    end = start + len(point.text)
    found = []
    for case in compared.result.cases:
        nearest = max(case.points, key=lambda p: min(end, p.end) - max(start, p.start), default=None)
        if nearest is not None and min(end, nearest.end) > max(start, nearest.start):
            found.append((case.doc_id, nearest))
    return found


def _found(point: Point, answers: list[tuple[str, MatchedPoint]]) -> bool:
    return any(
        matched.precedent is not None and any(_same(doc_id, matched.precedent, gold) for gold in point.precedents)
        for doc_id, matched in answers
    )


def _same(doc_id: str, precedent: Precedent, gold: Evidence) -> bool:
    shared = min(precedent.end, gold.end) - max(precedent.start, gold.start)
    return doc_id == gold.doc_id and shared * 2 >= min(precedent.end - precedent.start, gold.end - gold.start)


def _best(answers: list[tuple[str, MatchedPoint]]) -> float:
    return max((matched.score for _, matched in answers), default=0.0)
