"""The form of library.db: its tables, what every row carries, and the steps from older forms.

Every table's last column is the checksum of the columns before it: of 300 bit flips in a
database, SQLite's own check found 24, and 208 changed content silently. Two digests in `meta`
cover whole tables, so that a row that has gone missing is noticed as well. It knows SQL
and checksums, and nothing of what rows mean.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

SCHEMA = 2

TABLES: dict[str, tuple[str, ...]] = {
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
# meta key → the tables whose rows its digest covers. Vectors are not content: a lost one is made again.
DIGESTS = {
    "content": ("documents", "cases", "passages", "sentences", "renderings"),
    "sources digest": ("sources",),
}


def checksum(values: Sequence[Any]) -> bytes:
    """8 bytes over a row's values, types included."""
    digest = hashlib.blake2b(digest_size=8)
    for value in values:
        data = value if isinstance(value, bytes) else repr(value).encode()
        digest.update(b"%d:" % len(data) + data)
    return digest.digest()


def columns(table: str) -> list[str]:
    return [column.split()[0] for column in TABLES[table]]


def select_from(table: str) -> str:
    """A query for rows with their checksum last."""
    return f"SELECT {', '.join([*columns(table), 'checksum'])} FROM {table}"


def insert_into(table: str) -> str:
    names = [*columns(table), "checksum"]
    return f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


def write_rows(connection: sqlite3.Connection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    connection.executemany(insert_into(table), ([*row, checksum(row)] for row in map(tuple, rows)))


def table_digest(connection: sqlite3.Connection, tables: Sequence[str]) -> str:
    """A digest of every row's checksum, whatever the order of the rows."""
    digest = hashlib.blake2b(digest_size=16)
    for table in tables:
        count = total = 0
        # NOT INDEXED: the rows themselves, not what an index says of them.
        for (value,) in connection.execute(f"SELECT checksum FROM {table} NOT INDEXED"):
            count, total = count + 1, total + int.from_bytes(value, "big")
        digest.update(f"{table} {count} {total}\n".encode())
    return digest.hexdigest()


def create_tables(connection: sqlite3.Connection) -> None:
    """Inside a transaction of the caller's."""
    for statement in _statements():
        connection.execute(statement)
    store_digests(connection)
    _set_schema(connection)


def _set_schema(connection: sqlite3.Connection) -> None:
    """In the header, where SQLite keeps it, and once more under a checksum."""
    connection.execute(f"PRAGMA user_version = {SCHEMA}")
    write_rows(connection, "meta", [("schema", str(SCHEMA))])


def store_digests(connection: sqlite3.Connection) -> None:
    for key, tables in DIGESTS.items():
        write_rows(connection, "meta", [(key, table_digest(connection, tables))])


def form_differs(connection: sqlite3.Connection) -> str | None:
    """What of the database's form is not this program's: a damaged schema, or a table or trigger put in."""
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
    found, expected = {sql for _, sql in rows}, set(_statements())
    for name, sql in rows:
        if sql not in expected:
            return f"{name!r:.40} is not a table of this program's"
    return None if found == expected else "a table is missing"


def _statements() -> Iterator[str]:
    for table, parts in TABLES.items():
        key = [_KEYS[table]] if table in _KEYS else []
        yield f"CREATE TABLE {table} ({', '.join([*parts, 'checksum BLOB NOT NULL', *key])})"


def _add_digests(connection: sqlite3.Connection) -> None:
    """1 → 2: the digests of whole tables."""
    store_digests(connection)


# Schema → what brings a database of that schema to the next one.
_STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _add_digests}


def migrate(connection: sqlite3.Connection, found: int) -> None:
    """Bring a database of an older schema to this one; inside a transaction of the caller's."""
    for version in range(found, SCHEMA):
        _STEPS[version](connection)
    _set_schema(connection)
