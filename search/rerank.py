"""A cross-encoder by name, as an option: it reads query and passage together and orders the hits anew.

sentence-transformers' CrossEncoder does the work; nothing is downloaded unless the user asks.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from baycase.errors import ModelError
from baycase.search.query import Query
from baycase.search.results import Hit, Leg

LEG = "reranker"


class Reranker:
    """Safe to use from several threads. Raises `ModelError` when the model is not there."""

    def __init__(self, model: str, *, download: bool = False) -> None:
        from sentence_transformers import CrossEncoder

        self.name = model
        self._lock = threading.Lock()
        try:
            self._model = CrossEncoder(str(Path(model).expanduser()), device="cpu", local_files_only=not download)
        except Exception as error:  # a dozen unrelated types, by what is missing
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise ModelError(
                f"the reranker {model} is not on this machine or is no cross-encoder ({reason}); "
                "name a folder, or leave --reranker out"
            ) from error

    def order(self, query: Query, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """The same hits by the cross-encoder's score, which becomes their score and a leg of theirs."""
        if not hits:
            return ()
        with self._lock:
            scores = self._model.predict([(query.text, hit.passage) for hit in hits], show_progress_bar=False)
        order = sorted(range(len(hits)), key=lambda number: -float(scores[number]))
        return tuple(
            replace(hits[number], rank=rank, score=float(scores[number]),
                    legs={**hits[number].legs, LEG: Leg(float(scores[number]), rank)})
            for rank, number in enumerate(order, 1)
        )  # fmt: skip
