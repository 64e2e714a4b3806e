"""Connections to library.db, and SQLite's errors as lines that say what to do.

It knows how a library is opened for reading on a folder that may be read-only, locked,
or left by a killed writer; it knows no table.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from baycase.errors import DamagedLibraryError, LibraryBusyError, LibraryError


def connect(path: Path, options: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?{options}", uri=True, isolation_level=None, timeout=30, check_same_thread=False
    )
    # A file from somebody else: no function of its schema runs, no cell is trusted.
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Read-only, whatever the folder allows.

    A journal left by a killed writer has to be rolled back first, which needs a writable folder: read
    without it, the database would show half a change. Where even a reader's lock is refused and there is
    no journal, SQLite's `immutable` mode reads without locks.
    """
    journal = path.with_name(path.name + "-journal")
    try:
        return _probed(path, "mode=ro")
    except sqlite3.OperationalError as error:
        if journal.exists() and not os.access(path.parent, os.W_OK):
            raise LibraryError(
                f"{path}: a change was cut short, and the folder is read-only: run  baycase doctor  "
                "as a user who may write there, once"
            ) from error
        if not journal.exists() and not os.access(path.parent, os.W_OK):
            return _probed(path, "mode=ro&immutable=1")
        _probed(path, "mode=rw").close()
        return _probed(path, "mode=ro")


def _probed(path: Path, options: str) -> sqlite3.Connection:
    connection = connect(path, options)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except (sqlite3.Error, UnicodeError):  # UnicodeError: a message that quotes a damaged schema
        connection.close()
        raise
    return connection


@contextmanager
def clear_errors(path: Path) -> Iterator[None]:
    """SQLite's errors as one line that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise library_error(path, error) from error
    except UnicodeDecodeError as error:
        raise DamagedLibraryError(
            f"{path} is damaged (text that is no UTF-8): run  baycase doctor, or restore a backup"
        ) from error


def library_error(path: Path, error: sqlite3.Error) -> LibraryError:
    message = str(error)
    if any(word in message for word in ("malformed", "not a database", "UTF-8", "no such", "unsupported file format")):
        return DamagedLibraryError(f"{path} is damaged ({message}): run  baycase doctor, or restore a backup")
    if "readonly" in message or "unable to open" in message:
        return LibraryError(
            f"{path} cannot be written or opened ({message}): check the folder's permissions, "
            "or name another with --library"
        )
    if "full" in message or "I/O" in message:
        return LibraryError(
            f"{path} could not be written ({message}): nothing was changed; free some space and repeat the command"
        )
    if "locked" in message:
        return LibraryBusyError(f"{path} is in use by another process: wait until it is done and repeat the command")
    return LibraryError(f"{path}: {message}")
