"""Figures from ranks, by ir-measures: recall, MRR and nDCG of each question.

Rankings come in as lists of ids, best first, and become scores by their rank, so that two
equal scores of the search never count as a tie. And how far marked words overlap the gold ones. Nothing here
knows libraries.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import ir_measures
import numpy as np
from ir_measures import RR, Measure, Qrel, R, ScoredDoc, nDCG

CUTOFFS = (1, 5, 8, 10)
_RANKING = {**{f"recall@{k}": R @ k for k in CUTOFFS}, "mrr@10": RR @ 10, "ndcg@10": nDCG @ 10}
_GRADED = {"ndcg@5": nDCG(gains={grade: 2**grade - 1 for grade in range(1, 4)}) @ 5}

RANKING_METRICS = tuple(_RANKING)


def ranking_metrics(rankings: Sequence[Sequence[str]], relevant: Sequence[Mapping[str, int]]) -> dict[str, np.ndarray]:
    """Metric → (n,) values, one a question, from n rankings of ids (best first) and n maps of id to grade."""
    return _evaluate(_RANKING, rankings, relevant)


def graded_ndcg(rankings: Sequence[Sequence[str]], relevant: Sequence[Mapping[str, int]]) -> np.ndarray:
    """(n,) nDCG@5 with the gain 2^grade - 1, grades up to 3."""
    return _evaluate(_GRADED, rankings, relevant)["ndcg@5"]


def _evaluate(
    measures: Mapping[str, Measure], rankings: Sequence[Sequence[str]], relevant: Sequence[Mapping[str, int]]
) -> dict[str, np.ndarray]:
    qrels = [Qrel(str(q), doc_id, grade) for q, grades in enumerate(relevant) for doc_id, grade in grades.items()]
    run = [
        ScoredDoc(str(q), doc_id, float(len(ranking) - place))
        for q, ranking in enumerate(rankings)
        for place, doc_id in enumerate(dict.fromkeys(ranking))
    ]
    values = {name: np.zeros(len(rankings)) for name in measures}
    if qrels and run:
        names = {str(measure): name for name, measure in measures.items()}
        for metric in ir_measures.iter_calc(list(measures.values()), qrels, run):
            values[names[str(metric.measure)]][int(metric.query_id)] = metric.value
    return values


def character_f1(found: str, gold: str) -> float:
    """F1 of the characters of two stretches of text, white space and marks aside: 0 to 1 (as for SQuAD its words)."""
    a, b = (Counter(re.sub(r"[\s\W]+", "", text)) for text in (found, gold))
    common = (a & b).total()
    return 2 * common / (a.total() + b.total()) if common else 0.0
