"""Outcomes become the figures of a subset."""

from collections.abc import Sequence

import numpy as np

from baycase.eval.experiment import Outcome
from baycase.eval.metrics import ranking_metrics


def subset_figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The figures of the interfaces: recall, MRR and nDCG of documents, answer@1, the sentences' mean length."""
    values = ranking_metrics([o.ranking for o in outcomes], [o.question.relevant for o in outcomes])
    figures: dict[str, float] = {"queries": len(outcomes)}
    figures |= {name: round(float(column.mean()), 4) for name, column in values.items() if len(column)}
    hits = [o.answer_hit for o in outcomes if o.answer_hit is not None]
    if hits:
        figures["answer@1"] = round(float(np.mean(hits)), 4)
    lengths = [len(o.result.hits[0].sentence) for o in outcomes if o.result.hits]
    figures["sentence_length"] = round(float(np.mean(lengths)), 1) if lengths else 0.0
    return figures
