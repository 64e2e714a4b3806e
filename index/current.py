"""The generation that a library is at, followed as other processes change it.

Opening and following are here, for readers; which generation is the current one is
said by library.db alone. It knows no query.
"""

import threading
from pathlib import Path

from baycase.errors import DamagedLibraryError, LibraryError
from baycase.index.database import FILE, GENERATIONS, Database
from baycase.index.generation import Generation, open_generation

_TRIES = 5  # a generation may be swept away between reading its name and opening it


class CurrentGeneration:
    """Gives the newest generation; may be asked from several threads at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] | None = None
        self._held: Generation | None = None

    def get(self) -> Generation:
        """The newest one, opened when the library has changed since the last call; an older one may be kept.

        Raises LibraryError where there is none, DamagedLibraryError where it is not as it was written.
        """
        with self._lock:
            stamp = self._stamp()
            if self._held is None or stamp is None or stamp != self._seen:
                self._held = self._open()
                self._seen = stamp  # taken before opening, so that a change since then is noticed
            return self._held

    def _stamp(self) -> tuple[int, ...] | None:
        """What differs after any commit: the file's identity and SQLite's own change counter (bytes 24 to 27)."""
        try:
            with (self.folder / FILE).open("rb") as file:
                file.seek(24)
                counter = file.read(4)
                found = (self.folder / FILE).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size, int.from_bytes(counter, "big")

    def _open(self) -> Generation:
        before = None
        for attempt in range(_TRIES):
            with Database.open_to_read(self.folder) as database:
                published = database.published()
            if published is None:
                raise LibraryError(f"{self.folder} holds no documents yet: add some with  baycase index")
            wanted = (int(published.generation), published.model, published.content)
            if self._held is not None and (self._held.number, self._held.model, self._held.content) == wanted:
                return self._held
            try:
                generation = open_generation(self.folder / GENERATIONS / published.generation)
            except DamagedLibraryError:
                if published == before or attempt == _TRIES - 1:
                    raise
                before = published
                continue
            if (generation.number, generation.model, generation.content) != wanted:
                raise DamagedLibraryError(
                    f"{generation.folder} and library.db are not of one commit: run  baycase doctor"
                )
            return generation
        raise AssertionError("every try either returns or raises")
