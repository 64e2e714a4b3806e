"""The library as the page holds it: it may be missing or empty, and the model loads behind the page.

One `Shelf` serves every visitor; it keeps no state of any of them.
"""

import logging
import threading
from pathlib import Path

from baycase.errors import BayCaseError, LibraryError
from baycase.index.encoder import Encoder, open_encoder
from baycase.index.generation import StoredDocument
from baycase.search.library import Library

log = logging.getLogger("baycase.web")


class Shelf:
    """A library folder and, as soon as it can be opened, the `Library` in it."""

    def __init__(self, folder: Path, model: str | None = None) -> None:
        self.folder, self.model = folder, model
        self.ready = threading.Event()
        self._library: Library | None = None
        self._encoder: Encoder | None = None
        self._lock = threading.Lock()
        self._encoder_lock = threading.Lock()

    @property
    def library(self) -> Library:
        """The opened library; raises the `LibraryError` that says what to do where there is none."""
        with self._lock:
            if self._library is None:
                self._library = Library(self.folder, model=self.model, encoder=self._encoder)
            return self._library

    @property
    def encoder(self) -> Encoder:
        """The model, for writing too; loaded once: the library's own, or one that the library will be given."""
        with self._encoder_lock:
            if self._encoder is None:
                try:
                    self._encoder = self.library.encoder
                except LibraryError:
                    self._encoder = open_encoder(self.model)
            return self._encoder

    def documents(self) -> list[StoredDocument]:
        """Every document; none where there is no library yet."""
        try:
            return list(self.library.documents())
        except LibraryError:
            return []

    def warm(self) -> None:
        """Load the model and ask once, so that the first question finds everything ready."""
        try:
            _ = self.encoder
            self.library.ask("港车北上")
        except BayCaseError as error:
            log.warning("baycase: %s", error)
        finally:
            self.ready.set()
