"""Each leg of retrieval by itself: how many questions it would answer alone, beside the fusion of all.

A document's score in a leg is its best passage's. This looks into search's first stage,
where a user sees only the fused list.
"""

from collections.abc import Sequence

import numpy as np

from baycase.eval.experiment import Outcome
from baycase.eval.metrics import ranking_metrics
from baycase.search.candidates import find_candidates
from baycase.search.library import Library
from baycase.search.query import understand
from baycase.search.scorer import score

FUSED = "fused"
_BATCH = 256
_DEPTH = 10


def leg_recall(library: Library, outcomes: Sequence[Outcome]) -> dict[str, dict[str, dict[str, float]]]:
    """Leg → subset → {"recall@1", "recall@10"}, and the first stage's fusion under `fused`."""
    rankings = _leg_rankings(library, outcomes)
    subsets = list(dict.fromkeys(o.question.subset for o in outcomes))
    table: dict[str, dict[str, dict[str, float]]] = {}
    for leg, ranked in rankings.items():
        for subset in subsets:
            chosen = [number for number, o in enumerate(outcomes) if o.question.subset == subset]
            if not any(ranked[number] for number in chosen):
                continue  # a leg of another language
            values = ranking_metrics([ranked[n] for n in chosen], [outcomes[n].question.relevant for n in chosen])
            table.setdefault(leg, {})[subset] = {
                m: round(float(values[m].mean()), 4) for m in ("recall@1", "recall@10")
            }
    return table


def _leg_rankings(library: Library, outcomes: Sequence[Outcome]) -> dict[str, list[list[str]]]:
    generation = library.generation
    queries = [understand(o.question.text) for o in outcomes]
    rankings: dict[str, list[list[str]]] = {}
    for at in range(0, len(queries), _BATCH):
        vectors = library.encoder.encode_queries([query.text for query in queries[at : at + _BATCH]])
        for number, (query, vector) in enumerate(zip(queries[at : at + _BATCH], vectors, strict=True), at):
            candidates = find_candidates(query, vector, generation)
            documents = generation.passages["document"][candidates.passages]
            legs = {**candidates.features, FUSED: score(candidates, query.language).scores}
            for leg, values in legs.items():
                best = _first_documents(documents, values)
                row = rankings.setdefault(leg, [[] for _ in outcomes])
                row[number] = [generation.document(document).doc_id for document in best]
    return rankings


def _first_documents(documents: np.ndarray, values: np.ndarray) -> list[int]:
    """The first ten document rows by their best passage; what a leg knows nothing of (0) is not ranked."""
    order = np.argsort(-values, kind="stable")
    return list(dict.fromkeys(int(documents[i]) for i in order if values[i] != 0))[:_DEPTH]
