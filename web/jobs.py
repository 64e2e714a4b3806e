"""Long work of one visitor: in a thread, with progress, cancelled at its next step.

A job's work gets a `Progress`; that call raises once the job has been cancelled, which ends the work
at a moment when nothing is half done.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from baycase.errors import BayCaseError
from baycase.index.build import Progress

TICK_S = 0.4  # between two looks at a job's progress
ABANDON_S = 2.0  # after a cancel


class CancelledError(BayCaseError):
    """The visitor cancelled the job."""


@dataclass(slots=True)
class Job:
    """Where a job stands; `done` of `total` in `stage`, then `result` or `error`."""

    stage: str = ""
    done: int = 0
    total: int = 0
    result: Any = None
    error: Exception | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    finished: threading.Event = field(default_factory=threading.Event)
    began: float = field(default_factory=time.monotonic)
    cancel_began: float = 0.0

    def cancel(self) -> None:
        self.cancel_began = time.monotonic()
        self.cancelled.set()

    @property
    def cancelled_s(self) -> float:
        """Seconds since the cancel, 0 without one."""
        return time.monotonic() - self.cancel_began if self.cancelled.is_set() else 0.0

    def progress(self, stage: str, done: int, total: int) -> None:
        if self.cancelled.is_set():
            raise CancelledError("cancelled")
        self.stage, self.done, self.total = stage, done, total

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


class Jobs:
    """The running job of each session; a second one cancels the first."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def run(self, session: str, work: Callable[[Progress], Any], *, abandon: bool = False) -> Iterator[Job]:
        """Start the work, give its job at once, at every tick, and when it has finished.

        With `abandon`, work that changes nothing is left to itself where it does not stop soon after a cancel.
        """
        job = Job()
        with self._lock:
            before = self._jobs.get(session)
            self._jobs[session] = job
        if before is not None:
            before.cancel()
        threading.Thread(target=_do, args=(job, work), name="baycase-job", daemon=True).start()
        try:
            yield job
            while not job.finished.wait(TICK_S):
                if abandon and job.cancelled_s > ABANDON_S:
                    job.error = CancelledError("cancelled")
                    job.finished.set()
                yield job
            yield job
        finally:
            job.cancel()  # the visitor has gone
            with self._lock:
                if self._jobs.get(session) is job:
                    del self._jobs[session]

    def cancel(self, session: str) -> bool:
        """Cancel the session's job; False where it has none."""
        with self._lock:
            job = self._jobs.get(session)
        if job is None:
            return False
        job.cancel()
        return True


def _do(job: Job, work: Callable[[Progress], Any]) -> None:
    try:
        job.result = work(job.progress)
    except Exception as error:
        job.error = job.error or error
    finally:
        job.finished.set()
