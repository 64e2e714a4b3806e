"""Backup and restore: a library as one file, and a library made from it.

The file is a whole database, vectors included, so that restoring embeds nothing; everything
derived is made anew. Checksums are verified in the copy before it takes any name, and in the
file before anything of it is used. It trusts a file from somebody else no further
than its rows: no index of theirs is opened.
"""

from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from baycase.errors import DamagedLibraryError, LibraryError, UsageError
from baycase.index.build import Change, Progress, no_progress
from baycase.index.connection import clear_errors, connect
from baycase.index.database import FILE, Database
from baycase.index.durable import make_folder, publish_file
from baycase.index.encoder import Encoder
from baycase.index.locking import locked
from baycase.index.replacement import fresh_draft, put_in_place
from baycase.index.strangers import problems


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that has been made: the file, its bytes, the documents in it."""

    file: Path
    size: int
    documents: int


def back_up(folder: Path, file: Path) -> Backup:
    """Write the library in `folder` to `file`, whole or not at all; readers and a writer may be at work.

    An earlier backup of that name is replaced, any other file is not.
    """
    if file.is_dir():
        raise UsageError(f"{file} is a folder: name a file in it, for example {file / 'library.backup'}")
    if file.exists() and not _is_backup(file):
        raise UsageError(f"{file} exists and is no backup of a library: name another file, or remove it first")
    draft = file.with_name(f".{file.name}.partial")
    try:
        make_folder(file.parent)
        with suppress(FileNotFoundError):
            draft.unlink()
        with Database.open_to_read(folder) as database:
            database.copy_to(draft)
        with Database.open_file(draft) as copy:
            for problem in copy.damage():
                raise DamagedLibraryError(
                    f"{folder / FILE} is damaged ({problem}), so no backup was made: run  baycase doctor"
                )
            documents = len(copy.document_ids())
        publish_file(draft, file)
    except OSError as error:
        raise LibraryError(f"{file} cannot be written ({error.strerror}): name another file with more space") from error
    finally:
        with suppress(OSError):
            draft.unlink()
    return Backup(file, file.stat().st_size, documents)


def restore(
    folder: Path, file: Path, opened: Callable[[], Encoder], replace: bool = False, progress: Progress = no_progress
) -> Change:
    """Make the library in `folder` what it was when `file` was written.

    A library that holds documents gives way only with `replace`. `opened` opens the model, should texts have no vector.
    """
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    if not replace and _holds_documents(folder):
        raise UsageError(f"{folder} holds documents: they would all be replaced; say so with --replace")
    if file.stat().st_size == 0:  # to SQLite an empty file is a sound database
        raise DamagedLibraryError(f"{file} is empty, and nothing was restored: use another backup")
    with locked(folder):
        draft = fresh_draft(folder)
        with (
            clear_errors(file),
            closing(connect(file, "mode=ro&immutable=1")) as source,
            closing(connect(draft, "mode=rwc")) as copy,
        ):
            source.backup(copy)
        try:
            with Database.open_draft(draft) as copy:
                for problem in copy.damage() or problems(copy):
                    raise DamagedLibraryError(
                        f"{file} is damaged ({problem}), and nothing was restored: use another backup"
                    )
        except LibraryError as error:
            fresh_draft(folder)
            raise type(error)(str(error).replace(str(draft), str(file))) from error
        return put_in_place(folder, opened, progress)


def _is_backup(file: Path) -> bool:
    try:
        with Database.open_file(file):
            return True
    except LibraryError:
        return False


def _holds_documents(folder: Path) -> bool:
    try:
        with Database.open_to_read(folder) as database:
            return bool(database.document_ids())
    except DamagedLibraryError:
        return True
    except LibraryError:
        return False
