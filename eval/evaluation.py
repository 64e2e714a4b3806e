"""One evaluation from a test set to everything that is said of it: figures, calibration, misses, latency.

evaluate(test_set, library, settings) → Evaluation → to_dict(): the JSON of `baycase eval`
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

import numpy as np

from baycase.eval.baselines import baselines as measure_baselines
from baycase.eval.calibration import calibration_bins, risk_coverage
from baycase.eval.diagnosis import Miss, causes, diagnose
from baycase.eval.experiment import Outcome, Settings, latencies, run
from baycase.eval.figures import Refusals, figures_of, judged, question_values, sureness
from baycase.eval.legs import leg_recall
from baycase.eval.proposals import Compared, compare_all, proposal_figures
from baycase.eval.testset import Question, TestSet
from baycase.index.build import Progress, no_progress
from baycase.search.library import Library

LATENCY_QUESTIONS = 50
_CURVE_POINTS = 100


@dataclass(frozen=True)
class Evaluation:
    test_set: TestSet
    settings: Settings
    model: str
    outcomes: Sequence[Outcome]
    refusals: Refusals
    compared: Sequence[Compared]
    misses: Sequence[Miss]
    latency_ms: np.ndarray
    legs: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    baselines: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """`subsets` holds the figures of the interfaces; what a set does not have is left out."""
        subsets = {name: self._figures(lambda q, name=name: q.subset == name) for name in self.test_set.subsets}
        record: dict[str, Any] = {
            "dataset": self.test_set.name,
            "settings": {name: value for name, value in asdict(self.settings).items() if value not in (None, {})},
            "model": self.model,
            "subsets": subsets,
            "overall": self._figures(lambda q: True),
            "types": self._groups(lambda q: q.type),
            "styles": self._groups(lambda q: q.style),
            "splits": self._groups(lambda q: q.split, split_refusals=True),
            "proposals": self._proposals(),
            "calibration": self._calibration(),
            "latency": self._latency(),
            "legs": self.legs,
            "baselines": self.baselines,
            "causes": causes(self.misses),
            "misses": [miss.to_dict() for miss in self.misses],
            "problems": list(self.test_set.problems),
        }
        return {name: value for name, value in record.items() if value not in ({}, [], None)}

    def per_question(self) -> list[dict[str, Any]]:
        """What comparing two runs needs of each question."""
        columns = question_values(self.outcomes)
        rows = []
        for number, outcome in enumerate(self.outcomes):
            values = {name: float(c[number]) for name, c in columns.items() if np.isfinite(c[number])}
            if outcome.question.evidence or outcome.question.answers:
                values["right"] = float(outcome.right)
            rows.append(_row(outcome, values))
        for outcome in (*self.refusals.off, *self.refusals.near):
            rows.append(_row(outcome, {"refused": float(not outcome.result.answered)}))
        return rows

    def _figures(self, keep: Callable[[Question], bool]) -> dict[str, Any]:
        chosen = [o for o in self.outcomes if keep(o.question)]
        return figures_of(chosen, self.refusals.of(lambda o: keep(o.question)))

    def _groups(self, name_of: Callable[[Question], str], split_refusals: bool = False) -> dict[str, Any]:
        """Of each question type there are few that should be refused: all of them are compared with every type."""
        names = sorted({name_of(o.question) for o in self.outcomes} - {""})
        if len(names) < 2:
            return {}
        groups = {}
        for name in names:
            chosen = [o for o in self.outcomes if name_of(o.question) == name]
            own = (
                self.refusals.of(lambda o, name=name: name_of(o.question) == name) if split_refusals else self.refusals
            )
            groups[name] = figures_of(chosen, own)
        return groups

    def _proposals(self) -> dict[str, Any]:
        if not self.compared:
            return {}
        names = list(dict.fromkeys(c.proposal.subset for c in self.compared))
        groups = {name: proposal_figures([c for c in self.compared if c.proposal.subset == name]) for name in names}
        return {**groups, "overall": proposal_figures(self.compared)}

    def _calibration(self) -> dict[str, Any]:
        known = judged(self.outcomes)
        if not known:
            return {}
        probability, right = sureness(known)
        curve = risk_coverage(probability, right)
        step = max(1, len(curve) // _CURVE_POINTS)
        points = [*curve[step - 1 :: step], curve[-1]]
        return {
            "bins": [{**asdict(b), "probability": round(b.probability, 4), "right": round(b.right, 4)}
                     for b in calibration_bins(probability, right)],
            "risk_coverage": [[round(coverage, 4), round(risk, 4)] for coverage, risk in dict.fromkeys(points)],
        }  # fmt: skip

    def _latency(self) -> dict[str, Any]:
        if not len(self.latency_ms):
            return {}
        p50, p95 = np.percentile(self.latency_ms, [50, 95])
        return {"questions": len(self.latency_ms), "p50_ms": round(float(p50), 1), "p95_ms": round(float(p95), 1)}


def evaluate(
    test_set: TestSet,
    library: Library,
    settings: Settings,
    progress: Progress = no_progress,
    *,
    by_leg: bool = False,
    timed: bool = True,
    explained: bool = True,
    with_baselines: bool = False,
) -> Evaluation:
    """Ask everything a test set asks. `by_leg` also measures each leg alone; `timed` asks some
    questions one by one; `explained` says of each miss why; `with_baselines` measures others on the same texts."""
    questions = [question for each in test_set.subsets.values() for question in each]
    everything = [*questions, *test_set.unanswerable, *test_set.near]
    outcomes = run(library, everything, settings, progress)
    answerable = outcomes[: len(questions)]
    off = outcomes[len(questions) : len(questions) + len(test_set.unanswerable)]
    near = outcomes[len(questions) + len(test_set.unanswerable) :]
    timing = Random(0).sample(questions, min(LATENCY_QUESTIONS, len(questions))) if timed else []
    return Evaluation(
        test_set,
        settings,
        library.encoder.fingerprint,
        answerable,
        Refusals(off, near),
        compare_all(library, test_set.proposals, progress),
        diagnose(library, answerable, [*off, *near], settings) if explained else [],
        latencies(library, timing, settings),
        leg_recall(library, answerable) if by_leg else {},
        measure_baselines(library, questions, progress) if with_baselines else {},
    )


def _row(outcome: Outcome, values: dict[str, float]) -> dict[str, Any]:
    question, result = outcome.question, outcome.result
    return {
        "id": question.id, "subset": question.subset, "group": question.group, "text": question.text,
        "values": values, "answerable": round(result.answerable, 4), "confidence": round(result.confidence, 4),
        "ranking": outcome.ranking, "sentence": result.hits[0].sentence if result.hits else "",
    }  # fmt: skip
