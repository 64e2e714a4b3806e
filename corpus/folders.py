"""Folders to files: what is in them and below that can be read, and what should be but cannot.

Knows names and kinds of files, not what they hold.
"""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from baycase.corpus.reader import OTHER_DOCUMENTS, READERS, not_read
from baycase.corpus.shown import shown
from baycase.errors import DocumentError


def files_under(path: Path | str, unread: list[tuple[Path, str]] | None = None) -> Iterator[Path]:
    """The file itself, or every file of a known format in the folder and below, sorted.

    Hidden files and folders are left out, as is what Word keeps beside an open file; a link to a folder that
    holds it is not followed. A folder inside that cannot be looked into, and a document in a format that is not
    read (.doc), is added to `unread` with one line that says why; without `unread` the folder raises DocumentError.
    """
    path = Path(path)
    if path.is_dir():
        yield from _walk(path, unread)
    elif os.path.lexists(path):
        yield path
    else:
        raise DocumentError(f"{shown(path)}: no such file or folder")


def _walk(top: Path, unread: list[tuple[Path, str]] | None) -> Iterator[Path]:
    """Without recursion: folders may be nested deeper than calls."""
    to_see = [(top, frozenset[tuple[int, int]]())]
    while to_see:
        path, above = to_see.pop()
        try:
            found = path.stat()
            if stat.S_ISREG(found.st_mode) and path.suffix.lower() in READERS:
                yield path
            elif stat.S_ISREG(found.st_mode) and unread is not None and path.suffix.lower() in OTHER_DOCUMENTS:
                unread.append((path, not_read(path)))
            itself = (found.st_dev, found.st_ino)
            if not stat.S_ISDIR(found.st_mode) or itself in above:
                continue
            entries = sorted(
                (entry for entry in path.iterdir() if not entry.name.startswith((".", "~$"))), reverse=True
            )
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ELOOP) and path != top:
                continue  # a link that leads nowhere
            reason = f"{shown(path)}: cannot be read: {error.strerror}"
            if unread is None or path == top:
                raise DocumentError(reason) from error
            unread.append((path, reason))
            continue
        within = above | {itself}
        to_see += [(entry, within) for entry in entries]
