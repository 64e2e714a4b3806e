"""Which documents a question is put to: all of them, those of some collections, or those a function picks.

It knows documents and the arrays that a generation keeps of them, and nothing of queries.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from baycase.index.generation import Generation, StoredDocument


@dataclass(frozen=True, slots=True)
class InCollections:
    """The documents of some collections; told from an array, without reading a document."""

    names: tuple[str, ...]

    def rows(self, generation: Generation) -> np.ndarray:
        """(documents,) bool."""
        return generation.in_collections(self.names)


Where = InCollections | Callable[[StoredDocument], bool]
"""A filter: of collections, or any function of a document, which then reads every document."""


def allowed_rows(generation: Generation, where: Where | None) -> np.ndarray | None:
    """(documents,) bool of the documents that pass, None where all do."""
    if where is None:
        return None
    if isinstance(where, InCollections):
        return where.rows(generation)
    return np.array([where(document) for document in generation.documents()], bool)
