"""Vectors by nearness: the one place that knows FAISS.

A `VectorIndex` holds float32 vectors of unit length, shape (n, dim); rows count
from 0 in the order given. Scores are cosines, -1 to 1, higher is nearer. It
knows nothing of passages: rows mean what the generation says they mean.
"""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

# Exact search reads every vector: 1.5 KB each. Above this many rows a graph answers sooner.
EXACT_LIMIT = 50_000


class Vectors(Protocol):
    """What search needs of vectors; a second engine implements this."""

    def __len__(self) -> int: ...

    def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """(q, dim) queries → scores and rows, both (q, min(k, n)), best first."""
        ...

    def rows(self, rows: np.ndarray) -> np.ndarray:
        """(m,) row numbers → their vectors, (m, dim) float32."""
        ...


class VectorIndex:
    """A FAISS index: exact below `EXACT_LIMIT` rows, an HNSW graph above."""

    def __init__(self, index: Any) -> None:
        self._index = index

    def __len__(self) -> int:
        return self._index.ntotal

    @property
    def kind(self) -> str:
        return type(self._index).__name__

    @classmethod
    def build(cls, vectors: np.ndarray) -> "VectorIndex":
        import faiss

        dim = vectors.shape[1]
        index: Any
        if len(vectors) <= EXACT_LIMIT:
            index = faiss.IndexFlatIP(dim)
        else:
            index = faiss.IndexHNSWSQ(dim, faiss.ScalarQuantizer.QT_fp16, 32, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = 80
            index.hnsw.efSearch = 200
        if not index.is_trained:
            index.train(vectors)
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index)

    def to_bytes(self) -> bytes:
        """The index as FAISS serialises it (`write_index` itself hides a full disk)."""
        import faiss

        return faiss.serialize_index(self._index).tobytes()

    @classmethod
    def open(cls, path: Path) -> "VectorIndex":
        """Open a file whose hash has been checked: FAISS itself accepts most damaged ones."""
        import faiss

        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))

    def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        k = min(k, len(self))
        if k == 0:
            return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
        return self._index.search(np.ascontiguousarray(queries, np.float32), k)

    def rows(self, rows: np.ndarray) -> np.ndarray:
        if len(rows) == 0:
            return np.empty((0, self._index.d), np.float32)
        return self._index.reconstruct_batch(np.ascontiguousarray(rows, np.int64))
