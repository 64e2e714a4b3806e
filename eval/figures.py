"""Outcomes become figures: of each subset, question type, style and split, with bootstrap intervals.

queries, recall@1 … ndcg@10     documents (for the shipped set: cases)
answer@1                        a gold answer occurs in the first hit's sentence
answer_f1                       characters marked in the first hit against the gold answer's (read only)
sentence@1, sentence@3          the first hit's sentence answers; one of the first three hits' does
sentence_recall@5 …             the ranking of evidence sentences
brier, ece, aurc                `confidence` against "the first sentence answers"
answered                        share of answerable questions that were answered
auroc_off, refused_off          `answerable` against questions off the topics; the share of these refused
auroc_near, refused_near        the same against questions just beside what the cases say
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from baycase.eval.calibration import area_under_risk, auroc, brier, expected_calibration_error
from baycase.eval.experiment import Outcome, evidence_id
from baycase.eval.metrics import ranking_metrics
from baycase.eval.uncertainty import group_weights, interval, weighted_means


@dataclass(frozen=True, slots=True)
class Refusals:
    """Outcomes of questions that the library does not answer."""

    off: Sequence[Outcome] = ()
    near: Sequence[Outcome] = ()

    def of(self, keep: Callable[[Outcome], bool]) -> "Refusals":
        return Refusals([o for o in self.off if keep(o)], [o for o in self.near if keep(o)])


def question_values(outcomes: Sequence[Outcome]) -> dict[str, np.ndarray]:
    """Metric → (n,) values of n answerable questions, NaN where a metric does not apply to a question."""
    values = ranking_metrics([o.ranking for o in outcomes], [o.question.relevant for o in outcomes])
    if any(o.question.evidence for o in outcomes):
        marked = np.array([bool(o.question.evidence) for o in outcomes])
        values |= _sentence_values(outcomes, marked)
    for name, found in (
        ("answer@1", [o.answer_hit for o in outcomes]),
        ("answer_f1", [o.answer_overlap for o in outcomes]),
    ):
        if any(value is not None for value in found):
            values[name] = np.array(found, float)  # None becomes NaN
    values["sentence_length"] = np.array(
        [len(o.result.hits[0].sentence) if o.result.hits else np.nan for o in outcomes]
    )
    values["answered"] = np.array([float(o.result.answered) for o in outcomes])
    return values


def _sentence_values(outcomes: Sequence[Outcome], marked: np.ndarray) -> dict[str, np.ndarray]:
    grades = [{evidence_id(e): e.grade for e in o.question.evidence} for o in outcomes]
    ranked = ranking_metrics([o.sentence_ranking for o in outcomes], grades)
    ranks = np.array([o.sentence_rank or np.inf for o in outcomes])
    values = {"sentence@1": (ranks <= 1).astype(float), "sentence@3": (ranks <= 3).astype(float)}
    values |= {f"sentence_{name}": column for name, column in ranked.items() if name != "recall@8"}
    return {name: np.where(marked, column, np.nan) for name, column in values.items()}


def figures_of(outcomes: Sequence[Outcome], refusals: Refusals = Refusals()) -> dict[str, Any]:
    """The figures of some questions; `intervals` holds [low, high] at 95 %."""
    figures: dict[str, Any] = {"queries": len(outcomes)}
    intervals: dict[str, list[float] | None] = {}
    weights = group_weights([o.question.group for o in outcomes])
    for name, column in question_values(outcomes).items():
        known = np.isfinite(column)
        if known.any():
            figures[name] = _rounded(float(column[known].mean()))
            intervals[name] = interval(weighted_means(column[known], weights[:, known]))
    _add_calibration(outcomes, weights, figures, intervals)
    _add_refusals(outcomes, weights, refusals, figures, intervals)
    return figures | {"intervals": {name: found for name, found in intervals.items() if found}}


def judged(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Those of which it is known whether the first sentence answers."""
    return [o for o in outcomes if o.question.evidence or o.question.answers]


def sureness(outcomes: Sequence[Outcome]) -> tuple[np.ndarray, np.ndarray]:
    """(n,) confidences, and (n,) 1.0 where the first sentence answers."""
    return np.array([o.result.confidence for o in outcomes]), np.array([float(o.right) for o in outcomes])


def _add_calibration(outcomes: Sequence[Outcome], weights: np.ndarray, figures: dict, intervals: dict) -> None:
    known = np.array([bool(o.question.evidence or o.question.answers) for o in outcomes], bool)
    if not known.any():
        return
    probability, right = sureness(judged(outcomes))
    drawn = weights[:, known]
    drawn = drawn[drawn.sum(axis=1) > 0]
    once = np.ones((1, len(right)))
    for name, statistic in (("brier", brier), ("ece", expected_calibration_error), ("aurc", area_under_risk)):
        figures[name] = _rounded(float(statistic(probability, right, once)[0]))
        intervals[name] = interval(statistic(probability, right, drawn))


def _add_refusals(
    outcomes: Sequence[Outcome], weights: np.ndarray, refusals: Refusals, figures: dict, intervals: dict
) -> None:
    answerable = np.array([o.result.answerable for o in outcomes])
    for name, refused in (("off", refusals.off), ("near", refusals.near)):
        if not refused:
            continue
        drawn = group_weights([o.question.group for o in refused], seed=1)
        values = np.array([float(not o.result.answered) for o in refused])
        figures[f"refused_{name}"] = _rounded(float(values.mean()))
        intervals[f"refused_{name}"] = interval(weighted_means(values, drawn))
        if len(outcomes):
            others = np.array([o.result.answerable for o in refused])
            once = np.ones((1, len(outcomes))), np.ones((1, len(refused)))
            figures[f"auroc_{name}"] = _rounded(float(auroc(answerable, others, *once)[0]))
            intervals[f"auroc_{name}"] = interval(auroc(answerable, others, weights, drawn))


def _rounded(value: float) -> float:
    return round(value, 2) if value > 10 else round(value, 4)
