"""A new database out of a damaged one: from the rows that are whole, or from a generation that is.

Content is taken only where it is known to be complete: the rows' digest is the one that
was stored at the last commit, or a generation passes every check of its own. Vectors
are taken where their checksum fits; the others are made again.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from baycase.corpus.records import Document, Passage, Sentence, Span
from baycase.errors import DamagedLibraryError, LibraryError
from baycase.index.build import generation_numbers
from baycase.index.connection import connect_to_read
from baycase.index.database import FILE, GENERATIONS, Database
from baycase.index.generation import Generation, check_files, open_generation, read_manifest
from baycase.index.schema import DIGESTS, TABLES, checksum, select_from, table_digest, write_rows


def salvage(folder: Path, draft: Path) -> str:
    """Fill a fresh `draft` with the content of the library in `folder`; says where it came from.

    Raises DamagedLibraryError when no complete content is to be had.
    """
    with Database.open_draft(draft) as database, closing(sqlite3.connect(draft, isolation_level=None)) as target:
        _copy_rows(folder / FILE, target)
        meta = dict(target.execute("SELECT key, value FROM meta").fetchall())
        sound = list(_sound_generations(folder, meta.get("generation")))
        complete = {meta.get("content"), *(generation.content for generation in sound)}
        if "model" in meta and "generation" in meta and table_digest(target, DIGESTS["content"]) in complete:
            with database.transaction():
                _forget_sources_unless(meta.get("sources digest"), target, database)
                database.store_digests()
            return "the rows of the damaged library.db, which are complete"
        if not sound:
            raise DamagedLibraryError(
                f"{folder / FILE} has lost content, and no generation has all of it: "
                "restore a backup with  baycase restore FILE"
            )
        with database.transaction():
            _replace_content(database, sound[0])
            _forget_sources_unless(meta.get("sources digest"), target, database)
            database.set_meta("generation", str(sound[0].number))
            database.set_meta("model", sound[0].model)
            database.store_digests()
        return f"generation {sound[0].number}, which has all {sound[0].document_count} documents"


def _copy_rows(path: Path, target: sqlite3.Connection) -> None:
    """Every row that can be read and fits its checksum."""
    try:
        source = connect_to_read(path)
    except (sqlite3.Error, UnicodeError, LibraryError):  # UnicodeError: a message that quotes the damaged schema
        return
    with closing(source):
        target.execute("BEGIN")
        for table in TABLES:
            write_rows(target, table, _whole_rows(source, table))
        target.execute("COMMIT")


def _whole_rows(source: sqlite3.Connection, table: str) -> Iterator[tuple]:
    source.text_factory = bytes  # a flipped bit may leave text that is no UTF-8
    try:
        for stored in source.execute(f"{select_from(table)} NOT INDEXED"):
            try:
                row = tuple(_decoded(value, column) for value, column in zip(stored[:-1], TABLES[table], strict=True))
            except UnicodeDecodeError:
                continue
            if checksum(row) == stored[-1]:
                yield row
    except (sqlite3.Error, UnicodeError):
        return


def _decoded(value: object, column: str) -> object:
    return value.decode() if isinstance(value, bytes) and "BLOB" not in column else value


def _sound_generations(folder: Path, named: str | None) -> Iterator[Generation]:
    """Those that pass every check, the one that the database names first, then the newest."""
    numbers = generation_numbers(folder)[::-1]
    numbers.sort(key=lambda number: str(number) != named)
    for number in numbers:
        place = folder / GENERATIONS / str(number)
        try:
            if not check_files(place, read_manifest(place)):
                yield open_generation(place)
        except (DamagedLibraryError, OSError):
            continue


def _replace_content(database: Database, generation: Generation) -> None:
    database.remove_documents(list(database.document_ids()))
    renderings = {}
    for document in documents_of(generation):
        database.put_document(document)
    for stored in generation.documents():
        renderings |= {(r.source_text, r.language): r for r in stored.renderings}
    database.forget_renderings([r.source_text for r in database.renderings()])
    database.put_renderings(renderings.values())


def documents_of(generation: Generation) -> Iterator[Document]:
    """The documents as they were read, out of a generation."""
    passages: dict[int, list[Passage]] = {}
    for number, row in enumerate(generation.passages):
        sentences = tuple(
            Sentence(
                Span(int(s["start"]), int(s["end"])),
                Span(int(s["heading_start"]), int(s["heading_end"])) if s["heading_start"] >= 0 else None,
            )
            for s in generation.sentences[list(generation.sentence_rows(number))]
        )
        passage = Passage(Span(int(row["start"]), int(row["end"])), generation.section(number), sentences)
        passages.setdefault(int(row["document"]), []).append(passage)
    for row, d in enumerate(generation.documents()):
        parts = tuple(passages.get(row, ()))
        yield Document(d.doc_id, d.title, d.text, d.source, parts, d.case, d.source_map, d.collection)


def _forget_sources_unless(digest: str | None, target: sqlite3.Connection, database: Database) -> None:
    """What is known of files is kept only when it is complete; else they are read again."""
    if digest != table_digest(target, DIGESTS["sources digest"]):
        database.forget_sources()
