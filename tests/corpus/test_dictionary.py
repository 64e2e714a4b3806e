"""The dictionary's words and definitions, and the table that is kept of it."""

import pytest

from baycase.corpus import dictionary
from baycase.corpus.dictionary import Dictionary, load_dictionary

SMALL = {"口岸": ("port", "port of entry"), "岸": ("bank",), "大桥": ("big bridge",)}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache folder of its own, and a small dictionary in place of the great one; counts how often it is read."""
    read = []
    monkeypatch.setenv("BAYCASE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(dictionary, "_read", lambda: read.append(1) or dict(SMALL))
    load_dictionary.cache_clear()
    yield tmp_path / "cache", read
    load_dictionary.cache_clear()


def words(table: Dictionary, text: str) -> list[str]:
    return [span.of(text) for span in table.words(text)]


def test_words_by_longest_match_from_the_left():
    table = Dictionary(SMALL)
    assert words(table, "大桥口岸，彼岸") == ["大桥", "口岸", "岸"]
    assert words(table, "桥口") == []
    assert words(Dictionary({}), "口岸") == []


def test_a_word_is_looked_up_in_either_script():
    assert Dictionary(SMALL).definitions("大橋") == ("big bridge",)
    assert Dictionary(SMALL).definitions("海关") == ()


@pytest.mark.parametrize(
    ("definition", "meaning"),
    [
        ("port (for customs)", "port"),
        ("Bank of China 中國銀行|中国银行[Zhong1 guo2 Yin2 hang2]", "Bank of China"),
        ("CL:個|个[ge4]", None),
        ("variant of 岸[an4]", None),
        ("surname An", None),
        ("to say something at great length to people", None),
        ("(dialect)", None),
    ],
)
def test_definitions_are_names_without_asides(definition, meaning):
    assert dictionary._meaning(definition) == meaning


def test_the_table_is_made_once_and_kept(cache):
    folder, read = cache
    first = load_dictionary()
    load_dictionary.cache_clear()
    again = load_dictionary()
    assert read == [1]
    assert (
        [again.definitions(word) for word in SMALL]
        == [first.definitions(word) for word in SMALL]
        == list(SMALL.values())
    )
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"a\tb\nc", b"word\tmeaning\n7"])
def test_a_damaged_table_is_made_anew(cache, damage):
    folder, read = cache
    load_dictionary()
    (kept,) = folder.iterdir()
    whole = kept.read_bytes()
    for left in (damage, whole[: len(whole) // 2], whole[:-1]):
        kept.write_bytes(left)
        load_dictionary.cache_clear()
        assert load_dictionary().definitions("口岸") == SMALL["口岸"]
        assert kept.read_bytes() == whole
    assert len(read) == 4


def test_a_cache_that_cannot_be_written_is_done_without(cache):
    folder, read = cache
    folder.write_text("a file where the folder should be", encoding="utf-8")
    assert load_dictionary().definitions("口岸") == SMALL["口岸"]
    load_dictionary.cache_clear()
    load_dictionary()
    assert read == [1, 1]


def test_the_whole_dictionary_knows_the_words_of_policy():
    table = load_dictionary()
    assert "port" in " ".join(table.definitions("口岸"))
    assert "customs" in " ".join(table.definitions("海關"))
    assert words(table, "海关总署") and all(len(d.split()) <= dictionary.MOST_WORDS for d in table.definitions("海关"))
