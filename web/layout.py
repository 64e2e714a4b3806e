"""Two coordinates a passage, so that what means similar things lies close together. Arrays in, arrays out."""

import threading

import numpy as np

from baycase.index.generation import Generation

MOST_POINTS = 3000
TSNE_LIMIT = 1500  # passages; beyond it principal components, which need no iterations


def plane(vectors: np.ndarray) -> np.ndarray:
    """(n, dim) unit vectors → (n, 2) float64 coordinates in 0–1; the same for the same vectors."""
    count = len(vectors)
    if count == 0:
        return np.empty((0, 2))
    if count < 5:
        return np.array([[(i + 0.5) / count, 0.5] for i in range(count)])
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    if count <= TSNE_LIMIT:
        # max_iter: after 500 steps the picture of a few hundred points moves no more.
        model = TSNE(2, init="pca", perplexity=min(30.0, (count - 1) / 3), max_iter=500, random_state=0, n_jobs=1)
        with threadpool_limits(1):  # .3 s; threads that share a busy machine's cores wait for each other for ten
            found = model.fit_transform(np.asarray(vectors, np.float32))
    else:
        found = PCA(2, random_state=0).fit_transform(vectors)
    low, high = np.percentile(found, [1, 99], axis=0)  # one far point must not squeeze the others together
    return np.clip((found - low) / np.maximum(high - low, 1e-9), 0, 1)


class PlaneCache:
    """The coordinates of the newest generation, made once for all visitors."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: tuple[object, np.ndarray] | None = None

    def of(self, generation: Generation) -> np.ndarray:
        key = (str(generation.folder), generation.manifest.get("files", {}).get("passages.faiss", generation.number))
        with self._lock:
            if self._made is None or self._made[0] != key:
                self._made = (key, plane(generation.vectors["passages"].vectors(MOST_POINTS)))
            return self._made[1]
