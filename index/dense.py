"""Vectors by nearness: the one place that knows FAISS.

A `VectorIndex` holds float32 vectors of unit length, shape (n, dim); rows count
from 0 in the order given. Scores are cosines, -1 to 1, higher is nearer. It
knows nothing of passages: rows mean what the generation says they mean.
"""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from baycase.index.transformer import cores

# Exact search reads every vector: 1.5 KB each. Above this many rows a graph answers sooner.
EXACT_LIMIT = 50_000


class Vectors(Protocol):
    """What search needs of vectors; a second engine implements this."""

    def __len__(self) -> int: ...

    def nearest(self, query: np.ndarray, k: int, among: np.ndarray | None = None) -> np.ndarray:
        """A (dim,) query → the rows of the k nearest vectors, best first; fewer where there are fewer.

        `among` (n,) bool: the rows to look among, all of them if None.
        """
        ...

    def scores(self, query: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """A (dim,) query against (m,) rows → (m,) float32 scores, NaN for a row without a vector."""
        ...


class VectorIndex:
    """A FAISS index: exact below `EXACT_LIMIT` vectors, an HNSW graph above.

    Where not every row has a vector, `labels` (n,) int64, ascending, says which rows have.
    """

    def __init__(self, index: Any, labels: np.ndarray | None = None) -> None:
        self._index, self.labels = index, labels

    def __len__(self) -> int:
        return self._index.ntotal

    @property
    def kind(self) -> str:
        return type(self._index).__name__

    @classmethod
    def build(cls, vectors: np.ndarray, labels: np.ndarray | None = None) -> "VectorIndex":
        import faiss

        faiss.omp_set_num_threads(cores())
        dim = vectors.shape[1]
        index: Any
        if len(vectors) <= EXACT_LIMIT:
            index = faiss.IndexFlatIP(dim)
        else:
            half = faiss.ScalarQuantizer.QT_fp16
            index = faiss.IndexHNSWSQ(dim, half, 32, faiss.METRIC_INNER_PRODUCT)  # pyright: ignore[reportArgumentType]
            index.hnsw.efConstruction = 80
            # At 100,000 vectors: 200 finds .962 of the hundred nearest in .7 ms, 400 finds .981 in 1.3 ms.
            index.hnsw.efSearch = 400
        if not index.is_trained:
            index.train(vectors)
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index, labels)

    def to_bytes(self) -> bytes:
        """The index as FAISS serialises it (`write_index` itself hides a full disk)."""
        import faiss

        return faiss.serialize_index(self._index).tobytes()

    @classmethod
    def open(cls, path: Path, labels: np.ndarray | None = None) -> "VectorIndex":
        """Open a file whose hash has been checked: FAISS itself accepts most damaged ones."""
        import faiss

        # One thread a query: waking others costs ten times what they save, and several people ask at once.
        faiss.omp_set_num_threads(1)
        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC), labels)

    def vectors(self) -> np.ndarray:
        """(len(self), dim) float32: the vectors themselves, as the index keeps them."""
        return self._index.reconstruct_n(0, len(self))

    def nearest(self, query: np.ndarray, k: int, among: np.ndarray | None = None) -> np.ndarray:
        options, k = {}, min(k, len(self))
        if among is not None:
            held = among if self.labels is None else among[self.labels]
            options, k = {"params": self._only(held)}, min(k, int(held.sum()))
        if k == 0:
            return np.empty(0, np.int64)
        found = self._index.search(np.ascontiguousarray(query[None], np.float32), k, **options)[1][0]
        found = found[found >= 0]  # a graph may find fewer
        return found if self.labels is None else self.labels[found]

    def _only(self, held: np.ndarray) -> Any:
        """FAISS's way to say among which vectors to look."""
        import faiss as module

        faiss: Any = module  # its types do not know the keyword arguments
        selector = faiss.IDSelectorBitmap(np.packbits(held, bitorder="little"))
        if self.kind == "IndexFlatIP":
            return faiss.SearchParameters(sel=selector)
        return faiss.SearchParametersHNSW(sel=selector, efSearch=self._index.hnsw.efSearch)

    def scores(self, query: np.ndarray, rows: np.ndarray) -> np.ndarray:
        found = np.full(len(rows), np.nan, np.float32)
        if self.labels is None:
            places, held = rows, np.ones(len(rows), bool)
        else:
            places = np.searchsorted(self.labels, rows)
            held = places < len(self.labels)
            held[held] = self.labels[places[held]] == rows[held]
        if held.any():
            vectors = self._index.reconstruct_batch(np.ascontiguousarray(places[held], np.int64))
            found[held] = np.einsum("ij,j->i", vectors, query)  # @ would wake BLAS's threads
        return found
