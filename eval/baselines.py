"""What others do, over the same passages and questions: plain dense, BM25 with jieba, their fusion by rank, txtai.

These use a library's vectors and terms directly and none of search. A document's rank is its best passage's.
txtai is an optional dependency group (`compare`) and gets the same model folder.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from baycase.corpus.terms import chinese_terms
from baycase.errors import MissingExtraError
from baycase.eval.metrics import ranking_metrics
from baycase.eval.testset import Question
from baycase.index.build import Progress, no_progress
from baycase.index.generation import Generation
from baycase.index.models import DEFAULT_MODEL, PASSAGE_PROMPT, QUERY_PROMPT, default_model_path
from baycase.search.library import Library

DEPTH = 100
RRF = 60  # Cormack et al. 2009
_BATCH = 256


def baselines(
    library: Library, questions: Sequence[Question], progress: Progress = no_progress
) -> dict[str, dict[str, dict[str, float]]]:
    """Baseline → subset → ranking metrics of documents. txtai only where it is installed."""
    rankings: dict[str, list[list[str]]] = {"dense": [], "BM25 (jieba)": [], "RRF of both": []}
    generation = library.generation
    for question, vector in zip(questions, _vectors(library, questions), strict=True):
        dense = generation.vectors["passages"].nearest(vector, DEPTH)
        lexical = _best(generation.fields["terms"].scores(chinese_terms(question.text)))
        for name, rows in zip(rankings, (dense, lexical, fused(dense, lexical)), strict=True):
            rankings[name].append(documents_of(generation, rows))
        progress("baselines", len(rankings["dense"]), len(questions))
    if find_spec("txtai") is not None:
        rankings |= txtai_rankings(library, questions, progress)
    return {name: _by_subset(ranked, questions) for name, ranked in rankings.items()}


def fused(first: Sequence[int] | np.ndarray, second: Sequence[int] | np.ndarray) -> list[int]:
    """Reciprocal rank fusion: rows by the sum of 1 / (60 + rank)."""
    scores: dict[int, float] = {}
    for rows in (first, second):
        for rank, row in enumerate(rows, 1):
            scores[int(row)] = scores.get(int(row), 0.0) + 1 / (RRF + rank)
    return sorted(scores, key=lambda row: -scores[row])


def documents_of(generation: Generation, rows: Sequence[int] | np.ndarray) -> list[str]:
    """doc_ids of passage rows, best first, each once."""
    numbers = dict.fromkeys(int(generation.passages["document"][row]) for row in rows)
    return [generation.document(number).doc_id for number in numbers]


def txtai_rankings(
    library: Library, questions: Sequence[Question], progress: Progress = no_progress
) -> dict[str, list[list[str]]]:
    """txtai with the library's own model folder: its dense index, and its hybrid of dense and BM25.

    One index serves both, because embedding takes minutes: a weight of 1 leaves the order to the vectors.
    """
    if find_spec("txtai") is None:
        raise MissingExtraError("txtai is not installed: pip install --group compare")
    from txtai import Embeddings  # pyright: ignore[reportMissingImports]

    generation = library.generation
    texts = [_passage_text(generation, row) for row in range(len(generation.passages))]
    name = library.encoder.name
    path = str(default_model_path()) if name == DEFAULT_MODEL else name
    settings: dict[str, Any] = {"path": path, "content": False, "hybrid": True}
    if name == DEFAULT_MODEL:
        settings["instructions"] = {"query": QUERY_PROMPT, "data": PASSAGE_PROMPT}
    embeddings = Embeddings(settings)
    rankings = {}
    try:
        embeddings.index(list(enumerate(texts)))
        progress("txtai", 1, 3)
        asked = [question.text for question in questions]
        for number, (label, weight) in enumerate((("txtai", 1.0), ("txtai hybrid", 0.5)), 2):
            found = embeddings.batchsearch(asked, DEPTH, weight)
            rankings[label] = [documents_of(generation, [int(row) for row, _ in rows]) for rows in found]
            progress("txtai", number, 3)
    finally:
        embeddings.close()
    return rankings


def _passage_text(generation: Generation, row: int) -> str:
    passage = generation.passages[row]
    document = generation.document(int(passage["document"]))
    text = document.text[int(passage["start"]) : int(passage["end"])]
    return f"{document.title}\n{text}" if document.title and not text.startswith(document.title) else text


def _vectors(library: Library, questions: Sequence[Question]) -> Iterator[np.ndarray]:
    for at in range(0, len(questions), _BATCH):
        yield from library.encoder.encode_queries([question.text for question in questions[at : at + _BATCH]])


def _best(scores: np.ndarray) -> np.ndarray:
    order = np.argsort(-scores, kind="stable")[:DEPTH]
    return order[scores[order] > 0]


def _by_subset(rankings: Sequence[list[str]], questions: Sequence[Question]) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}
    for subset in dict.fromkeys(question.subset for question in questions):
        chosen = [number for number, question in enumerate(questions) if question.subset == subset]
        relevant: list[Mapping[str, int]] = [questions[number].relevant for number in chosen]
        values = ranking_metrics([rankings[number] for number in chosen], relevant)
        table[subset] = {name: round(float(column.mean()), 4) for name, column in values.items()}
    return table
