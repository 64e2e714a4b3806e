import hashlib
import json
import os

import numpy as np
import pytest

from baycase.errors import DamagedLibraryError
from baycase.index import dense, generation, lexical
from baycase.index.doctor import examine
from baycase.index.generation import open_generation
from baycase.search.library import Library
from tests.index.survival import HashEncoder, answers, check, document, put


@pytest.fixture
def library(tmp_path):
    put(tmp_path / "library", [document("a"), document("b")])
    return tmp_path / "library"


@pytest.fixture
def folder(library):
    return library / "generations" / "1"


def rewritten(folder, name, data):
    """Somebody else's file, with a manifest that fits it."""
    (folder / name).write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"][name] = [len(data), hashlib.sha256(data).hexdigest()]
    signed(folder, manifest)


def signed(folder, manifest):
    manifest.pop("digest", None)
    manifest["digest"] = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def array(folder, name):
    return np.load(folder / f"{name}.npy").copy()


def put_array(folder, name, values):
    np.save(folder / f"{name}.npy", values)
    rewritten(folder, f"{name}.npy", (folder / f"{name}.npy").read_bytes())


@pytest.mark.parametrize(
    ("name", "field", "row", "value"),
    [
        ("passages", "document", 0, 99),
        ("passages", "document", 0, -1),
        ("passages", "end", 0, 10**6),
        ("passages", "start", 0, -5),
        ("passages", "section", 0, 40),
        ("passages", "first_sentence", 0, 7),
        ("passages", "sentences", 0, 2**30),
        ("sentences", "passage", 0, 50),
        ("sentences", "start", 0, -1),
        ("sentences", "end", 0, 10**6),
        ("sentences", "heading_end", 0, 10**6),
        ("documents", "place", 1, 10**9),
        ("documents", "place", 0, -1),
        ("documents", "collection", 0, 12),
    ],
)
def test_a_number_that_leads_out_of_bounds_is_found_though_every_hash_fits(folder, name, field, row, value):
    values = array(folder, name)
    values[field][row] = value
    if field == "heading_end":
        values["heading_start"][row] = 0
    put_array(folder, name, values)
    with pytest.raises(DamagedLibraryError, match="run  baycase doctor"):
        open_generation(folder)


def test_a_pickle_is_never_loaded(folder):
    np.save(folder / "passages.npy", np.array([{"a": 1}], object), allow_pickle=True)
    rewritten(folder, "passages.npy", (folder / "passages.npy").read_bytes())
    with pytest.raises(DamagedLibraryError):
        open_generation(folder)


@pytest.mark.parametrize("edit", [
    lambda m: m["files"].pop("passages.faiss"),
    lambda m: m["vectors"].update({"../../x": False}),
    lambda m: m["fields"].update({"/tmp": "passages"}),
    lambda m: m.update(files=[]),
    lambda m: m.update(sections=3),
    lambda m: m.update(format=99),
    lambda m: m.update(content="0"),
    lambda m: m.update(number=2),
    lambda m: m["files"].update({"passages.npy": ["x", 3]}),
])  # fmt: skip
def test_a_manifest_of_another_form_is_refused_though_its_hash_fits(library, folder, edit):
    manifest = json.loads((folder / "manifest.json").read_bytes())
    edit(manifest)
    signed(folder, manifest)
    with pytest.raises(DamagedLibraryError):
        Library(library, encoder=HashEncoder())


def test_damage_is_found_before_faiss_numpy_or_bm25s_see_it(folder, monkeypatch):
    opened = []
    monkeypatch.setattr(dense.VectorIndex, "open", lambda path, labels=None: opened.append(path))
    monkeypatch.setattr(lexical.TermIndex, "open", lambda path, size: opened.append(path))
    monkeypatch.setattr(generation, "_open_array", lambda path, dtype: opened.append(path))
    for path in [p for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json"]:
        if path.parent.name == generation.KEPT:  # for the next generation; no reader opens it
            continue
        data = path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        with pytest.raises(DamagedLibraryError, match="does not match the hash"):
            open_generation(folder)
        path.write_bytes(data)
    assert opened == []


def test_what_is_opened_is_what_was_hashed(folder, monkeypatch):
    """A file that is exchanged between hashing and opening, and looks the same in size."""
    real = generation.check_files

    def exchanged(place, manifest, limit=float("inf")):
        problems = real(place, manifest, limit)
        other = folder / "other"
        other.write_bytes((folder / "passages.faiss").read_bytes())
        os.replace(other, folder / "passages.faiss")
        return problems

    monkeypatch.setattr(generation, "check_files", exchanged)
    with pytest.raises(DamagedLibraryError, match="changed while it was opened"):
        open_generation(folder)


def test_stray_files_are_ignored(library, folder):
    before = answers(library)
    for place in (library, folder, library / "generations", folder / "terms"):
        (place / ".7.draft").write_bytes(b"left over")
        (place / "tmp.npy").write_bytes(b"left over")
    (library / "generations" / "x9").mkdir()
    (library / "generations" / ".9.draft").mkdir()
    assert answers(library) == before
    assert examine(library) == ([], [])
    put(library, [document("c")])
    check(library)
    assert not (library / "generations" / ".9.draft").exists()


def test_a_generation_swept_while_it_is_opened_is_not_an_error(library, monkeypatch):
    """Between reading the name of generation 1 and opening it, three commits come and sweep it away."""
    from baycase.index import current

    real, left = current.open_generation, [3]

    def late(folder):
        while left[0]:
            left[0] -= 1
            put(library, [document("a", 10 + left[0])])
        return real(folder)

    monkeypatch.setattr(current, "open_generation", late)
    opened = Library(library, encoder=HashEncoder())
    assert opened.generation.number == 4
    assert opened.document("a").text == document("a", 10).text


def test_a_reader_keeps_a_generation_that_has_been_swept(library):
    opened = Library(library, encoder=HashEncoder())
    kept = opened.generation
    for seed in range(1, 5):
        put(library, [document("a", seed)])
    assert not (library / "generations" / "1").exists()
    assert [d.text for d in kept.documents()] == [document("a").text, document("b").text]
    assert opened.document("a").text == document("a", 4).text


def test_find_and_collections_read_arrays(library):
    opened = Library(library, encoder=HashEncoder()).generation
    assert opened.find("b").text == document("b").text
    assert opened.find("nothing") is None
    assert opened.in_collections(["a"]).tolist() == [True, False]
    assert opened.in_collections([]).tolist() == [False, False]
