"""Terms: the same for texts and questions, whatever the script, the width and the case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baycase.corpus.terms import (
    STOP_WORDS,
    bigrams,
    chinese_terms,
    english_terms,
    english_words,
    question_bigrams,
    question_terms,
    stem,
)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("licences", "licenc"),
        ("licence", "licenc"),
        ("vehicles", "vehicl"),
        ("2023", "2023"),
        ("海关", "海关"),
        ("c4", "c4"),
    ],
)
def test_stems(word, expected):
    assert stem(word) == expected


def test_english_words_lose_stop_words_hyphens_and_separators():
    assert english_words("The one-stop Clearance of 1,000.5 drivers' cars isn't in U.S. style") == [
        "one", "stop", "clearance", "1000.5", "drivers", "cars", "isn", "t", "u", "s", "style",
    ]  # fmt: skip
    assert english_words("Has TD", keep_case=True) == ["TD"]


def test_stop_words_are_lower_case_words():
    assert {"the", "of", "what", "how"} <= STOP_WORDS
    assert all(word.islower() for word in STOP_WORDS)
    assert english_terms(" ".join(STOP_WORDS)) == []


def test_chinese_terms_are_words_and_the_shorter_words_inside():
    assert {"数据", "跨境"} <= set(chinese_terms("数据跨境流动"))
    assert "，" not in chinese_terms("数据，跨境。")


@pytest.mark.parametrize(("one", "other"), [("認證", "认证"), ("ＡＰＰ認證", "app认证"), ("Licences", "licence")])
def test_both_sides_are_folded_alike(one, other):
    assert chinese_terms(one) == chinese_terms(other)
    assert bigrams(one) == bigrams(other)


def test_bigrams_keep_latin_words_and_numbers_whole():
    assert bigrams("深圳AlipayHK终端18台子") == ["深圳", "alipayhk", "终端", "18", "台子"]
    assert bigrams("横琴口岸") == ["横琴", "琴口", "口岸"]
    assert bigrams("的") == []


def test_a_questions_spoken_forms_are_written_out():
    assert question_terms("喺邊度攞證") == chinese_terms("在哪里领证")
    assert question_bigrams("喺邊度攞證") == bigrams("在哪里领证")


@given(st.text(max_size=60))
def test_any_text_has_terms_that_hold_no_space(text):
    for terms in (chinese_terms(text), bigrams(text), english_terms(text)):
        assert all(term and not any(c.isspace() for c in term) for term in terms)
