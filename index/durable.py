"""Files that are whole or not there: written, fsynced, renamed, and their folder fsynced.

All writing of derived files goes through here, so that one place can be traced
and made to fail in tests. It knows nothing of what is written.
"""

import hashlib
import os
from pathlib import Path


def write_file(path: Path, data: bytes) -> None:
    """Write a new file and wait until its bytes are on the disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_file(path: Path) -> None:
    """Wait until a file that a library wrote is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk (not possible, nor needed, on Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def publish_folder(folder: Path, target: Path) -> None:
    """Give a folder whose files are synced its final name."""
    sync_folder(folder)
    os.rename(folder, target)
    sync_folder(target.parent)


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
