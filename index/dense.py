"""Vectors by nearness: the one place that knows FAISS.

A `VectorIndex` holds float32 vectors of unit length, shape (n, dim); rows count
from 0 in the order given. Scores are cosines, -1 to 1, higher is nearer. It
knows nothing of passages: rows mean what the generation says they mean.
"""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from baycase.index.transformer import cores

# Exact search reads every vector: 1.5 KB each. Above this many rows short codes are read first.
EXACT_LIMIT = 20_000
# Above this many rows the second look is at vectors of 8 bits a number instead of 16: .992 of the hundred nearest
# become .984.
SMALL_LIMIT = 2_000_000
# Codes of 2 bits a number name so many vectors for each that is wanted; the second look orders them. At a million
# vectors 10 find .980 of the hundred nearest, 20 find .992, 40 find .997; 5 to 6 ms.
LOOKED_AT = 20
_TRAINED_ON = 40_000
_CHUNK = 65_536  # vectors added at once


class Vectors(Protocol):
    """What search needs of vectors; a second engine implements this."""

    def __len__(self) -> int: ...

    def nearest(self, query: np.ndarray, k: int, among: np.ndarray | None = None) -> np.ndarray:
        """A (dim,) query → the rows of the k nearest vectors, best first; fewer where there are fewer.

        `among` (n,) bool: the rows to look among, all of them if None.
        """
        ...

    def nearest_of(self, queries: np.ndarray, k: int, among: np.ndarray | None = None) -> list[np.ndarray]:
        """(q, dim) queries → what `nearest` gives for each; sooner than one by one."""
        ...

    def scores(self, query: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """A (dim,) query against (m,) rows → (m,) float32 scores, NaN for a row without a vector."""
        ...


class VectorIndex:
    """A FAISS index: exact up to `EXACT_LIMIT` vectors; above, short codes and a second look at what they name.

    The codes (product quantiser, 4 bits for each two numbers) lie so that one instruction compares a query with 32 of
    them. All are read for every query, 5 ms at a million, and they are made forty times as fast as a graph is. Where
    not every row has a vector, `labels` (n,) int64, ascending, says which rows have.
    """

    def __init__(self, index: Any, labels: np.ndarray | None = None) -> None:
        self._index, self.labels = index, labels
        self._whole = getattr(index, "refine_index", index)
        """Where whole vectors are: the index itself, or what is looked at second."""

    def __len__(self) -> int:
        return self._index.ntotal

    @property
    def kind(self) -> str:
        """What the manifest says of the index: the classes in FAISS, and how whole the vectors are."""
        if self._whole is self._index:
            return type(self._index).__name__
        bits = 8 * self._whole.sa_code_size() // self._index.d
        return f"IndexPQFastScan, then IndexScalarQuantizer of {bits} bits"

    @classmethod
    def build(
        cls, vectors: np.ndarray, labels: np.ndarray | None = None, rows: np.ndarray | None = None
    ) -> "VectorIndex":
        """`rows` (n,): which of the `vectors` (m, dim) each of the n has; all of them in their order if None."""
        import faiss

        rows = np.arange(len(vectors)) if rows is None else rows
        index = cls._empty(len(rows), vectors.shape[1])
        # Training is many short steps, and between them FAISS's threads wait by turning: on a busy machine that takes
        # ten times what it saves.
        faiss.omp_set_num_threads(1)
        if not index.is_trained:
            index.train(np.ascontiguousarray(vectors[rows[:: len(rows) // _TRAINED_ON + 1]], np.float32))
        faiss.omp_set_num_threads(cores())
        for at in range(0, len(rows), _CHUNK):
            index.add(np.ascontiguousarray(vectors[rows[at : at + _CHUNK]], np.float32))
        return cls(index, labels)

    @staticmethod
    def _empty(count: int, dim: int) -> Any:
        """The kind of index for so many vectors."""
        import faiss as module

        faiss: Any = module  # its types do not know the names of constants
        if count <= EXACT_LIMIT:
            return faiss.IndexFlatIP(dim)
        parts = dim // 2 if dim % 2 == 0 else dim
        codes = faiss.IndexPQFastScan(dim, parts, 4, faiss.METRIC_INNER_PRODUCT)
        form = faiss.ScalarQuantizer.QT_8bit if count > SMALL_LIMIT else faiss.ScalarQuantizer.QT_fp16
        whole = faiss.IndexScalarQuantizer(dim, form, faiss.METRIC_INNER_PRODUCT)
        index = faiss.IndexRefine(codes, whole)
        index.k_factor = LOOKED_AT
        return index

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

    def vectors(self, most: int | None = None) -> np.ndarray:
        """(n, dim) float32: the vectors themselves, as the index keeps them; the first `most`, or all."""
        return self._whole.reconstruct_n(0, len(self) if most is None else min(most, len(self)))

    def nearest(self, query: np.ndarray, k: int, among: np.ndarray | None = None) -> np.ndarray:
        return self.nearest_of(query[None], k, among)[0]

    def nearest_of(self, queries: np.ndarray, k: int, among: np.ndarray | None = None) -> list[np.ndarray]:
        index, options, k = self._index, {}, min(k, len(self))
        if among is not None:
            held = among if self.labels is None else among[self.labels]
            # Codes cannot be passed over one by one, and few vectors are read quickly as they are.
            index, options, k = self._whole, {"params": _only(held)}, min(k, int(held.sum()))
        if k == 0:
            return [np.empty(0, np.int64)] * len(queries)
        found = index.search(np.ascontiguousarray(queries, np.float32), k, **options)[1]
        named = [rows[rows >= 0] for rows in found]
        return named if self.labels is None else [self.labels[rows] for rows in named]

    def scores(self, query: np.ndarray, rows: np.ndarray) -> np.ndarray:
        found = np.full(len(rows), np.nan, np.float32)
        if self.labels is None:
            places, held = rows, np.ones(len(rows), bool)
        else:
            places = np.searchsorted(self.labels, rows)
            held = places < len(self.labels)
            held[held] = self.labels[places[held]] == rows[held]
        if held.any():
            found[held] = self._products(query, np.ascontiguousarray(places[held], np.int64))
        return found

    def _products(self, query: np.ndarray, places: np.ndarray) -> np.ndarray:
        if self._whole is self._index:  # vectors that lie there whole are multiplied where they lie
            import faiss

            products, query = np.empty(len(places), np.float32), np.ascontiguousarray(query, np.float32)
            pointers = faiss.swig_ptr(query), len(places), faiss.swig_ptr(products), faiss.swig_ptr(places)
            self._index.compute_distance_subset(1, *pointers)
            return products
        return np.einsum("ij,j->i", self._whole.reconstruct_batch(places), query)  # @ would wake BLAS's threads


def _only(held: np.ndarray) -> Any:
    """FAISS's way to say among which vectors to look."""
    import faiss as module

    faiss: Any = module  # its types do not know the keyword arguments
    return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(held, bitorder="little")))
