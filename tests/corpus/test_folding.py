"""Folding for matching, and the way back to the original characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baycase.corpus.folding import fold, fold_map


@pytest.mark.parametrize(
    "text, folded",
    [
        ("香港學生喺內地", "香港学生喺内地"),
        ("ＡＰＰ　Ｗｅ", "app we"),
        ("WeChat", "wechat"),
        ("２．５５％", "2.55%"),
        ("㎏①", "kg1"),
        ("認證、認証", "认证、认证"),
        ("乾隆與乾燥", "乾隆与干燥"),
        ("cafe\u0301", "café"),
        ("ｶﾞ", "ガ"),
        ("", ""),
    ],
)
def test_folding(text, folded):
    assert fold(text) == folded


def test_the_map_leads_back_to_the_character():
    text = "用㎏計，cafe\u0301"
    folded, offsets = fold_map(text)
    assert folded == "用kg计,café"
    assert offsets == [0, 1, 1, 2, 3, 4, 5, 6, 7]
    at = folded.index("计")
    assert text[offsets[at]] == "計"


TEXTS = st.text(
    st.sampled_from("香港學生內地認證乾後裡臺ＡＢａｂ１２％．㎏①ﬁİßΣe\u0301\n ｶﾞ한\u1112\u1161") | st.characters(),
    max_size=60,
)


@given(TEXTS)
def test_fold_and_its_map_agree(text):
    folded, offsets = fold_map(text)
    assert folded == fold(text)
    assert len(offsets) == len(folded)
    assert offsets == sorted(offsets)
    assert all(0 <= offset < len(text) for offset in offsets)


@given(st.text(st.sampled_from("香港學生內地認證後裡臺灣ＡＢ１２％WeChat，。"), max_size=40))
def test_each_folded_character_comes_from_its_own(text):
    folded, offsets = fold_map(text)
    assert offsets == list(range(len(text)))
    assert fold(folded) == folded


def test_long_text_with_nul_and_half_surrogates_is_no_trouble():
    assert fold("學\ud800\n學") == "學\ud800\n学"  # OpenCC cannot take the first line
    assert fold("學\0學") == "学\0学"
