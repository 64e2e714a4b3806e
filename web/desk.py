"""What the rooms of the page share: the library, the glosses, the feedback, running jobs, the map.

Made once for the server. What belongs to one visitor is kept under the visitor's session and is nobody else's.
"""

import contextlib
import threading
from pathlib import Path

from baycase.errors import BayCaseError
from baycase.web.feedback import FeedbackFile
from baycase.web.glosses import Glosses
from baycase.web.jobs import Jobs
from baycase.web.languages import Texts
from baycase.web.layout import PlaneCache
from baycase.web.quotes import Quotes
from baycase.web.shelf import Shelf


class Desk:
    """`glosses` is None until the dictionary has been read, in the background."""

    def __init__(self, folder: Path, model: str | None = None) -> None:
        self.shelf = Shelf(folder, model)
        self.feedback = FeedbackFile(folder)
        self.jobs = Jobs()
        self.plane = PlaneCache()
        self.glosses: Glosses | None = None

    def warm(self) -> None:
        """Load what is slow to load in a thread, so that the page is up before."""
        threading.Thread(target=self._warm, name="baycase-warm", daemon=True).start()

    def _warm(self) -> None:
        self.shelf.warm()
        self.glosses = Glosses()
        with contextlib.suppress(BayCaseError):
            self.plane.of(self.shelf.library.generation)

    def quotes(self, t: Texts) -> Quotes:
        return Quotes(t, self.glosses)
