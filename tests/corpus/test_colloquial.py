"""Cantonese forms written out, standard words that look like them left alone."""

from importlib.resources import files

import pytest

from baycase.corpus.colloquial import to_written


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("幾多錢", "多少钱"),
        ("喺邊度攞證", "在哪里领证"),
        ("我哋嘅車可唔可以北上", "我们的車可不可以北上"),
        ("点样申请", "怎样申请"),  # typed on a simplified keyboard
        ("點解要咁做", "为什么要这么做"),
    ],
)
def test_spoken_forms(spoken, written):
    assert to_written(spoken) == written


@pytest.mark.parametrize("standard", ["點解決", "邊個案", "高架車", "而家庭", "差人數", "澳門新街坊"])
def test_standard_words_that_hold_a_spoken_form_keep_their_meaning(standard):
    from baycase.corpus.folding import fold

    assert fold(to_written(standard)) == fold(standard)


@pytest.mark.parametrize(
    "text", ["", "粤港澳大湾区规则衔接", "How many vehicles?", "截至2023年底，核发牌证6.4万多副。"]
)
def test_written_text_is_unchanged(text):
    assert to_written(text) == text


def test_the_cases_are_unchanged(shipped):
    assert [d.doc_id for d in shipped if to_written(d.text) != d.text] == []


def rows() -> list[list[str]]:
    text = files("baycase.corpus").joinpath("cantonese.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith(("#", "yue\t"))]


def test_every_row_is_a_pair_and_no_form_stands_twice():
    assert all(len(row) == 2 and all(row) for row in rows())
    forms = [row[0] for row in rows()]
    assert len(set(forms)) == len(forms) >= 300


def test_every_form_gives_what_its_row_says():
    assert [row for row in rows() if to_written(row[0]) != row[1]] == []


def test_what_has_been_written_out_is_not_written_out_again():
    assert [row for row in rows() if to_written(row[1]) != row[1]] == []
