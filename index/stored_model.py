"""The library's own model, as far as it is known without loading it.

Much that a writer does (removing, rebuilding what is derived) embeds nothing: the vectors are
stored. It knows the encoder's protocol and no library.
"""

from collections.abc import Callable, Sequence

import numpy as np

from baycase.errors import ModelError
from baycase.index.encoder import Encoder


class StoredModel:
    """An `Encoder` of the library's model by name only; the model itself is opened when texts come."""

    def __init__(self, fingerprint: str, name: str, dim: int, opened: Callable[[], Encoder]) -> None:
        self.fingerprint, self.name, self.dim, self._open = fingerprint, name, dim, opened
        self._encoder: Encoder | None = None

    def _opened(self) -> Encoder:
        if self._encoder is None:
            self._encoder = self._open()
            if self._encoder.fingerprint != self.fingerprint:
                raise ModelError(
                    f"the library was embedded with {self.name} ({self.fingerprint}), not with {self._encoder.name} "
                    f"({self._encoder.fingerprint}); name that model with --model"
                )
        return self._encoder

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._opened().encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        return self._opened().encode_passages(texts, progress)
