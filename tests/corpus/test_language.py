"""Questions as they are asked, and the language each is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baycase.corpus.language import language_of


@pytest.mark.parametrize(
    "text, language",
    [
        ("港车北上的保险在内地怎么认？", "zh-Hans"),
        ("WeChat 在哪里用", "zh-Hans"),
        ("AlipayHK 和 MPay 能用吗", "zh-Hans"),
        ("EPC模式", "zh-Hans"),
        ("一单两报", "zh-Hans"),
        ("港车北上嘅保险喺边度买？", "zh-Hans"),
        ("2023年", "zh-Hans"),
        ("香港學生喺內地可以考DSE嗎？", "zh-Hant"),
        ("港車北上", "zh-Hant"),
        ("台灣在哪里", "zh-Hant"),
        ("喺邊度買", "zh-Hant"),
        ("北上有咩好", "zh-Hant"),
        ("HKDSE 點考", "zh-Hant"),
        ("臺北市的面積是多少？", "zh-Hant"),
        ("Which bond did Guangdong issue in Macao?", "en"),
        ("What is 等效先认?", "en"),
        ("How do Hong Kong cars drive north under 港车北上?", "en"),
        ("DSE", "en"),
        ("6.4", "en"),
        ("", "en"),
    ],
)
def test_language(text, language):
    assert language_of(text) == language


@given(st.text(max_size=80))
def test_any_text_has_a_language(text):
    assert language_of(text) in ("zh-Hans", "zh-Hant", "en")


def test_every_case_is_simplified_chinese(shipped):
    assert {language_of(document.text) for document in shipped} == {"zh-Hans"}
