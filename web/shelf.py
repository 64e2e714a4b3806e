"""The library as the page holds it: it may be missing or empty, and the model loads behind the page.

One `Shelf` serves every visitor; it keeps no state of any of them.
"""

import logging
import threading
import time
from pathlib import Path

from baycase.errors import BayCaseError, LibraryError
from baycase.search.library import Library

log = logging.getLogger("baycase.web")


class Shelf:
    """A library folder and, as soon as it can be opened, the `Library` in it."""

    def __init__(self, folder: Path, model: str | None = None) -> None:
        self.folder, self.model = folder, model
        self._library: Library | None = None
        self._lock = threading.Lock()
        self.ready = threading.Event()
        self.loading_s: float | None = None

    @property
    def library(self) -> Library:
        """The opened library; raises the `LibraryError` that says what to do where there is none."""
        with self._lock:
            if self._library is None:
                self._library = Library(self.folder, model=self.model)
                self._library._encoder = getattr(self, "_encoder", None)
            return self._library

    def problem(self) -> BayCaseError | None:
        """Why nothing can be asked, None when all is well."""
        try:
            generation = self.library.generation
        except BayCaseError as error:
            return error
        return None if generation.document_count else LibraryError(f"{self.folder} holds no documents")

    def warm(self) -> None:
        """Load the model in a thread, so that the first question finds it ready."""
        threading.Thread(target=self._warm, name="baycase-model", daemon=True).start()

    def _warm(self) -> None:
        began = time.perf_counter()
        try:
            self.library.ask("港车北上")
        except BayCaseError as error:
            log.warning("baycase: %s", error)
        finally:
            self.loading_s = time.perf_counter() - began
            self.ready.set()
