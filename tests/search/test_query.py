import pytest

from baycase.errors import QueryError
from baycase.search.query import MAX_QUESTION, understand
from baycase.search.question_type import answer_kind


def test_terms_of_three_scripts_are_the_same():
    simplified, traditional = understand("跨境车险怎么认"), understand("跨境車險怎麼認")
    assert set(simplified.terms) == set(traditional.terms)


def test_colloquial_words_are_written_out_for_matching_and_the_text_is_kept():
    query = understand("港澳青年創業基地有幾多間？")
    assert "多少" in query.terms
    assert query.text == "港澳青年創業基地有幾多間？"
    assert query.language == "zh-Hant"


def test_the_glossary_bridges_english_to_chinese():
    query = understand("What is unilateral recognition of motor insurance?")
    assert {"等效", "先认"} & set(query.bridge) or "等效先认" in "".join(query.bridge)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("？！。", "no word"),
        ("a" * (MAX_QUESTION + 1), "2,001"),
        ("澳门\x07债券", "U+0007"),
    ],
)
def test_what_cannot_be_asked(text, said):
    with pytest.raises(QueryError, match=said.replace("+", r"\+")):
        understand(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("澳门绿色债券的发行金额是多少？", "figure"),
        ("港澳青年創業基地有幾多間？", "figure"),
        ("几家医院参加首批认证？", "figure"),
        ("How many cars were issued plates?", "figure"),
        ("What coupon rate does the bond pay?", "figure"),
        ("“一单两报”什么时候上线？", "date"),
        ("港車北上幾時開始？", "date"),
        ("When was the bond issued?", "date"),
        ("In which year did the scheme start?", "date"),
        ("谁负责审核？", "any"),
        ("How does the joint inspection work?", "any"),
    ],
)
def test_answer_kind(text, kind):
    assert answer_kind(understand(text).text) == kind
