"""Terms by BM25: the one place that knows bm25s.

A `TermIndex` scores n texts, each a list of terms, for a list of query terms.
Scores are BM25 (Robertson; the form of Lucene), 0 and up, higher is better. What a
term is (jieba words, folded; English stems) is said by `terms.py`.
"""

import json
import math
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
    """BM25 over n texts: the sparse matrix of term by text scores that bm25s makes, in the files that it writes.

    Reading it takes three arrays and a vocabulary. bm25s itself, which brings SciPy along, is imported by the
    writer only: a process that answers one question would spend more on that import than on the answer.
    """

    FILES = (
        "data.csc.index.npy",
        "indices.csc.index.npy",
        "indptr.csc.index.npy",
        "params.index.json",
        "vocab.index.json",
    )

    def __init__(
        self, scores: np.ndarray, texts: np.ndarray, bounds: np.ndarray, vocabulary: dict[str, int], size: int
    ) -> None:
        """Term t of the `vocabulary` scores `scores[bounds[t]:bounds[t + 1]]` for the texts of those numbers."""
        self._scores, self._texts, self._bounds = scores, texts, bounds
        self._vocabulary, self._size = vocabulary, size
        self._model: Any = None

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> "TermIndex":
        import bm25s

        numbers: dict[str, int] = {}
        ids = [[numbers.setdefault(term, len(numbers)) for term in terms] for terms in texts]
        # bm25s needs one text and one term at least: a text beyond the last, of a term that no query has.
        ids.append([numbers.setdefault("", len(numbers))])
        model = bm25s.BM25(method="lucene", k1=K1, b=B)
        model.index((ids, numbers), show_progress=False, create_empty_token=False)
        made: Any = model.scores
        built = cls(made["data"], made["indices"], made["indptr"], numbers, len(texts))
        built._model = model
        return built

    def save(self, folder: Path) -> None:
        """Write what `build` made; an index that was opened is saved already."""
        self._model.save(str(folder), show_progress=False, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path, size: int) -> "TermIndex":
        """Open files whose hashes have been checked; raises ValueError where they do not belong together."""
        mapped = (np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in cls.FILES[:3])
        scores, texts, bounds = (array.view(np.ndarray) for array in mapped)  # a memmap's own slices are slow
        vocabulary = json.loads((folder / "vocab.index.json").read_bytes())
        whole = len(scores) == len(texts) and len(bounds) > max(vocabulary.values(), default=0) + 1
        if not whole or bounds[0] != 0 or bounds[-1] != len(scores) or (np.diff(bounds) < 0).any():
            raise ValueError(f"the terms in {folder} do not fit together")
        return cls(scores, texts, bounds, vocabulary, size)

    def _row(self, term: str) -> slice | None:
        """Where a term's texts and scores stand; None for one that no text has."""
        number = self._vocabulary.get(term) if term else None
        return None if number is None else slice(int(self._bounds[number]), int(self._bounds[number + 1]))

    def scores(self, terms: Sequence[str]) -> np.ndarray:
        found = np.zeros(self._size, np.float32)
        for term in terms:
            if (row := self._row(term)) is not None:
                found[self._texts[row]] += self._scores[row]
        return found

    def coverage(self, terms: Sequence[str]) -> np.ndarray:
        """(n,) float32: the share of the terms that a text has, each weighed by how telling it is; 0 to 1."""
        found = np.zeros(self._size, np.float32)
        total = 0.0
        for term in dict.fromkeys(terms):
            weight = self.weight(term)
            total += weight
            if (row := self._row(term)) is not None:
                found[self._texts[row]] += weight
        return found / total if total else found

    def frequency(self, term: str) -> int:
        """In how many texts the term occurs."""
        row = self._row(term)
        return 0 if row is None else row.stop - row.start

    def weight(self, term: str) -> float:
        # math, not NumPy: this is asked a hundred times a query, and NumPy takes ten times as long for one number.
        found = max(self.frequency(term), 1)
        return math.log1p((self._size - found + 0.5) / (found + 0.5))

    def highest_score(self, terms: Sequence[str]) -> float:
        """What a text could score at most for these terms; dividing by it makes queries comparable."""
        return sum(map(self.weight, terms)) or 1.0
