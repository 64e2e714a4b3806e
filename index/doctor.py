"""The doctor: checks every stored byte of a library, and makes anew what can be made.

A bad generation is rebuilt from library.db; a damaged library.db is written anew from its
whole rows, or from a generation that is whole. Only where neither has everything is a
backup needed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from baycase.errors import BayCaseError, DamagedLibraryError, LibraryError
from baycase.index.build import Progress, no_progress, open_writer
from baycase.index.content import embedded_texts, other_language
from baycase.index.database import FILE, GENERATIONS, Database, text_hash
from baycase.index.encoder import Encoder
from baycase.index.generation import check_files, open_generation, read_manifest
from baycase.index.locking import locked
from baycase.index.replacement import fresh_draft, put_in_place
from baycase.index.salvage import salvage


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found and what was mended; `sound` says how the library is now."""

    found: tuple[str, ...]
    mended: tuple[str, ...]
    sound: bool


def examine(folder: Path) -> tuple[list[str], list[str]]:
    """(problems in library.db, problems in what is derived); changes nothing.

    Raises LibraryError where there is no library, or one of another schema.
    """
    try:
        with Database.open_to_read(folder) as database:
            if stored := database.damage():
                return stored, []
            published = database.published()
            if published is None:
                return [], ["no generation has been published"]
            derived = (
                [f"embeddings: {lost} texts have no vector"]
                if (lost := _texts_without(database, published.model))
                else []
            )
    except DamagedLibraryError as error:
        return [str(error)], []
    place = folder / GENERATIONS / published.generation
    try:
        manifest = read_manifest(place)
        problems = check_files(place, manifest)
        if (manifest["model"], manifest["content"]) != (published.model, published.content):
            problems.append(f"{place} was made from other content than library.db has")
        if not problems:
            open_generation(place)
    except DamagedLibraryError as error:
        problems = [str(error)]
    return [], derived + problems


def _texts_without(database: Database, model: str) -> int:
    known = other_language(list(database.renderings()))
    count = 0
    for document in database.documents():
        hashes = {text_hash(text) for text in embedded_texts(document, known)}
        count += len(hashes - database.embeddings(hashes, model).keys())
    return count


def treat(folder: Path, opened: Callable[[], Encoder], progress: Progress = no_progress) -> Diagnosis:
    """Examine a library and make anew what is not as it should be; `opened` opens the model if it is needed.

    An older schema is brought up to date.
    """
    try:
        stored, derived = examine(folder)
    except LibraryError:
        if not (folder / FILE).is_file():
            raise
        with open_writer(folder):  # brings an older schema up to date, refuses a newer one
            pass
        stored, derived = examine(folder)
    if not stored and not derived:
        return Diagnosis((), (), True)
    try:
        if stored:
            with locked(folder):
                source = salvage(folder, fresh_draft(folder))
                change = put_in_place(folder, opened, progress)
            mended = f"library.db written anew from {source}; {change.embedded} texts embedded again"
        else:
            with open_writer(folder) as writer:
                change = writer.rebuild(writer.stored_model(opened), progress)
            mended = f"generation {change.generation} made from library.db, {change.embedded} texts embedded again"
    except BayCaseError as error:
        return Diagnosis((*stored, *derived), (f"could not be mended: {error}",), False)
    finally:
        fresh_draft(folder)
    left = examine(folder)
    return Diagnosis((*stored, *derived), (mended,), left == ([], []))
