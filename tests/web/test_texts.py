"""The three languages say the same things."""

import dataclasses
import re

import pytest

from baycase.corpus.language import language_of
from baycase.web.address import ROOMS, Address
from baycase.web.languages import LANGUAGES, known, preferred, texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_places_to_fill(language):
    t = texts(language)
    assert t.keys() == texts("zh-Hans").keys()
    places = {key: sorted(re.findall(r"\{(\w+)", words)) for key, words in t.items()}
    assert places == {key: sorted(re.findall(r"\{(\w+)", words)) for key, words in texts("zh-Hans").items()}
    assert all(words.strip() for words in t.values())


def test_no_simplified_character_in_traditional_texts():
    joined = "".join(texts("zh-Hant").values())
    assert language_of(joined) == "zh-Hant"
    assert not set("们这个为么说问题证间体验库图开关") & set(joined) - set("個")


def test_every_room_has_a_name():
    assert all(f"nav.{room}" in texts(language) for room in ROOMS for language in LANGUAGES)


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-HK", "zh-Hant"),
        ("zh_TW", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("zh-CN", "zh-Hans"),
        ("en-GB", "en"),
        ("fr", None),
    ],
)
def test_tags_of_browsers(tag, language):
    assert known(tag) == language


def test_the_first_language_that_the_page_speaks():
    assert preferred("fr;q=1, zh-HK;q=.9, en;q=.8") == "zh-Hant"
    assert preferred("") == "zh-Hans"


def test_an_address_survives_its_query_string():
    address = Address("library", "en", "a&b=c 港", "x-01", 3, 9, "source", unit="省商务厅", since="2023")
    assert Address.parse(address.to()) == address
    assert Address.parse("?tab=nowhere&start=-4&end=1e9&lang=xx") == Address()


def test_the_calibration_plot_draws_what_evaluation_measures():
    import numpy as np

    from baycase.eval.calibration import calibration_bins
    from baycase.web.plots import calibration_plot

    bins = calibration_bins(np.array([0.12, 0.15, 0.93]), np.array([False, True, True]))
    drawn = calibration_plot([dataclasses.asdict(each) for each in bins], "across", "up", "name")
    assert drawn.count("<circle") == len(bins) == 2
