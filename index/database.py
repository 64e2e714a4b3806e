"""library.db: the truth of a library, in SQLite, behind one commit point.

Holds documents, cases, passages, sentences, renderings, the embeddings of their
texts, and the name of the generation that readers open. Every row carries a
checksum, because SQLite's own check overlooks most changes of content. It knows
nothing of FAISS, BM25 or models; vectors are bytes of float16 to it.

A rollback journal, not WAL: a library must open on a read-only folder. Readers
take one short read and then keep to the generation that it names.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from baycase.corpus.records import (
    Case,
    Document,
    Figure,
    Measure,
    Passage,
    Piece,
    Rendering,
    Sentence,
    SourceMap,
    Span,
)
from baycase.errors import DamagedLibraryError, LibraryError

SCHEMA = 1
FILE = "library.db"

# Every table's last column is the checksum of the columns before it.
_TABLES: dict[str, tuple[str, ...]] = {
    "meta": ("key TEXT PRIMARY KEY", "value TEXT NOT NULL"),
    "sources": ("source TEXT PRIMARY KEY", "digest TEXT NOT NULL"),
    "documents": (
        "position INTEGER PRIMARY KEY", "doc_id TEXT NOT NULL UNIQUE", "title TEXT NOT NULL", "text TEXT NOT NULL",
        "source TEXT NOT NULL", "collection TEXT NOT NULL", "source_map TEXT NOT NULL",
    ),
    "cases": ("doc_id TEXT PRIMARY KEY REFERENCES documents(doc_id) ON DELETE CASCADE", "fields TEXT NOT NULL"),
    "passages": (
        "doc_id TEXT NOT NULL REFERENCES documents(doc_id) ON DELETE CASCADE", "number INTEGER NOT NULL",
        '"start" INTEGER NOT NULL', '"end" INTEGER NOT NULL', "section TEXT NOT NULL",
    ),
    "sentences": (
        "doc_id TEXT NOT NULL REFERENCES documents(doc_id) ON DELETE CASCADE", "passage INTEGER NOT NULL",
        "number INTEGER NOT NULL", '"start" INTEGER NOT NULL', '"end" INTEGER NOT NULL',
        "heading_start INTEGER", "heading_end INTEGER",
    ),
    "embeddings": ("text_hash BLOB NOT NULL", "model TEXT NOT NULL", "vector BLOB NOT NULL"),
    "renderings": (
        "source_text TEXT NOT NULL", "language TEXT NOT NULL", "text TEXT NOT NULL", "origin TEXT NOT NULL",
    ),
}  # fmt: skip
_KEYS = {
    "passages": "PRIMARY KEY (doc_id, number)",
    "sentences": "PRIMARY KEY (doc_id, passage, number)",
    "embeddings": "PRIMARY KEY (text_hash, model)",
    "renderings": "PRIMARY KEY (source_text, language)",
}


def text_hash(text: str) -> bytes:
    """The key under which a text's embedding is kept: 16 bytes."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def checksum(values: Sequence[Any]) -> bytes:
    """8 bytes over a row's values, types included."""
    digest = hashlib.blake2b(digest_size=8)
    for value in values:
        data = value if isinstance(value, bytes) else repr(value).encode()
        digest.update(b"%d:" % len(data) + data)
    return digest.digest()


def _columns(table: str) -> list[str]:
    return [column.split()[0] for column in _TABLES[table]]


def _insert(table: str) -> str:
    columns = [*_columns(table), "checksum"]
    return f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


class Database:
    """An open library.db. Values read are checked against their row's checksum."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection, self.path = connection, path

    # -- opening ---------------------------------------------------------------------------

    @classmethod
    def create_or_open(cls, folder: Path) -> "Database":
        """For the writer, which holds the library's lock."""
        path = folder / FILE
        try:
            connection = sqlite3.connect(path, isolation_level=None, timeout=30)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            database = cls(connection, path)
            if not connection.execute("PRAGMA user_version").fetchone()[0]:
                database._create()
        except sqlite3.Error as error:
            raise _library_error(path, error) from error
        database._check_schema()
        return database

    @classmethod
    def open_to_read(cls, folder: Path) -> "Database":
        """For readers: never writes. On a folder that cannot be written, SQLite's `immutable` mode."""
        path = folder / FILE
        if not path.is_file():
            raise LibraryError(f"no library in {folder}: make one with  baycase index --library {folder}")
        for options in ("mode=ro", "mode=ro&immutable=1"):
            try:
                uri = f"{path.resolve().as_uri()}?{options}"
                connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30, check_same_thread=False)
                connection.execute("PRAGMA user_version").fetchone()
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            except sqlite3.OperationalError as error:
                last = error
                continue
            except sqlite3.Error as error:
                raise _library_error(path, error) from error
            database = cls(connection, path)
            database._check_schema()
            return database
        raise _library_error(path, last) from last

    def _create(self) -> None:
        with self.transaction():
            for table, columns in _TABLES.items():
                parts = [*columns, "checksum BLOB NOT NULL", *([_KEYS[table]] if table in _KEYS else [])]
                self._connection.execute(f"CREATE TABLE {table} ({', '.join(parts)})")
            self._connection.execute(f"PRAGMA user_version = {SCHEMA}")

    def _check_schema(self) -> None:
        found = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if found > SCHEMA:
            raise LibraryError(f"{self.path} has schema {found}, this program knows up to {SCHEMA}: use a newer BayCase")
        if found == 0:
            raise LibraryError(f"{self.path} holds no library yet: make one with  baycase index")

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside becomes visible at once, or not at all."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    # -- rows ------------------------------------------------------------------------------

    def _rows(self, table: str, where: str = "", values: Sequence[Any] = (), order: str = "") -> Iterator[tuple]:
        """Rows without their checksum, each checked."""
        columns = ", ".join([*_columns(table), "checksum"])
        query = f"SELECT {columns} FROM {table} {where} {order}"
        try:
            with closing(self._connection.execute(query, values)) as cursor:
                for row in cursor:
                    if checksum(row[:-1]) != row[-1]:
                        raise DamagedLibraryError(
                            f"{self.path}: a row of {table} does not match its checksum; "
                            "run  baycase doctor, or restore a backup"
                        )
                    yield row[:-1]
        except sqlite3.Error as error:
            raise _library_error(self.path, error) from error

    def _write(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(_insert(table), ([*row, checksum(row)] for row in map(tuple, rows)))

    def damaged_rows(self) -> list[str]:
        """Every row whose checksum fails, as `table: key`; and what SQLite's own check says."""
        found = []
        try:
            for (line,) in self._connection.execute("PRAGMA integrity_check"):
                if line != "ok":
                    found.append(f"sqlite: {line}")
            for table in _TABLES:
                columns = ", ".join([*_columns(table), "checksum"])
                for row in self._connection.execute(f"SELECT {columns} FROM {table}"):
                    if checksum(row[:-1]) != row[-1]:
                        found.append(f"{table}: {str(row[0])[:60]}")
        except (sqlite3.Error, UnicodeDecodeError) as error:
            found.append(f"sqlite: {error}")
        return found

    # -- meta ------------------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        for _, value in self._rows("meta", "WHERE key = ?", (key,)):
            return value
        return None

    def set_meta(self, key: str, value: str) -> None:
        self._write("meta", [(key, value)])

    # -- sources ---------------------------------------------------------------------------

    def sources(self) -> dict[str, str]:
        """Source → digest of the file as it was when read."""
        return dict(self._rows("sources"))  # type: ignore[arg-type]

    def set_source(self, source: str, digest: str) -> None:
        self._write("sources", [(source, digest)])

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
        found = self._connection.execute("SELECT position FROM documents WHERE doc_id = ?", (document.doc_id,)).fetchone()
        if found:
            position = found[0]
            self._connection.execute("DELETE FROM documents WHERE position = ?", found)
        else:
            position = self._connection.execute("SELECT coalesce(max(position), 0) + 1 FROM documents").fetchone()[0]
        pieces = [[p.start, p.source_start, p.length, p.page] for p in document.source_map.pieces]
        self._write("documents", [(position, document.doc_id, document.title, document.text, document.source,
                                   document.collection, json.dumps(pieces))])  # fmt: skip
        if document.case is not None:
            fields = json.dumps(asdict(document.case), ensure_ascii=False)
            self._write("cases", [(document.doc_id, fields)])
        self._write("passages", ((document.doc_id, n, p.span.start, p.span.end, p.section)
                                 for n, p in enumerate(document.passages)))  # fmt: skip
        self._write("sentences", (
            (document.doc_id, n, m, s.span.start, s.span.end, *((s.heading.start, s.heading.end) if s.heading else (None, None)))
            for n, p in enumerate(document.passages) for m, s in enumerate(p.sentences)
        ))  # fmt: skip

    def remove_documents(self, doc_ids: Iterable[str]) -> None:
        self._connection.executemany("DELETE FROM documents WHERE doc_id = ?", ((doc_id,) for doc_id in doc_ids))
        self._connection.execute("DELETE FROM sources WHERE source NOT IN (SELECT source FROM documents)")

    def _document(self, row: tuple) -> Document:
        _, doc_id, title, text, source, collection, source_map = row
        case = None
        for _, fields in self._rows("cases", "WHERE doc_id = ?", (doc_id,)):
            case = case_from_fields(json.loads(fields))
        sentences: dict[int, list[Sentence]] = {}
        for _, passage, _, start, end, *heading in self._rows("sentences", "WHERE doc_id = ?", (doc_id,), "ORDER BY passage, number"):
            sentences.setdefault(passage, []).append(
                Sentence(Span(start, end), Span(*heading) if heading[0] is not None else None)
            )
        passages = tuple(
            Passage(Span(start, end), section, tuple(sentences.get(number, ())))
            for _, number, start, end, section in self._rows("passages", "WHERE doc_id = ?", (doc_id,), "ORDER BY number")
        )
        pieces = tuple(Piece(*piece) for piece in json.loads(source_map))
        return Document(doc_id, title, text, source, passages, case, SourceMap(pieces), collection)

    # -- embeddings ------------------------------------------------------------------------

    def embeddings(self, hashes: Iterable[bytes], model: str) -> dict[bytes, np.ndarray]:
        """Stored vectors, (dim,) float32 each, of those texts that have one for this model."""
        wanted, found = list(dict.fromkeys(hashes)), {}
        for at in range(0, len(wanted), 500):
            some = wanted[at : at + 500]
            marks = ", ".join("?" * len(some))
            for key, _, vector in self._rows("embeddings", f"WHERE model = ? AND text_hash IN ({marks})", (model, *some)):
                found[key] = np.frombuffer(vector, np.float16).astype(np.float32)
        return found

    def put_embeddings(self, hashes: Sequence[bytes], vectors: np.ndarray, model: str) -> None:
        """(n, dim) float32 vectors, kept as float16. A transaction of its own: work done is never lost."""
        with self.transaction():
            self._write("embeddings", ((h, model, v.tobytes()) for h, v in zip(hashes, vectors.astype(np.float16), strict=True)))

    def forget_embeddings(self, keep: Iterable[bytes], model: str) -> None:
        """Drop the vectors of texts and models that the library no longer uses."""
        self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS kept (text_hash BLOB PRIMARY KEY)")
        self._connection.execute("DELETE FROM kept")
        self._connection.executemany("INSERT OR IGNORE INTO kept VALUES (?)", ((h,) for h in keep))
        self._connection.execute("DELETE FROM embeddings WHERE model <> ? OR text_hash NOT IN (SELECT text_hash FROM kept)", (model,))

    # -- renderings ------------------------------------------------------------------------

    def renderings(self) -> Iterator[Rendering]:
        for row in self._rows("renderings", order="ORDER BY rowid"):
            yield Rendering(*row)

    def put_renderings(self, renderings: Iterable[Rendering]) -> None:
        self._write("renderings", ((r.source_text, r.language, r.text, r.origin) for r in renderings))

    def forget_renderings(self, source_texts: Iterable[str]) -> None:
        self._connection.executemany("DELETE FROM renderings WHERE source_text = ?", ((t,) for t in source_texts))


def case_from_fields(fields: dict[str, Any]) -> Case:
    """A `Case` out of what `dataclasses.asdict` made of it."""

    def span(value: dict[str, int] | None) -> Span | None:
        return None if value is None else Span(value["start"], value["end"])

    def sure(value: dict[str, int]) -> Span:
        return Span(value["start"], value["end"])

    return Case(
        number=fields["number"],
        title=sure(fields["title"]),
        units=tuple(map(sure, fields["units"])),
        background=span(fields["background"]),
        measures=tuple(Measure(sure(m["span"]), sure(m["heading"]), sure(m["text"])) for m in fields["measures"]),
        outcomes=span(fields["outcomes"]),
        figures=tuple(Figure(sure(f["span"]), f["kind"]) for f in fields["figures"]),
    )


def _library_error(path: Path, error: sqlite3.Error) -> LibraryError:
    message = str(error)
    if "malformed" in message or "not a database" in message:
        return DamagedLibraryError(f"{path} is damaged ({message}): run  baycase doctor, or restore a backup")
    if "readonly" in message or "unable to open" in message:
        return LibraryError(f"{path} cannot be written or opened ({message}): check the folder's permissions, or name another with --library")
    if "full" in message:
        return LibraryError(f"no space left for {path}: nothing was changed; free some space and repeat the command")
    return LibraryError(f"{path}: {message}")
