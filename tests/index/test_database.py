import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from baycase.errors import DamagedLibraryError, LibraryError
from baycase.index import schema
from baycase.index.build import open_writer
from baycase.index.database import FILE, Database
from baycase.index.doctor import examine, treat
from tests.index.survival import HashEncoder, answers, check, document, held, put, remove


@pytest.fixture
def library(tmp_path):
    put(tmp_path / "library", [document("a"), document("b")])
    return tmp_path / "library"


def change(library, statement, *values):
    with closing(sqlite3.connect(library / FILE)) as connection, connection:
        connection.execute(statement, values)


def test_documents_come_back_as_they_went_in(library):
    with Database.open_to_read(library) as database:
        assert list(database.documents()) == [document("a"), document("b")]
        assert database.document("b") == document("b")
        assert database.document("c") is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET text = replace(text, '第', '笫')",
        'UPDATE passages SET "start" = "start" + 1',
        "UPDATE sentences SET heading_start = 0",
        "UPDATE meta SET value = '9' WHERE key = 'generation'",
        "DELETE FROM passages WHERE number = 0",
        "DELETE FROM sources",
        "DELETE FROM meta WHERE key = 'content'",
        "CREATE TRIGGER t AFTER DELETE ON documents BEGIN DELETE FROM documents; END",
        "CREATE TABLE extra (x)",
        "DROP TABLE sentences",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = 1",
        "PRAGMA user_version = 77",
    ],
)
def test_every_change_past_the_program_is_found_and_mended(library, statement):
    before = answers(library)
    change(library, statement)
    stored, _ = examine(library)
    assert stored
    diagnosis = treat(library, HashEncoder)
    assert diagnosis.sound and diagnosis.found == tuple(stored)
    assert answers(library) == before
    check(library)


def test_nothing_is_built_on_content_that_has_lost_a_row(library):
    change(library, "DELETE FROM documents WHERE doc_id = 'a'")
    with pytest.raises(DamagedLibraryError, match="rows have gone"):
        put(library, [document("c")])
    with pytest.raises(DamagedLibraryError):
        remove(library, "b")


def test_a_newer_schema_is_refused_in_one_line(library):
    change(library, "PRAGMA user_version = 77")
    change(library, "DELETE FROM meta WHERE key = 'schema'")
    for use in (lambda: held(library), lambda: put(library, [document("c")]), lambda: treat(library, HashEncoder)):
        with pytest.raises(LibraryError, match="has schema 77, this program knows up to"):
            use()


def test_an_older_schema_is_brought_up_to_date(library):
    """Schema 1 had no digests of whole tables; otherwise it was the same."""
    before = held(library)
    change(library, "DELETE FROM meta WHERE key IN ('content', 'sources digest', 'schema')")
    change(library, "PRAGMA user_version = 1")
    with pytest.raises(LibraryError, match="older BayCase"):
        held(library)
    diagnosis = treat(library, HashEncoder)
    assert diagnosis.sound
    assert held(library) == before
    check(library)
    change(library, "PRAGMA user_version = 1")
    change(library, "DELETE FROM meta WHERE key IN ('content', 'sources digest', 'schema')")
    put(library, [document("c")])  # writing does it as well
    assert held(library) == before | {"c": document("c").text}


def test_every_older_schema_has_its_step():
    assert set(schema._STEPS) == set(range(1, schema.SCHEMA))


def test_a_database_that_is_gone_is_not_begun_anew(library):
    before = answers(library)
    (library / FILE).unlink()
    for use in (lambda: held_or_raise(library), lambda: put(library, [document("c")])):
        with pytest.raises(DamagedLibraryError, match="missing"):
            use()
    assert treat(library, HashEncoder).sound
    assert answers(library) == before


def held_or_raise(library):
    with Database.open_to_read(library) as database:
        return list(database.documents())


AS_NOBODY = """
import os, sys
from pathlib import Path
from tests.index.survival import answers, put, document
from baycase.errors import LibraryError
library = Path(sys.argv[1])
warm = library.with_name("warm")  # everything is loaded while it may be read
put(warm, [document("w")])
answers(warm)
os.setgid(65534)
os.setuid(65534)
print(answers(library))
try:
    put(library, [document("c")])
except LibraryError as error:
    print(error)
"""


def read_only(folder):
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to become nobody")
def test_nobody_reads_a_read_only_folder_and_cannot_write(library, tmp_path):
    tmp_path.chmod(0o755)
    for folder in tmp_path.parents:
        if folder.stat().st_uid == os.geteuid() and folder.stat().st_mode & 0o001 == 0:
            folder.chmod(folder.stat().st_mode | 0o011)
    expected = answers(library)
    read_only(library)
    done = subprocess.run([sys.executable, "-c", AS_NOBODY, library], capture_output=True, text=True, check=True)
    got, refusal = done.stdout.splitlines()
    assert got == expected
    assert "cannot be written" in refusal and "--library" in refusal


HALF_DONE = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE documents SET text = 'half a change'")
connection.executemany("INSERT INTO sources VALUES (?, 'x', x'00')", ((f"s{n}",) for n in range(3000)))
os.kill(os.getpid(), 9)
"""


def half_done(library):
    """A writer killed while its change was half in the file: a hot journal is left."""
    done = subprocess.run([sys.executable, "-c", HALF_DONE, library / FILE])
    assert done.returncode == -9
    assert (library / f"{FILE}-journal").stat().st_size > 0


def test_a_reader_rolls_a_killed_change_back(library):
    before = answers(library)
    half_done(library)
    assert answers(library) == before
    check(library)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to become nobody")
def test_a_read_only_folder_with_a_killed_change_is_not_read_past_its_journal(library, tmp_path):
    half_done(library)
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.stat().st_uid == os.geteuid() and folder.stat().st_mode & 0o001 == 0:
            folder.chmod(folder.stat().st_mode | 0o011)
    read_only(library)
    script = AS_NOBODY.replace("print(answers(library))", "")
    script = script.replace('put(library, [document("c")])', "answers(library)")
    done = subprocess.run([sys.executable, "-c", script, library], capture_output=True, text=True, check=True)
    assert "a change was cut short, and the folder is read-only" in done.stdout


def test_readers_are_not_blocked_while_a_writer_is_at_work(library):
    before = answers(library)
    with open_writer(library) as writer, writer.database.transaction():
        writer.database.put_document(document("a", 7))
        assert answers(library) == before


def test_vectors_that_fail_their_checksum_count_as_not_there(library):
    change(library, "UPDATE embeddings SET vector = zeroblob(length(vector))")
    encoder = HashEncoder()
    put(library, [document("c")], encoder)
    assert len(encoder.encoded) > 8  # those of a and b as well
    check(library)
