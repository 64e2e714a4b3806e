"""A whole database in place of a library's own: restored from a backup, or saved from a damaged one.

The new database is finished beside the old one, its generation published, and then it takes the old
one's name: until that moment readers answer from what was there. It knows how the change is made, and not where the
new content comes from.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from baycase.index.build import Change, Progress, Writer
from baycase.index.database import FILE, GENERATIONS, Database
from baycase.index.durable import publish_file, sync_folder
from baycase.index.encoder import Encoder
from baycase.index.generation import open_generation

DRAFT = ".replacement.db"


def fresh_draft(folder: Path) -> Path:
    """Where the new database is to be written; what an interrupted run left there is gone."""
    draft = folder / DRAFT
    for path in (draft, _journal(draft)):
        with suppress(FileNotFoundError):
            path.unlink()
    return draft


def put_in_place(folder: Path, opened: Callable[[], Encoder], progress: Progress) -> Change:
    """Make the draft the library's database; the caller holds the lock.

    What the draft has no vector for is embedded; the model is opened only then.
    """
    with Database.open_draft(folder / DRAFT) as database:
        writer = Writer(folder, database, sweep=False)
        change = writer.rebuild(writer.stored_model(opened), progress)
    open_generation(folder / GENERATIONS / str(change.generation))  # what cannot be opened takes no place
    old = _journal(folder / FILE)
    if old.exists():  # the old database's: rolled back into the new one it would destroy it
        old.unlink()
        sync_folder(folder)
    publish_file(folder / DRAFT, folder / FILE)
    return change


def _journal(path: Path) -> Path:
    return path.with_name(path.name + "-journal")
