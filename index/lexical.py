"""Terms by BM25: the one place that knows what a term in a text is worth.

A `TermIndex` scores n texts, each a list of terms, for a list of query terms.
Scores are BM25 (Robertson; the form of Lucene), 0 and up, higher is better. What a
term is (jieba words, folded; English stems) is said by `terms.py`.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from baycase.index.arrays import TermRows, write_array
from baycase.index.durable import write_file

K1, B = 1.2, 0.75


# Up to so many texts every one gets a score, which is the quickest; above, only those asked about.
EVERY_TEXT = 20_000
_TERMS = 1_000  # terms scored at once
_CHECKED = 200_000  # entries after which it pays no longer to look whether the best are known already


class Matches(Protocol):
    """How well texts match some terms."""

    def of(self, rows: np.ndarray) -> np.ndarray:
        """(m,) ascending rows of texts → (m,) float32 scores."""
        ...

    def best(self, depth: int, among: np.ndarray | None = None) -> np.ndarray:
        """Rows of the `depth` highest scores above 0, in no order; `among` (n,) bool says which texts may be named."""
        ...


class Terms(Protocol):
    """What search needs of a lexical leg; a second engine implements this."""

    def by_score(self, terms: Sequence[str]) -> Matches:
        """BM25 of query terms, divided by what a text could score at most: 0 to 1, comparable between queries."""
        ...

    def by_coverage(self, terms: Sequence[str]) -> Matches:
        """The share of the terms that a text has, each weighed by how telling it is: 0 to 1."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """Every text has its score."""

    scores: np.ndarray

    def of(self, rows: np.ndarray) -> np.ndarray:
        return self.scores[rows]

    def best(self, depth: int, among: np.ndarray | None = None) -> np.ndarray:
        scores = self.scores if among is None else self.scores * among
        depth = min(depth, len(scores))
        rows = np.argpartition(scores, len(scores) - depth)[len(scores) - depth :] if depth else np.empty(0, np.int64)
        return rows[scores[rows] > 0]


@dataclass(frozen=True, slots=True)
class Posting:
    """A term's texts, ascending, with what each gets for it (None: all get the most), and the most any may get."""

    texts: np.ndarray
    scores: np.ndarray | None
    most: float

    def at(self, places: np.ndarray) -> np.ndarray | float:
        """What the texts at these places of the posting get."""
        return self.most if self.scores is None else self.scores[places]


@dataclass(frozen=True, slots=True)
class Asked:
    """Only the texts asked about get a score: the sum of what the postings give, divided by `whole`."""

    postings: list[Posting]
    whole: float
    size: int

    def of(self, rows: np.ndarray) -> np.ndarray:
        found = np.zeros(len(rows), np.float32)
        for posting in self.postings:
            # The shorter of the two lists is looked up in the longer one; both ascend.
            if len(posting.texts) < len(rows):
                at = np.minimum(np.searchsorted(rows, posting.texts), len(rows) - 1)
                hit = rows[at] == posting.texts
                found[at[hit]] += posting.at(hit)
            elif len(rows):
                # In the array's own type: another one would have the whole posting converted.
                at = np.searchsorted(posting.texts, rows.astype(posting.texts.dtype))
                at = np.minimum(at, len(posting.texts) - 1)
                hit = posting.texts[at] == rows
                found[hit] += posting.at(at[hit])
        return found / np.float32(self.whole)

    def best(self, depth: int, among: np.ndarray | None = None) -> np.ndarray:
        """The most telling terms first, until no text that has none of them can be among the best any more
        (MaxScore: Turtle and Flood 1995)."""
        order = sorted(self.postings, key=lambda posting: -posting.most)
        whole = left = sum(posting.most for posting in order)
        total, seen = np.zeros(self.size, np.float32), []
        least, count = 0.0, 0
        for posting in order:
            texts = posting.texts
            if among is None:
                total[texts] += posting.most if posting.scores is None else posting.scores
            else:
                held = among[texts]
                texts = texts[held]
                total[texts] += posting.at(held)
            left -= posting.most
            seen.append(texts)
            count += len(texts)
            # No text has more than the whole of what has been looked at.
            if depth * len(seen) <= count <= _CHECKED and left < whole - left:
                # A text stands here at most once a term: so many entries are `depth` texts or more.
                entries = total[np.concatenate(seen)]
                least = float(np.partition(entries, count - depth * len(seen))[count - depth * len(seen)])
                if left < 0.999 * least:
                    break
        if count <= _CHECKED:
            rows = np.concatenate(seen) if seen else np.empty(0, np.int64)
            rows = np.unique(rows[total[rows] >= 0.999 * least - left])
        else:
            shortest = min((texts for texts in seen if len(texts) >= depth), key=len)
            least = max(least, float(np.partition(total[shortest], -depth)[-depth]))
            rows = np.flatnonzero(total >= 0.999 * least - left)
        rows = rows.astype(np.int64)
        scores = self.of(rows)
        chosen = np.argpartition(-scores, depth)[:depth] if len(rows) > depth else np.arange(len(rows))
        return rows[chosen[scores[chosen] > 0]]


class TermIndex:
    """BM25 over n texts: the sparse matrix of term by text scores, as bm25s makes it and to the same bits.

    bm25s counts text by text in Python, which took most of a refresh; here the whole matrix is counted
    at once. SciPy is imported by the writer only: a process that answers one question would spend more on that
    import than on the answer.
    """

    FILES = ("scores.npy", "texts.npy", "bounds.npy", "terms.json")

    def __init__(self, scores: np.ndarray, texts: np.ndarray, bounds: np.ndarray, names: list[str], size: int) -> None:
        """The term of name number t scores `scores[bounds[t]:bounds[t + 1]]` for the texts of those numbers, which
        ascend."""
        self._scores, self._texts, self._bounds = scores, texts, bounds
        self._names, self._size = names, size

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self._names)}

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> "TermIndex":
        return cls.of(TermRows.of(texts))

    @classmethod
    def of(cls, terms: TermRows) -> "TermIndex":
        """The index of texts that are rows of terms."""
        from scipy.sparse import csr_array

        size, count = len(terms.rows), len(terms.names)
        lengths = np.diff(terms.rows.bounds)
        ones = np.ones(len(terms.rows.values), np.float32)
        bounds = terms.rows.bounds if len(ones) >= 2**31 else terms.rows.bounds.astype(np.int32)
        by_term = csr_array((ones, terms.rows.values, bounds), (size, count)).tocsc()
        by_term.has_sorted_indices = True  # a term's texts come in their order, each as often as it has the term
        by_term.sum_duplicates()
        held = np.diff(by_term.indptr)
        # As bm25s counts with the text beyond the last that it was given here: one text more, of one term of its own.
        idf = np.log(1 + (size + 1 - held + 0.5) / (held + 0.5)).astype(np.float32)
        norms = K1 * ((1 - B) + B * lengths / ((lengths.sum() + 1) / (size + 1)))
        scores, texts, bounds = by_term.data, by_term.indices.astype(np.int32, copy=False), by_term.indptr
        for at in range(0, count, _TERMS):  # in double precision, which takes room
            part = slice(bounds[at], bounds[min(at + _TERMS, count)])
            found = scores[part] / (norms[texts[part]] + scores[part])
            scores[part] = np.repeat(idf[at : at + _TERMS], held[at : at + _TERMS]) * found
        return cls(scores, texts, bounds.astype(np.int64), terms.names, size)

    def save(self, folder: Path) -> None:
        """Write the index into a new folder; every file is synced."""
        folder.mkdir()
        for name, array in zip(self.FILES, (self._scores, self._texts, self._bounds), strict=False):
            write_array(folder / name, array)
        write_file(folder / self.FILES[-1], json.dumps(self._names, ensure_ascii=False).encode())

    @classmethod
    def open(cls, folder: Path, size: int) -> "TermIndex":
        """Open files whose hashes have been checked; raises ValueError where they do not belong together."""
        mapped = (np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in cls.FILES[:3])
        scores, texts, bounds = (array.view(np.ndarray) for array in mapped)  # a memmap's own slices are slow
        names: list[str] = json.loads((folder / cls.FILES[-1]).read_bytes())
        whole = len(scores) == len(texts) and len(bounds) == len(names) + 1
        if not whole or bounds[0] != 0 or bounds[-1] != len(scores) or (np.diff(bounds) < 0).any():
            raise ValueError(f"the terms in {folder} do not fit together")
        return cls(scores, texts, bounds, names, size)

    def _row(self, term: str) -> slice | None:
        """Where a term's texts and scores stand; None for one that no text has."""
        number = self._numbers.get(term)
        return None if number is None else slice(int(self._bounds[number]), int(self._bounds[number + 1]))

    def by_score(self, terms: Sequence[str]) -> Matches:
        if self._size <= EVERY_TEXT:
            return Every(self.scores(terms) / self.highest_score(terms))
        rows = [(self._row(term), self.weight(term)) for term in terms]
        postings = [
            # Of one text more than there are is counted when texts are scored: a little above the weight.
            Posting(self._texts[row], self._scores[row], 1.001 * weight + 1e-6)
            for row, weight in rows
            if row is not None
        ]
        return Asked(postings, self.highest_score(terms), self._size)

    def by_coverage(self, terms: Sequence[str]) -> Matches:
        if self._size <= EVERY_TEXT:
            return Every(self.coverage(terms))
        rows = [(self._row(term), self.weight(term)) for term in dict.fromkeys(terms)]
        postings = [Posting(self._texts[row], None, weight) for row, weight in rows if row is not None]
        return Asked(postings, sum(weight for _, weight in rows) or 1.0, self._size)

    def scores(self, terms: Sequence[str]) -> np.ndarray:
        """Query terms → (n,) float32 BM25 scores, one a text."""
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
        """How telling a term is: its inverse document frequency; that of a term seen once where it is unknown."""
        # math, not NumPy: this is asked a hundred times a query, and NumPy takes ten times as long for one number.
        found = max(self.frequency(term), 1)
        return math.log1p((self._size - found + 0.5) / (found + 0.5))

    def highest_score(self, terms: Sequence[str]) -> float:
        """What a text could score at most for these terms; dividing by it makes queries comparable."""
        return sum(map(self.weight, terms)) or 1.0
