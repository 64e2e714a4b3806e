"""The doctor: checks every stored byte of a library, and makes anew what is derived.

What lies in library.db is precious: damage there is named, row by row, and needs a
backup. Generations are not: a bad one is rebuilt from the database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from baycase.errors import BayCaseError, DamagedLibraryError
from baycase.index.build import GENERATIONS, Progress, Writer, no_progress, open_writer
from baycase.index.database import Database
from baycase.index.encoder import Encoder
from baycase.index.generation import check_files, open_generation, read_manifest


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found and what was mended; `sound` says how the library is now."""

    found: tuple[str, ...]
    mended: tuple[str, ...]
    sound: bool


def examine(folder: Path) -> tuple[list[str], list[str]]:
    """(problems in library.db, problems in what is derived); changes nothing."""
    with Database.open_to_read(folder) as database:
        stored = database.damaged_rows()
        number = None if stored else database.meta("generation")
    if stored:
        return stored, []
    if number is None:
        return [], ["no generation has been published"]
    place = folder / GENERATIONS / number
    try:
        problems = check_files(place, read_manifest(place))
        if not problems:
            open_generation(place)
    except DamagedLibraryError as error:
        problems = [str(error)]
    return [], problems


def treat(folder: Path, encoder: Callable[[], Encoder], progress: Progress = no_progress) -> Diagnosis:
    """Examine a library and rebuild what is derived where it is not as it should be."""
    stored, derived = examine(folder)
    if stored or not derived:
        return Diagnosis(tuple(stored), (), not stored)
    with open_writer(folder) as writer:
        mended = _rebuild(writer, encoder(), progress)
    stored_after, derived_after = examine(folder)
    return Diagnosis(tuple(derived), mended, not stored_after and not derived_after)


def _rebuild(writer: Writer, encoder: Encoder, progress: Progress) -> tuple[str, ...]:
    try:
        change = writer.rebuild(encoder, progress)
    except BayCaseError as error:
        return (f"could not rebuild: {error}",)
    return (f"generation {change.generation} made from library.db, {change.embedded} texts embedded again",)
