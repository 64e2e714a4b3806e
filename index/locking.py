"""One writer at a time: the lock on a library's folder.

It knows the folder and what can go wrong in writing there, and nothing of what is written. Readers
need no lock.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from baycase.errors import LibraryBusyError, LibraryError
from baycase.index.connection import library_error
from baycase.index.durable import make_folder


@contextmanager
def locked(folder: Path, wait_s: float = 10) -> Iterator[None]:
    """The library's folder, made where there is none, with no other writer while the block runs."""
    from filelock import FileLock, Timeout

    try:
        make_folder(folder)
        lock = FileLock(folder / "writer.lock", timeout=wait_s)
        lock.acquire()
    except Timeout as error:
        raise LibraryBusyError(
            f"another process is writing to {folder}: wait until it is done and repeat the command"
        ) from error
    except OSError as error:
        raise LibraryError(
            f"{folder} cannot be written ({error.strerror}): check its permissions, "
            "or name another folder with --library"
        ) from error
    try:
        yield
    except sqlite3.Error as error:
        raise library_error(folder, error) from error
    except OSError as error:
        raise LibraryError(
            f"writing to {folder} failed ({error.strerror or error}); the library is as it was before"
        ) from error
    finally:
        lock.release()
