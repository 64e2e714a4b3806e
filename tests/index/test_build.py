import multiprocessing
import shutil
import time

import pytest

from baycase.errors import LibraryBusyError, LibraryError, ModelError, NotFoundError
from baycase.index import build
from baycase.index.build import open_writer
from baycase.index.database import Database
from baycase.index.duplicates import near_duplicates
from baycase.index.intake import take_in
from baycase.index.naming import named_apart
from baycase.search.filters import InCollections
from baycase.search.library import Library
from tests.index.survival import HashEncoder, answers, check, document, held, put, remove


@pytest.fixture
def library(tmp_path):
    put(tmp_path / "library", [document("a"), document("b")])
    return tmp_path / "library"


def test_only_new_text_is_embedded(library, fake_encoder):
    put(library, [document("a"), document("b"), document("c")], fake_encoder)
    assert fake_encoder.encoded and all(
        "c" in text.split("\n")[0] or text in document("c").text for text in fake_encoder.encoded
    )
    again = HashEncoder()
    put(library, [document("c")], again)
    assert again.encoded == []


def test_removing_all_or_none(library):
    with pytest.raises(NotFoundError, match="'x'"):
        remove(library, "a", "x")
    assert set(held(library)) == {"a", "b"}
    remove(library, "a", "b")
    assert held(library) == {}
    check(library)
    assert Library(library, encoder=HashEncoder()).search("深圳").hits == ()


def _hold(folder, seconds):
    with open_writer(folder):
        (folder / "held").touch()
        time.sleep(seconds)


def test_a_second_writer_waits_or_gets_one_clear_line(library):
    process = multiprocessing.get_context("fork").Process(target=_hold, args=(library, 3))
    process.start()
    while not (library / "held").exists():
        time.sleep(0.01)
    with pytest.raises(LibraryBusyError, match="another process is writing"), open_writer(library, wait_s=0.2):
        pass
    with open_writer(library, wait_s=60) as writer:  # this one waits
        writer.refresh([document("c")], HashEncoder())
    process.join()
    assert process.exitcode == 0
    check(library)


def test_a_running_library_notices_a_change(library):
    opened = Library(library, encoder=HashEncoder())
    put(library, [document("c")])
    assert opened.document("c").text == document("c").text
    remove(library, "c")
    with pytest.raises(NotFoundError):
        opened.document("c")


class Interrupted(HashEncoder):
    """Gives out after so many texts, as a machine does that is switched off."""

    def __init__(self, fingerprint, texts):
        super().__init__(fingerprint, dim=24)
        self.left = texts

    def encode_passages(self, texts, progress=None):
        if len(self.encoded) + len(texts) > self.left:
            raise KeyboardInterrupt
        return super().encode_passages(texts, progress)


def test_a_change_of_model_is_refused_and_goes_on_where_it_was_interrupted(library, monkeypatch):
    monkeypatch.setattr(build, "EMBED_CHUNK", 2)
    before, other = answers(library), HashEncoder("hash-2", dim=24)
    with pytest.raises(ModelError, match="baycase index --re-embed --model model hash-2"):
        put(library, [document("c")], other)
    stopped = Interrupted("hash-2", 5)
    with pytest.raises(KeyboardInterrupt), open_writer(library) as writer:
        writer.change_model(stopped)
    assert answers(library) == before  # until the commit the old model answers
    check(library)
    put(library, [document("c")])  # the library goes on with its own model meanwhile
    with open_writer(library) as writer:
        change = writer.change_model(other)
    assert not set(stopped.encoded) & set(other.encoded)
    assert change.embedded == len(other.encoded)
    with pytest.raises(ModelError, match="another model"):
        answers(library)
    assert answers(library, HashEncoder("hash-2", dim=24))
    with Database.open_to_read(library) as database:  # the old model's vectors have gone with the switch
        assert database.vector_length("hash-1") is None and database.vector_length("hash-2") == 24


def test_a_running_library_does_not_mix_models(library):
    opened = Library(library, encoder=HashEncoder())
    assert opened.search("深圳").hits
    with open_writer(library) as writer:
        writer.change_model(HashEncoder("hash-2"))
    with pytest.raises(ModelError, match="hash-2"):
        opened.search("深圳")


def test_a_file_in_the_way_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(LibraryError, match="cannot be written"), open_writer(tmp_path / "file" / "library"):
        pass


def test_names_are_kept_apart_and_kept():
    def named(source):
        made = document("a")
        return type(made)(made.doc_id, made.title, made.text, source, made.passages)

    held_names = {"a": "/x/a.txt"}
    assert [d.doc_id for d in named_apart([named("/y/a.txt")], held_names)] == ["a-2"]
    held_names["a-2"] = "/y/a.txt"
    assert [d.doc_id for d in named_apart([named("/z/a.txt")], held_names)] == ["a-3"]
    assert [d.doc_id for d in named_apart([named("/y/a.txt"), named("/y/a.txt")], held_names)] == ["a-2", "a-3"]
    del held_names["a"]  # what it collided with has gone; the name stays
    assert [d.doc_id for d in named_apart([named("/y/a.txt")], held_names)] == ["a-2"]


def test_the_same_text_is_reported_and_kept(tmp_path, library):
    text = document("a").text
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(text if name == "one" else text + "另加一句。")
    with open_writer(library) as writer:
        change = take_in(writer, [tmp_path / "one", tmp_path / "two"], HashEncoder()).change
    assert set(change.added) == {"a-2", "a-3"}
    assert [(one, other) for one, other, _ in change.near] == [("a-2", "a"), ("a-3", "a")]
    assert change.near[0][2] == 1 and 0.8 <= change.near[1][2] < 1
    opened = Library(library, encoder=HashEncoder())
    assert opened.document("a-2").near == ("a", 1)
    assert opened.document("b").near is None


def test_near_duplicates_by_hand():
    """abcdefgh has the pieces abcde bcdef cdefg defgh, abcdefghi one more: 4 / 5 = 0.8."""
    (found,) = near_duplicates(["abcdefgh", "something else", "abcdefghi"])
    assert (found.row, found.of, found.similarity) == (2, 0, 0.8)
    assert near_duplicates(["abcdefgh", "abcdefghij"]) == []  # 4 / 6
    assert near_duplicates(["", "", "  "]) == []
    assert [d.similarity for d in near_duplicates(["數據 跨境流動 規則", "数据跨境流动规则"])] == [1]


def test_collections(tmp_path, library):
    files = tmp_path / "files"
    files.mkdir()
    for name in ("c", "d"):
        (files / f"{name}.txt").write_text(document(name).text)
    with open_writer(library) as writer:
        take_in(writer, [files / "c.txt"], HashEncoder(), collection="珠海")
        take_in(writer, [files / "d.txt"], HashEncoder(), collection="深圳")
        again = take_in(writer, [files / "c.txt"], HashEncoder())  # stays where it is
    assert again.untouched and not again.change.added
    opened = Library(library, encoder=HashEncoder())
    assert opened.document("c").collection == "珠海"
    for where in (InCollections(("珠海",)), lambda document: document.collection == "珠海"):
        assert {hit.doc_id for hit in opened.search("推进", 10, where=where).hits} == {"c"}
        assert [case.doc_id for case in opened.similar("推进数据跨境流动", 10, where=where).cases] == ["c"]
        assert {hit.doc_id for hit in opened.ask("推进", 10, where=where).hits} == {"c"}
    assert opened.search("推进", 10, where=InCollections(("nothing",))).hits == ()
    with open_writer(library) as writer:
        moved = take_in(writer, [files / "c.txt"], HashEncoder(), collection="深圳").change
    assert moved.changed == ("c",) and moved.embedded == 0


def test_a_small_collection_in_a_large_library_is_searched_to_its_end(tmp_path):
    """The hundred nearest passages of all are of other documents; a filter that came afterwards would leave nothing."""
    library = tmp_path / "library"
    put(library, [document(f"n{n}", n) for n in range(150)])
    opened = Library(library, encoder=HashEncoder())
    for doc_id in ("n3", "n77", "n149"):
        assert {h.doc_id for h in opened.search("深圳推进数据跨境流动", where=InCollections((doc_id,))).hits} == {
            doc_id
        }


def test_what_has_gone_from_a_folder_goes_and_its_source_is_forgotten(tmp_path):
    files, library = tmp_path / "files", tmp_path / "library"
    files.mkdir()
    for name in ("c", "d"):
        (files / f"{name}.txt").write_text(document(name).text)
    with open_writer(library) as writer:
        take_in(writer, [files], HashEncoder())
        (files / "c.txt").unlink()
        assert take_in(writer, [files], HashEncoder()).change.removed == ("c",)
        assert [source.rsplit("/", 1)[1] for source in writer.database.sources()] == ["d.txt"]
    check(library)


def test_the_stored_model_is_not_loaded_for_what_embeds_nothing(library):
    def opened():
        raise AssertionError("the model was opened")

    with open_writer(library) as writer:
        writer.remove(["a"], writer.stored_model(opened))
        writer.rebuild(writer.stored_model(opened))
    check(library)


def test_a_lost_generation_is_made_again_by_the_next_change(library):
    shutil.rmtree(library / "generations" / "1")
    put(library, [document("a")])  # nothing new, and yet
    check(library)
