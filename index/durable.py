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
    with path.open("rb+") as file:  # Windows syncs only what may be written
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


def make_folder(path: Path) -> None:
    """Make a folder and those above it that are missing; their names are on the disk afterwards."""
    path = path.absolute()
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def publish_folder(folder: Path, target: Path) -> None:
    """Give a folder whose files are synced its final name."""
    sync_folder(folder)
    os.rename(folder, target)
    sync_folder(target.parent)


def publish_file(file: Path, target: Path) -> None:
    """Give a file its final name, in place of one that is there; its bytes are synced first."""
    sync_file(file)
    os.replace(file, target)
    sync_folder(target.parent)


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
