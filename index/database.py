"""library.db: the truth of a library, in SQLite, behind one commit point.

Holds documents, cases, passages, sentences, renderings, the embeddings of their
texts, and the name of the generation that readers open. What is read is checked
against its row's checksum. It knows nothing of FAISS, BM25 or models; vectors are
bytes of float16 to it.

A rollback journal, not WAL: a library must open on a read-only folder. Readers
take one short read and then keep to the generation that it names.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from baycase.corpus.records import Document, Rendering
from baycase.errors import DamagedLibraryError, LibraryError
from baycase.index.connection import clear_errors, connect, connect_to_read
from baycase.index.document_rows import document_of, rows_of
from baycase.index.schema import (
    DIGESTS,
    SCHEMA,
    TABLES,
    checksum,
    create_tables,
    form_differs,
    migrate,
    select_from,
    store_digests,
    table_digest,
    write_rows,
)

FILE = "library.db"
GENERATIONS = "generations"


def text_hash(text: str) -> bytes:
    """The key under which a text's embedding is kept: 16 bytes."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Published:
    """What readers open: the generation's number, its model, and the digest of the content it was made from."""

    generation: str
    model: str
    content: str


class Database:
    """An open library.db. Values read are checked against their row's checksum."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection, self.path = connection, path

    # -- opening ---------------------------------------------------------------------------

    @classmethod
    def create_or_open(cls, folder: Path, *, fresh: bool) -> "Database":
        """For the writer, which holds the library's lock. Only a `fresh` folder gets a new database.

        An older schema is brought to this one.
        """
        path = folder / FILE
        if not fresh and not (path.is_file() and path.stat().st_size):
            raise DamagedLibraryError(
                f"{path} is missing or empty, though the library has been used: run  baycase doctor"
            )
        with clear_errors(path):
            database = cls(connect(path, "mode=rwc"), path)
            database._set_up(fresh)
        return database

    @classmethod
    def open_draft(cls, path: Path) -> "Database":
        """A database that is to become a library's, made where there is none; nobody else uses it."""
        with clear_errors(path):
            database = cls(connect(path, "mode=rwc"), path)
            database._set_up(fresh=True)
        return database

    def _set_up(self, fresh: bool) -> None:
        connection = self._connection
        connection.execute("PRAGMA foreign_keys = ON")
        # EXTRA also syncs the folder when the journal is deleted, which is the commit.
        connection.execute("PRAGMA synchronous = EXTRA")
        # A full cache must not lock readers out before the commit.
        connection.execute("PRAGMA cache_spill = OFF")
        found = self._schema()
        if found == 0 and fresh:
            with self.transaction():
                create_tables(connection)
        elif 0 < found < SCHEMA and not self._says_schema():
            with self.transaction():
                migrate(connection, found)
        self._check_schema()

    @classmethod
    def open_to_read(cls, folder: Path) -> "Database":
        """For readers: changes nothing, but for rolling back what a killed writer left half done."""
        path = folder / FILE
        if not path.is_file():
            if (folder / GENERATIONS).is_dir():
                raise DamagedLibraryError(f"{path} is missing: run  baycase doctor, or restore a backup")
            raise LibraryError(f"no library in {folder}: make one with  baycase index --library {folder}")
        with clear_errors(path):
            database = cls(connect_to_read(path), path)
            database._check_schema()
        return database

    @classmethod
    def open_file(cls, path: Path) -> "Database":
        """A database file that nobody else uses, such as a backup: read as it is, its form checked."""
        with clear_errors(path):
            database = cls(connect(path, "mode=ro&immutable=1"), path)
            database._check_schema()
        return database

    def _schema(self) -> int:
        return self._connection.execute("PRAGMA user_version").fetchone()[0]

    def _check_schema(self) -> None:
        found = self._schema()
        tables = self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if tables and found != SCHEMA and self._says_schema():
            raise DamagedLibraryError(
                f"{self.path} is damaged (its schema number): run  baycase doctor, or restore a backup"
            )
        if found > SCHEMA:
            raise LibraryError(
                f"{self.path} has schema {found}, this program knows up to {SCHEMA}: use a newer BayCase"
            )
        if not tables and (self.path.parent / GENERATIONS).is_dir():
            raise DamagedLibraryError(f"{self.path} is damaged (it is empty): run  baycase doctor, or restore a backup")
        if not tables:
            raise LibraryError(f"{self.path} holds no library yet: make one with  baycase index")
        if 0 < found < SCHEMA:
            raise LibraryError(
                f"{self.path} was written by an older BayCase (schema {found}, now {SCHEMA}): "
                "run  baycase doctor, which brings it up to date"
            )
        if problem := form_differs(self._connection):
            raise DamagedLibraryError(f"{self.path} is damaged ({problem}): run  baycase doctor, or restore a backup")

    def _says_schema(self) -> bool:
        """Whether `meta`, which has a checksum, names this program's schema where the file's header does not."""
        try:
            return self.meta("schema") == str(SCHEMA)
        except LibraryError:
            return False

    def copy_to(self, path: Path) -> None:
        """The whole database into a new file, as it is at one moment."""
        with clear_errors(path), closing(sqlite3.connect(path)) as target:
            self._connection.backup(target)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside becomes visible at once, or not at all."""
        with clear_errors(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # the first failure is the one to tell
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                raise

    # -- rows ------------------------------------------------------------------------------

    def _rows(self, table: str, where: str = "", values: Sequence[Any] = (), order: str = "") -> Iterator[tuple]:
        """Rows without their checksum, each checked."""
        with (
            clear_errors(self.path),
            closing(self._connection.execute(f"{select_from(table)} {where} {order}", values)) as rows,
        ):
            for row in rows:
                if checksum(row[:-1]) != row[-1]:
                    raise DamagedLibraryError(
                        f"{self.path}: a row of {table} does not match its checksum; "
                        "run  baycase doctor, or restore a backup"
                    )
                yield row[:-1]

    def _write(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        write_rows(self._connection, table, rows)

    def damage(self) -> list[str]:
        """What is wrong with the stored bytes: rows that fail their checksum, rows gone, SQLite's own findings."""
        found: list[str] = []
        try:
            found += [
                f"sqlite: {line}" for (line,) in self._connection.execute("PRAGMA integrity_check") if line != "ok"
            ]
        except (sqlite3.Error, UnicodeError) as error:
            found.append(f"sqlite: {error}")
        for table in TABLES:
            try:
                for row in self._connection.execute(f"{select_from(table)} NOT INDEXED"):
                    if checksum(row[:-1]) != row[-1]:
                        found.append(f"{table}: {str(row[0])[:60]!r} does not match its checksum")
            except (sqlite3.Error, UnicodeError) as error:
                found.append(f"{table}: {error}")
        return found or self.missing_rows()

    def missing_rows(self) -> list[str]:
        """Tables that have not the rows they had at the last commit."""
        problems = []
        with clear_errors(self.path):
            for key, tables in DIGESTS.items():
                if self.meta(key) != table_digest(self._connection, tables):
                    problems.append(f"{', '.join(tables)}: rows have gone or come without a commit")
        return problems

    def check_content(self) -> None:
        """Raises DamagedLibraryError unless the content is that of the last commit; before anything is built on it."""
        for problem in self.missing_rows():
            raise DamagedLibraryError(f"{self.path} is damaged ({problem}): run  baycase doctor, or restore a backup")

    def content(self) -> str:
        """The digest of the content as it is now, inside a transaction as well."""
        return table_digest(self._connection, DIGESTS["content"])

    def store_digests(self) -> None:
        """The last thing in a transaction that changes content or sources."""
        store_digests(self._connection)

    # -- meta ------------------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        for _, value in self._rows("meta", "WHERE key = ?", (key,)):
            return value
        return None

    def set_meta(self, key: str, value: str) -> None:
        self._write("meta", [(key, value)])

    def all_meta(self) -> dict[str, str]:
        return dict(self._rows("meta"))  # type: ignore[arg-type]

    def published(self) -> Published | None:
        """The generation that readers open, in one read; None before the first commit."""
        meta = self.all_meta()
        try:
            return Published(meta["generation"], meta["model"], meta["content"])
        except KeyError:
            if self._connection.execute("SELECT 1 FROM documents").fetchone():
                raise DamagedLibraryError(
                    f"{self.path} is damaged (rows of meta are gone): run  baycase doctor"
                ) from None
            return None

    # -- sources ---------------------------------------------------------------------------

    def sources(self) -> dict[str, str]:
        """Source → digest of the file as it was when read."""
        return dict(self._rows("sources"))  # type: ignore[arg-type]

    def set_source(self, source: str, digest: str) -> None:
        self._write("sources", [(source, digest)])

    def collections(self) -> dict[str, str]:
        """Source → the collection that its documents are in."""
        return dict(self._connection.execute("SELECT source, collection FROM documents GROUP BY source").fetchall())

    def forget_sources(self, unused_only: bool = False) -> None:
        """Files count as not read yet: all of them, or those that no document is from."""
        unused = "WHERE source NOT IN (SELECT source FROM documents)" if unused_only else ""
        self._connection.execute(f"DELETE FROM sources {unused}")

    # -- documents -------------------------------------------------------------------------

    def document_ids(self) -> dict[str, str]:
        """doc_id → source, in order of position."""
        rows = self._connection.execute("SELECT doc_id, source FROM documents ORDER BY position")
        return dict(rows.fetchall())

    def documents(self) -> Iterator[Document]:
        """Every document, in the order in which they were added."""
        for row in self._rows("documents", order="ORDER BY position"):
            yield self._document(row)

    def document(self, doc_id: str) -> Document | None:
        for row in self._rows("documents", "WHERE doc_id = ?", (doc_id,)):
            return self._document(row)
        return None

    def put_document(self, document: Document) -> None:
        """Add a document, or replace the one of the same doc_id in its place."""
        found = self._connection.execute(
            "SELECT position FROM documents WHERE doc_id = ?", (document.doc_id,)
        ).fetchone()
        if found:
            position = found[0]
            self._connection.execute("DELETE FROM documents WHERE position = ?", found)
        else:
            position = self._connection.execute("SELECT coalesce(max(position), 0) + 1 FROM documents").fetchone()[0]
        for table, rows in rows_of(position, document).items():
            self._write(table, rows)

    def remove_documents(self, doc_ids: Iterable[str]) -> None:
        self._connection.executemany("DELETE FROM documents WHERE doc_id = ?", ((doc_id,) for doc_id in doc_ids))

    def _document(self, row: tuple) -> Document:
        orders = {"cases": "", "passages": "ORDER BY number", "sentences": "ORDER BY passage, number"}
        below = {
            table: list(self._rows(table, "WHERE doc_id = ?", (row[1],), order)) for table, order in orders.items()
        }
        try:
            return document_of({"documents": [row], **below})
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DamagedLibraryError(
                f"{self.path}: the fields of document {str(row[1])[:80]!r} are not of the form they are written in; "
                "run  baycase doctor, or restore a backup"
            ) from error

    # -- embeddings ------------------------------------------------------------------------

    def embeddings(self, hashes: Iterable[bytes], model: str) -> dict[bytes, np.ndarray]:
        """Stored vectors, (dim,) float32 each, of those texts that have one for this model.

        A vector that fails its checksum counts as not there: it can be made again.
        """
        wanted, found = list(dict.fromkeys(hashes)), {}
        for at in range(0, len(wanted), 500):
            some = wanted[at : at + 500]
            marks = ", ".join("?" * len(some))
            query = f"{select_from('embeddings')} WHERE model = ? AND text_hash IN ({marks})"
            with clear_errors(self.path):
                for *row, stored in self._connection.execute(query, (model, *some)):
                    if checksum(row) == stored:
                        found[row[0]] = np.frombuffer(row[2], np.float16).astype(np.float32)
        return found

    def vector_length(self, model: str) -> int | None:
        """How many numbers a vector of this model has, from one that is stored."""
        row = self._connection.execute("SELECT length(vector) FROM embeddings WHERE model = ?", (model,)).fetchone()
        return row and row[0] // 2

    def all_vectors(self) -> Iterator[tuple[str, np.ndarray | None]]:
        """(model, the numbers of all its vectors, float16); None where those are not of one length, or no vectors."""
        with clear_errors(self.path):
            query = (
                "SELECT model, count(DISTINCT length(vector)), min(typeof(vector) = 'blob') FROM embeddings GROUP BY 1"
            )
            for model, lengths, blobs in self._connection.execute(query).fetchall():
                rows = self._connection.execute("SELECT vector FROM embeddings WHERE model = ?", (model,))
                data = b"".join(vector for (vector,) in rows) if blobs and lengths == 1 else b"?"
                yield model, None if len(data) % 2 else np.frombuffer(data, np.float16)

    def put_embeddings(self, hashes: Sequence[bytes], vectors: np.ndarray, model: str) -> None:
        """(n, dim) float32 vectors, kept as float16. A transaction of its own: work done is never lost."""
        with self.transaction():
            self._write(
                "embeddings", ((h, model, v.tobytes()) for h, v in zip(hashes, vectors.astype(np.float16), strict=True))
            )

    def forget_embeddings(self, keep: Iterable[bytes], model: str | None = None) -> None:
        """Drop the vectors of texts that the library no longer holds; given a model, those of every other one too.

        Without `model`, vectors of another model stay: a change of model may be half done.
        """
        self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS kept (text_hash BLOB PRIMARY KEY)")
        self._connection.execute("DELETE FROM kept")
        self._connection.executemany("INSERT OR IGNORE INTO kept VALUES (?)", ((h,) for h in keep))
        self._connection.execute("DELETE FROM embeddings WHERE text_hash NOT IN (SELECT text_hash FROM kept)")
        if model is not None:
            self._connection.execute("DELETE FROM embeddings WHERE model <> ?", (model,))

    # -- renderings ------------------------------------------------------------------------

    def renderings(self) -> Iterator[Rendering]:
        for row in self._rows("renderings", order="ORDER BY source_text, language"):
            yield Rendering(*row)

    def put_renderings(self, renderings: Iterable[Rendering]) -> None:
        self._write("renderings", ((r.source_text, r.language, r.text, r.origin) for r in renderings))

    def forget_renderings(self, source_texts: Iterable[str]) -> None:
        self._connection.executemany("DELETE FROM renderings WHERE source_text = ?", ((t,) for t in source_texts))
