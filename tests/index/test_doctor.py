import shutil

import pytest

from baycase.errors import DamagedLibraryError, LibraryError, ModelError, UsageError
from baycase.index.backup import back_up, restore
from baycase.index.database import FILE, Database
from baycase.index.doctor import examine, treat
from baycase.index.generation import open_generation
from baycase.index.salvage import documents_of
from baycase.search.library import Library
from tests.index.survival import HashEncoder, answers, check, document, held, put, remove, render


@pytest.fixture
def library(tmp_path):
    put(tmp_path / "library", [document("a"), document("b")])
    render(tmp_path / "library", document("a"))
    return tmp_path / "library"


def not_opened():
    raise AssertionError("the model was opened")


def test_a_sound_library_needs_nothing(library):
    assert treat(library, not_opened).found == ()


def test_a_generation_is_made_again_without_the_model(library):
    before = answers(library)
    shutil.rmtree(library / "generations")
    diagnosis = treat(library, not_opened)
    assert diagnosis.sound and "made from library.db, 0 texts embedded" in diagnosis.mended[0]
    assert answers(library) == before


def test_documents_come_whole_out_of_a_generation(library):
    with Database.open_to_read(library) as database:
        expected = list(database.documents())
    assert list(documents_of(open_generation(library / "generations" / "2"))) == expected


def test_a_lost_database_is_written_anew_from_a_generation(library):
    before = answers(library)
    (library / FILE).write_bytes(b"")
    diagnosis = treat(library, HashEncoder)
    assert diagnosis.sound and "from generation 2, which has all 2 documents" in diagnosis.mended[0]
    assert answers(library) == before
    check(library)


def test_a_schema_whose_name_is_no_text_is_mended(library):
    """SQLite quotes the damaged name in its message, which Python then cannot decode."""
    before, data = answers(library), (library / FILE).read_bytes()
    at = data.index(b"autoindex_meta")
    (library / FILE).write_bytes(data[:at] + bytes([data[at] | 0x80]) + data[at + 1 :])
    with pytest.raises(DamagedLibraryError, match="no UTF-8"):
        answers(library)
    diagnosis = treat(library, HashEncoder)
    assert diagnosis.sound and "library.db written anew" in diagnosis.mended[0]
    assert answers(library) == before
    check(library)


def test_another_model_does_not_slip_in_while_mending(library):
    (library / FILE).unlink()
    diagnosis = treat(library, lambda: HashEncoder("hash-2"))
    assert not diagnosis.sound and "was embedded with" in diagnosis.mended[0]
    assert treat(library, HashEncoder).sound


def test_where_nothing_has_everything_a_backup_is_asked_for(library):
    (library / FILE).write_bytes(bytes(5000))
    shutil.rmtree(library / "generations")
    (library / "generations").mkdir()
    diagnosis = treat(library, HashEncoder)
    assert not diagnosis.sound and "baycase restore" in diagnosis.mended[0]
    assert (library / FILE).read_bytes() == bytes(5000)  # left as it was


def test_no_library_is_one_clear_line(tmp_path):
    for look in (examine, lambda folder: treat(folder, HashEncoder), answers):
        with pytest.raises(LibraryError, match="no library in"):
            look(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_backup_and_restore(library, tmp_path):
    before, file = answers(library), tmp_path / "backups" / "library.backup"
    assert back_up(library, file).documents == 2
    put(library, [document("a", 5), document("c")])
    remove(library, "b")
    opened = Library(library, encoder=HashEncoder())
    with pytest.raises(UsageError, match="--replace"):
        restore(library, file, not_opened)
    restore(library, file, not_opened, replace=True)
    assert answers(library) == before
    assert opened.document("a").text == document("a").text  # a running library follows
    check(library)
    put(library, [document("c")])
    check(library)
    restore(tmp_path / "elsewhere", file, not_opened)
    assert answers(tmp_path / "elsewhere") == before
    assert not list(file.parent.glob(".*"))


def test_a_backup_replaces_a_backup_and_nothing_else(library, tmp_path):
    file = tmp_path / "library.backup"
    back_up(library, file)
    put(library, [document("c")])
    assert back_up(library, file).documents == 3
    (tmp_path / "thesis.txt").write_text("mine")
    for taken in (tmp_path / "thesis.txt", tmp_path):
        with pytest.raises(UsageError):
            back_up(library, taken)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_damaged_library_is_not_backed_up_and_a_damaged_backup_not_restored(library, tmp_path):
    file, before = tmp_path / "library.backup", answers(library)
    back_up(library, file)
    whole = file.read_bytes()
    damaged = whole.replace("第0版".encode(), "第1版".encode())
    assert damaged != whole
    for data in (damaged, whole[: len(whole) // 2], b"", b"no database"):
        file.write_bytes(data)
        with pytest.raises((DamagedLibraryError, LibraryError)):
            restore(library, file, HashEncoder, replace=True)
        assert answers(library) == before
        check(library)
    (library / FILE).write_bytes(damaged)
    with pytest.raises(DamagedLibraryError):
        back_up(library, tmp_path / "other.backup")
    assert not (tmp_path / "other.backup").exists()


def test_restore_takes_the_place_of_a_database_beyond_repair(library, tmp_path):
    file, before = tmp_path / "library.backup", answers(library)
    back_up(library, file)
    (library / FILE).write_bytes(bytes(5000))
    (library / f"{FILE}-journal").write_bytes(b"x" * 600)
    shutil.rmtree(library / "generations")
    restore(library, file, HashEncoder, replace=True)
    assert answers(library) == before
    check(library)


def test_restore_embeds_with_the_library_s_model_only(library, tmp_path):
    file = tmp_path / "library.backup"
    back_up(library, file)
    import sqlite3

    with sqlite3.connect(file) as connection:
        connection.execute("DELETE FROM embeddings WHERE rowid % 2")
    with pytest.raises(ModelError):
        restore(library, file, lambda: HashEncoder("hash-2"), replace=True)
    restore(library, file, HashEncoder, replace=True)
    check(library)


def test_held_is_none_without_a_library(tmp_path):
    assert held(tmp_path) is None
