"""Files of others, read in a child process that may die of them.

The child has limits of memory, processor time and wall time, may write no file, and gives documents
back as JSON. It reads many files, one after the other, and is replaced when it dies or has grown.
Small plain text needs none. Whatever a file does, it ends in documents or in one DocumentError.
"""

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from baycase.corpus.formats import ocr
from baycase.corpus.limits import LIMITS, Limits, in_words
from baycase.corpus.reader import checked_path, read_path
from baycase.corpus.records import Document
from baycase.corpus.shown import shown
from baycase.corpus.transport import NotADocumentError, document_from_json
from baycase.errors import BayCaseError, DocumentError, DocumentWarning, MissingExtraError

_PLAIN = (".txt", ".md")
_log = logging.getLogger(__name__)


def read_documents(path: Path | str, source: str | None = None, limits: Limits = LIMITS) -> list[Document]:
    """The documents of one file. For many files, keep one `Sandbox`."""
    with Sandbox(limits) as sandbox:
        return sandbox.read_documents(path, source)


class Sandbox:
    """Reads files, one at a time; a context manager, at whose end the child ends."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._child: _Child | None = None

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None

    def read_documents(self, path: Path | str, source: str | None = None) -> list[Document]:
        """The documents of the file, in its order; what was left out of it goes to the log as a warning.

        `source` as for `read_path`. Raises DocumentError, or MissingExtraError where an optional part
        of the installation is needed: one line, without characters that act on a terminal.
        """
        path = checked_path(path, self._limits)
        source = shown(path) if source is None else source
        try:
            documents, left_out = self._read(path, source)
        except BayCaseError as error:
            raise type(error)(shown(str(error))) from error
        for message in left_out:
            _log.warning("%s", shown(message))
        return documents

    def _read(self, path: Path, source: str) -> tuple[list[Document], list[str]]:
        # A .jsonl file is read line by line with a limit on each; its size alone is harmless.
        plain = path.suffix.lower() in _PLAIN and path.stat().st_size <= self._limits.in_process
        if plain or path.suffix.lower() == ".jsonl":
            return _read_here(path, source, self._limits)
        if self._child is None:
            self._child = _Child(self._limits)
        try:
            documents, left_out, grown = self._child.read(path, source)
        except BaseException as error:
            if not isinstance(error, BayCaseError) or not self._child.alive:
                self.close()
            raise
        if grown:
            self.close()
        return documents, left_out


def _read_here(path: Path, source: str, limits: Limits) -> tuple[list[Document], list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DocumentWarning)
        try:
            documents = list(read_path(path, source, limits))
        except BayCaseError:
            raise
        except MemoryError as error:
            raise DocumentError(f"{path}: needs more memory than there is (split it)") from error
        except Exception as error:
            raise _unforeseen(path, error) from error
    return documents, [str(each.message) for each in caught if issubclass(each.category, DocumentWarning)]


def _unforeseen(path: Path, error: Exception) -> DocumentError:
    reason = f"{type(error).__name__}: {str(error)[:120]}" if str(error) else type(error).__name__
    return DocumentError(f"{path}: cannot be read as {path.suffix} ({reason}); is the file damaged?")


class _Child:
    """One child process, of which one file after the other is asked."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.alive = True
        self._process = subprocess.Popen(
            [sys.executable, "-m", "baycase.corpus.sandbox"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        with contextlib.suppress(OSError):
            self._send(limits.to_dict())

    def read(self, path: Path, source: str) -> tuple[list[Document], list[str], bool]:
        """The documents, what was left out, and whether the child has grown too much to go on."""
        overdue = threading.Event()

        def end() -> None:
            overdue.set()
            self._process.kill()

        limits = self._limits.with_ocr() if _reads_pictures(path) else self._limits
        timer = threading.Timer(limits.wall_seconds, end)
        timer.start()
        try:
            self._send({"path": str(path.absolute()), "shown": str(path), "source": source})
            answers = self._answers(path)
        except OSError:
            answers = None
        finally:
            timer.cancel()
        if answers is None:
            raise DocumentError(f"{path}: {self._cause_of_death(limits, overdue.is_set())}")
        last = answers[-1]
        if "error" in last:
            if last.get("grown"):
                self.stop()
            kind = MissingExtraError if last.get("kind") == MissingExtraError.__name__ else DocumentError
            raise kind(str(last["error"]))
        documents = [self._document(path, each["document"], source) for each in answers if "document" in each]
        left_out = [str(each["left_out"]) for each in answers if "left_out" in each]
        return documents, left_out, bool(last.get("grown"))

    def stop(self) -> None:
        self.alive = False
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()

    def _answers(self, path: Path) -> list[dict[str, Any]] | None:
        """What the child says up to its last word, None where it died before."""
        assert self._process.stdout
        answers: list[dict[str, Any]] = []
        room = self._limits.answer
        while True:
            line = self._process.stdout.readline(room + 1)
            room -= len(line)
            if room < 0:
                self.stop()
                raise DocumentError(f"{path}: gives more than {in_words(self._limits.answer)} of documents (split it)")
            if not line.endswith(b"\n"):
                return None
            try:
                answer = json.loads(line)
            except (ValueError, RecursionError):
                answer = None
            if not isinstance(answer, dict):
                self.stop()
                raise DocumentError(f"{path}: broke the program that read it; is the file damaged?")
            answers.append(answer)
            if "error" in answer or "grown" in answer:
                return answers

    def _document(self, path: Path, record: Any, source: str) -> Document:
        try:
            document = document_from_json(record)
        except NotADocumentError as error:
            self.stop()
            raise DocumentError(f"{path}: broke the program that read it ({error})") from error
        if document.source != source:
            self.stop()
            raise DocumentError(f"{path}: broke the program that read it (another source)")
        return document

    def _cause_of_death(self, limits: Limits, overdue: bool) -> str:
        self.stop()
        code = self._process.returncode
        if overdue:
            return f"not read within {limits.wall_seconds} s; is it damaged, or too large? (split it)"
        if code == -getattr(signal, "SIGXCPU", 0):
            return f"not read within {limits.cpu_seconds} s of processor time; is it damaged, or too large? (split it)"
        return (
            f"broke the program that read it, or needed more than {in_words(limits.memory)} of memory "
            f"(exit {code}); is the file damaged?"
        )


def _reads_pictures(path: Path) -> bool:
    return path.suffix.lower() == ".pdf" and ocr.installed()


# -- the child -------------------------------------------------------------------------------


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """The child's work: the limits come first, then a request a line, till there are no more."""
    limits = Limits(**json.loads(requests.readline()))
    _confine(limits.with_ocr() if ocr.installed() else limits)

    def say(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer).encode() + b"\n")

    for line in requests:
        request = json.loads(line)
        _allow_seconds(limits.with_ocr() if _reads_pictures(Path(request["path"])) else limits)
        try:
            for answer in _answers_to(Path(request["path"]), Path(request["shown"]), request["source"], limits):
                say(answer)
        except MemoryError:
            message = f"{request['shown']}: needs more than {in_words(limits.memory)} of memory to be read"
            say({"error": message, "grown": True})
        answers.flush()


def _answers_to(path: Path, name: Path, source: str, limits: Limits) -> Iterator[dict[str, Any]]:
    from baycase.corpus.transport import document_to_json

    # Messages name the file as the user did.
    def renamed(message: object) -> str:
        return str(message).replace(shown(path), shown(name))

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DocumentWarning)
        try:
            for document in read_path(path, source, limits):
                yield {"document": document_to_json(document)}
        except BayCaseError as error:
            yield {"error": renamed(error), "kind": type(error).__name__, "grown": _has_grown(limits)}
            return
        except MemoryError:
            raise
        except Exception as error:
            yield {"error": renamed(_unforeseen(path, error)), "grown": _has_grown(limits)}
            return
    for each in caught:
        if issubclass(each.category, DocumentWarning):
            yield {"left_out": renamed(each.message)}
    yield {"grown": _has_grown(limits)}


def _confine(limits: Limits) -> None:
    """Memory, files written, core files; where the system has such limits."""
    try:
        import resource
    except ImportError:  # Windows has none; time is then the only limit
        return
    for name, value in (("RLIMIT_AS", limits.memory), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0), ("RLIMIT_NOFILE", 64)):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            _, hard = resource.getrlimit(getattr(resource, name))
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(getattr(resource, name), (value, value))


def _allow_seconds(limits: Limits) -> None:
    """Processor time from now on; the system counts that of the whole process."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + limits.cpu_seconds, hard))


def _has_grown(limits: Limits) -> bool:
    """Whether so much memory is in use that the next file should have a new child; False where the system does not say.

    Not its peak by getrusage: there a child begins with the peak of the parent.
    """
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return False
    return pages * os.sysconf("SC_PAGE_SIZE") > limits.memory // 4


def _main() -> None:
    # What libraries print must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    _main()
