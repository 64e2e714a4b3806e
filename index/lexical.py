"""Terms by BM25: the one place that knows bm25s.

A `TermIndex` scores n texts, each a list of terms, for a list of query terms.
Scores are BM25 (Robertson; the form of Lucene), 0 and up, higher is better. What a
term is (jieba words, folded; English stems) is said by `terms.py`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

K1, B = 1.2, 0.75


class Terms(Protocol):
    """What search needs of a lexical leg; a second engine implements this."""

    def scores(self, terms: Sequence[str]) -> np.ndarray:
        """Query terms → (n,) float32 scores, one a text."""
        ...

    def weight(self, term: str) -> float:
        """How telling a term is: its inverse document frequency; that of a term seen once where it is unknown."""
        ...

    def coverage(self, terms: Sequence[str]) -> np.ndarray:
        """(n,) float32: the share of the terms that a text has, each weighed by how telling it is; 0 to 1."""
        ...

    def highest_score(self, terms: Sequence[str]) -> float:
        """What a text could score at most for these terms; dividing by it makes queries comparable."""
        ...


class TermIndex:
    """BM25 over n texts, held as bm25s keeps it: a sparse matrix of term by text scores."""

    FILES = (
        "data.csc.index.npy",
        "indices.csc.index.npy",
        "indptr.csc.index.npy",
        "params.index.json",
        "vocab.index.json",
    )

    def __init__(self, model: Any, size: int) -> None:
        self._model, self._size = model, size

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> "TermIndex":
        import bm25s

        numbers: dict[str, int] = {}
        ids = [[numbers.setdefault(term, len(numbers)) for term in terms] for terms in texts]
        # bm25s needs one text and one term at least: a text beyond the last, of a term that no query has.
        ids.append([numbers.setdefault("", len(numbers))])
        model = bm25s.BM25(method="lucene", k1=K1, b=B)
        model.index((ids, numbers), show_progress=False, create_empty_token=False)
        return cls(model, len(texts))

    def save(self, folder: Path) -> None:
        self._model.save(str(folder), show_progress=False, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path, size: int) -> "TermIndex":
        import bm25s

        return cls(bm25s.BM25.load(str(folder), mmap=True, allow_pickle=False), size)

    def scores(self, terms: Sequence[str]) -> np.ndarray:
        known = [self._model.vocab_dict[t] for t in terms if t and t in self._model.vocab_dict]
        if not known:
            return np.zeros(self._size, np.float32)
        return self._model.get_scores_from_ids(known)[: self._size]

    def coverage(self, terms: Sequence[str]) -> np.ndarray:
        """(n,) float32: the share of the terms that a text has, each weighed by how telling it is; 0 to 1."""
        found = np.zeros(self._size, np.float32)
        total = 0.0
        indices, indptr = self._model.scores["indices"], self._model.scores["indptr"]
        for term in dict.fromkeys(terms):
            weight = self.weight(term)
            total += weight
            number = self._model.vocab_dict.get(term)
            if number is not None and term:
                found[indices[indptr[number] : indptr[number + 1]]] += weight
        return found / total if total else found

    def frequency(self, term: str) -> int:
        """In how many texts the term occurs."""
        number = self._model.vocab_dict.get(term)
        if number is None or not term:
            return 0
        indptr = self._model.scores["indptr"]
        return int(indptr[number + 1] - indptr[number])

    def weight(self, term: str) -> float:
        found = max(self.frequency(term), 1)
        return float(np.log1p((self._size - found + 0.5) / (found + 0.5)))

    def highest_score(self, terms: Sequence[str]) -> float:
        """What a text could score at most for these terms; dividing by it makes queries comparable."""
        return sum(map(self.weight, terms)) or 1.0
