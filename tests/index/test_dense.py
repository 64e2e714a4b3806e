"""Vectors by nearness with FAISS itself: exact and by codes, at the limits between them, with and without labels."""

from pathlib import Path

import numpy as np
import pytest

from baycase.index import dense
from baycase.index.dense import VectorIndex

LIMIT, SMALL = 500, 1_500
CODES = "IndexPQFastScan, then IndexScalarQuantizer of {} bits"


@pytest.fixture(autouse=True)
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "EXACT_LIMIT", LIMIT)
    monkeypatch.setattr(dense, "SMALL_LIMIT", SMALL)


def vectors(count: int, seed: int = 0) -> np.ndarray:
    """(count, 32) float32 of length 1, in fifty clusters, as texts are."""
    draw = np.random.default_rng(seed)
    found = draw.normal(size=(50, 32))[draw.integers(0, 50, count)] + 0.6 * draw.normal(size=(count, 32))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def reopened(index: VectorIndex, folder: Path) -> VectorIndex:
    path = folder / "vectors.faiss"
    path.write_bytes(index.to_bytes())
    return VectorIndex.open(path, index.labels)


@pytest.mark.parametrize(
    ("count", "kind"),
    [
        (LIMIT - 1, "IndexFlatIP"),
        (LIMIT, "IndexFlatIP"),
        (LIMIT + 1, CODES.format(16)),
        (SMALL, CODES.format(16)),
        (SMALL + 1, CODES.format(8)),
    ],
)
def test_kind_by_size_and_what_it_finds(count: int, kind: str, tmp_path: Path) -> None:
    held = vectors(count)
    index = reopened(VectorIndex.build(held), tmp_path)
    assert (index.kind, len(index)) == (kind, count)
    shared = 0
    for query in vectors(20, seed=1):
        exact = np.argsort(-(held @ query), kind="stable")[:100]
        found = index.nearest(query, 100)
        assert len(found) == 100 and (np.diff(held[found] @ query) <= 1e-2).all()  # best first, but for rounding
        shared += len(np.intersect1d(exact, found))
    assert shared / 2000 >= (1 if kind == "IndexFlatIP" else 0.97 if " 8 " in kind else 0.99)


def test_rows_may_share_a_vector_and_order_does_not_matter_to_the_bytes(tmp_path: Path) -> None:
    held = vectors(300)
    rows = np.random.default_rng(0).integers(0, 300, LIMIT + 200)
    shared, spread = VectorIndex.build(held, None, rows), VectorIndex.build(held[rows])
    assert shared.to_bytes() == spread.to_bytes() == VectorIndex.build(held, None, rows).to_bytes()
    assert reopened(shared, tmp_path).vectors() == pytest.approx(held[rows], abs=1e-3)


@pytest.mark.parametrize("count", [LIMIT, LIMIT + 1])
def test_scores_are_cosines(count: int, tmp_path: Path) -> None:
    held, query = vectors(count), vectors(1, seed=2)[0]
    index = reopened(VectorIndex.build(held), tmp_path)
    rows = np.array([count - 1, 0, 7])
    assert index.scores(query, rows) == pytest.approx(held[rows] @ query, abs=2e-3)
    assert index.vectors() == pytest.approx(held, abs=1e-3)


@pytest.mark.parametrize("count", [LIMIT, LIMIT + 1])
def test_rows_without_a_vector(count: int, tmp_path: Path) -> None:
    labels = np.arange(count, dtype=np.int64) * 2
    held, query = vectors(count), vectors(1, seed=3)[0]
    index = reopened(VectorIndex.build(held, labels), tmp_path)
    best = index.nearest(query, 5)
    assert (best % 2 == 0).all() and best[0] == 2 * (held @ query).argmax()
    found = index.scores(query, np.array([0, 1, 2 * count, 4]))
    assert np.isnan(found).tolist() == [False, True, True, False]
    assert found[3] == pytest.approx(held[2] @ query, abs=2e-3)


@pytest.mark.parametrize("count", [LIMIT, LIMIT + 1])
def test_only_among_the_allowed(count: int, tmp_path: Path) -> None:
    held, query = vectors(count), vectors(1, seed=4)[0]
    index = reopened(VectorIndex.build(held), tmp_path)
    among = np.arange(count) % 3 == 0
    found = index.nearest(query, 10, among)
    assert among[found].all() and found[0] == np.where(among, held @ query, -2).argmax()
    assert len(index.nearest(query, count, among)) <= among.sum()
    assert len(index.nearest(query, 10, np.zeros(count, bool))) == 0


def test_nothing_and_fewer_than_asked_for(tmp_path: Path) -> None:
    assert len(reopened(VectorIndex.build(np.empty((0, 32), np.float32)), tmp_path).nearest(vectors(1)[0], 3)) == 0
    assert len(reopened(VectorIndex.build(vectors(2)), tmp_path).nearest(vectors(1)[0], 3)) == 2


@pytest.mark.parametrize("count", [40, LIMIT + 1])
@pytest.mark.parametrize("partial", [False, True])
def test_many_queries_find_what_each_finds(count: int, partial: bool, tmp_path: Path) -> None:
    labels = np.arange(count, dtype=np.int64) * 3 if partial else None
    index = reopened(VectorIndex.build(vectors(count), labels), tmp_path)
    queries, among = vectors(30, seed=5), np.arange(3 * count) % 2 == 0
    for allowed in (None, among if partial else among[:count]):
        together = index.nearest_of(queries, 10, allowed)
        for query, rows in zip(queries, together, strict=True):
            assert rows.tolist() == index.nearest(query, 10, allowed).tolist()
