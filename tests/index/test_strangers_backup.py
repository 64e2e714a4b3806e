"""A backup that somebody else made to do harm: refused in one line, and the library stays as it was."""

import json
import sqlite3
from contextlib import closing

import pytest

from baycase.errors import BayCaseError
from baycase.index.backup import back_up, restore
from baycase.index.schema import TABLES, columns, store_digests, write_rows
from tests.index.survival import HashEncoder, answers, check, document, put, render


@pytest.fixture
def library(tmp_path):
    put(tmp_path / "library", [document("a"), document("b")])
    return tmp_path / "library"


@pytest.fixture
def backup(tmp_path, shipped_case):
    put(tmp_path / "theirs", [document("x"), shipped_case])
    render(tmp_path / "theirs", document("x"))
    return back_up(tmp_path / "theirs", tmp_path / "theirs.backup").file


@pytest.fixture(scope="module")
def shipped_case():
    from baycase.corpus.reader import read_shipped

    return next(read_shipped())


def rewritten(file, table, change):
    """Every row of a table changed, its checksum and the digests made to fit: what only the meaning gives away."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        rows = connection.execute(f"SELECT rowid, {', '.join(columns(table))} FROM {table}").fetchall()
        connection.execute(f"DELETE FROM {table}")
        write_rows(connection, table, [change(dict(zip(columns(table), row[1:], strict=True))) for row in rows])
        store_digests(connection)


def row(table, **changed):
    return lambda found: [changed.get(name.strip('"'), found[name]) for name in columns(table)]


def meta(key, value):
    return lambda found: [found["key"], value if found["key"] == key else found["value"]]


def field(name, value):
    def changed(found):
        return [found["doc_id"], json.dumps(json.loads(found["fields"]) | {name: value})]

    return changed


MEANT = {
    "a passage that ends after its text": ("passages", row("passages", end=10_000)),
    "a passage that ends before it begins": ("passages", row("passages", start=9, end=3)),
    "a sentence outside its text": ("sentences", row("sentences", start=50_000, end=50_001)),
    "a sentence outside its passage": ("sentences", row("sentences", start=0, end=0)),
    "an offset that is text": ("passages", row("passages", section=b"\xff\xfe")),
    "a text that is bytes": ("documents", row("documents", text=b"\xff")),
    "a name that acts": ("documents", row("documents", doc_id="a\x1b[2J")),
    "a map that is no map": ("documents", row("documents", source_map='{"a": 1}')),
    "a map that leads nowhere": ("documents", row("documents", source_map="[[0, -5, 3, null]]")),
    "a map nested without end": ("documents", row("documents", source_map="[" * 100_000)),
    "a case that is none": ("cases", lambda f: [f["doc_id"], "{}"]),
    "a case that is a list": ("cases", lambda f: [f["doc_id"], "[]"]),
    "a case whose title lies outside": ("cases", field("title", {"start": 0, "end": 10**9})),
    "a case whose figures are of no kind": ("cases", field("figures", [{"span": {"start": 0, "end": 1}, "kind": "x"}])),
    "a case with a number that is none": ("cases", field("number", "nine")),
    "vectors of another length": ("embeddings", lambda f: [f["text_hash"], f["model"], f["vector"][:-2]]
                                  if f["text_hash"][0] % 2 else list(f.values())),
    "vectors of half a number": ("embeddings", lambda f: [f["text_hash"], f["model"], f["vector"] + b"x"]),
    "vectors that are no numbers": ("embeddings", lambda f: [f["text_hash"], f["model"], b"\xff" * len(f["vector"])]),
    "vectors that are text": ("embeddings", lambda f: [f["text_hash"], f["model"], "x" * 32]),
    "a rendering of no origin": ("renderings", row("renderings", origin="<script>")),
    "a generation that is no number": ("meta", meta("generation", "../../x")),
    "a generation of a thousand digits": ("meta", meta("generation", "9" * 1000)),
}  # fmt: skip


@pytest.mark.parametrize("what", MEANT)
def test_rows_that_fit_their_checksums_and_mean_nothing(what, library, backup):
    before = answers(library)
    rewritten(backup, *MEANT[what])
    with pytest.raises(BayCaseError) as raised:
        restore(library, backup, HashEncoder, replace=True)
    message = str(raised.value)
    assert "\n" not in message and len(message) < 700 and message.isprintable()
    assert answers(library) == before
    check(library)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM documents; END",
        "CREATE VIEW extra AS SELECT * FROM documents",
        "CREATE TABLE extra (x)",
        "CREATE INDEX extra ON documents (lower(title))",
        "CREATE VIRTUAL TABLE extra USING fts5(x)",
        "ALTER TABLE documents ADD COLUMN extra GENERATED ALWAYS AS (title || title)",
        "DROP TABLE sentences",
        "PRAGMA user_version = 1; CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM documents; END",
        "PRAGMA user_version = 99",
        "PRAGMA journal_mode = WAL",
    ],
)
def test_a_database_of_another_form(statement, library, backup):
    before = answers(library)
    with closing(sqlite3.connect(backup, isolation_level=None)) as connection:
        connection.executescript(statement)
    try:
        restore(library, backup, HashEncoder, replace=True)
    except BayCaseError as error:
        assert "\n" not in str(error)
        assert answers(library) == before
    else:
        assert "WAL" in statement  # how pages are written is no matter of form
    check(library)


def test_what_is_not_a_database(library, tmp_path):
    before = answers(library)
    for name, data in (("text", b"hello"), ("zeros", bytes(8192)), ("header", b"SQLite format 3\0" + b"\xff" * 5000)):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BayCaseError):
            restore(library, tmp_path / name, HashEncoder, replace=True)
    assert answers(library) == before
    check(library)


def test_every_table_is_looked_at():
    assert {table for table, _ in MEANT.values()} | {"sources"} == set(TABLES)
