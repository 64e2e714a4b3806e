"""What is retrieved as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baycase.corpus.passages import LONGEST, LONGEST_BEIR, beir_passages, text_passages
from baycase.corpus.records import Passage


def assert_tiled(text: str, passages: tuple[Passage, ...]) -> None:
    """Sentences tile their passages; nothing overlaps."""
    end = 0
    for passage in passages:
        assert passage.span.start >= end
        end = passage.span.end
        sentences = "".join(sentence.span.of(text) for sentence in passage.sentences)
        assert "".join(sentences.split()) == "".join(passage.span.of(text).split())
        assert passage.sentences[0].span.start == passage.span.start
        assert passage.sentences[-1].span.end == passage.span.end


def test_a_case_gives_header_background_measures_and_outcomes(shipped):
    for document in shipped:
        sections = [passage.section for passage in document.passages]
        measures = len(document.case.measures)
        assert sections == ["header", "background", *["measure"] * measures, "outcomes"]
        assert_tiled(document.text, document.passages)


def test_the_header_answers_who_reported(shipped):
    header = shipped[2].passages[0]
    assert [sentence.span.of(shipped[2].text) for sentence in header.sentences] == [
        "案例名称：创新实施粤澳货物“一单两报”服务",
        "报送单位：省商务厅",
    ]


def test_paragraphs_go_under_their_headings():
    text = "# 方案\n\n一、总体要求\n" + "坚持规则衔接。" * 20 + "\n二、主要做法\n" + "建立联络机制。" * 20 + "\n"
    passages = text_passages(text)
    assert [passage.section for passage in passages] == ["一、总体要求", "二、主要做法"]
    assert passages[0].span.of(text).startswith("# 方案")
    assert_tiled(text, passages)


def test_short_neighbours_make_one_passage_and_long_paragraphs_several():
    text = "\n".join(["短的一段。"] * 5 + ["这是很长一段话里的一句话，讲的是规则衔接。" * 60])
    passages = text_passages(text)
    assert passages[0].span.of(text) == "\n".join(["短的一段。"] * 5)
    assert all(180 <= passage.span.end - passage.span.start <= 360 for passage in passages[1:])
    assert len(passages) == 5


def test_a_beir_text_is_one_passage_unless_it_is_long():
    assert len(beir_passages("一句话。" * (LONGEST_BEIR // 4))) == 1
    text = "一句话说完。" * 400
    passages = beir_passages(text)
    assert len(passages) == 3
    assert_tiled(text, passages)
    assert beir_passages(" \n") == ()


TEXTS = st.lists(
    st.text(st.sampled_from("湾区政策一二。，；：“”（）# 1.\n"), max_size=80)
    | st.just("一、做法")
    | st.just("长句子，" * 120 + "。"),
    max_size=10,
).map("\n".join)


@given(TEXTS)
@pytest.mark.parametrize("cut", [text_passages, beir_passages])
def test_passages_hold_all_characters_of_any_text(cut, text):
    passages = cut(text)
    assert_tiled(text, passages)
    assert "".join("".join(passage.span.of(text) for passage in passages).split()) == "".join(text.split())
    if cut is text_passages:
        # A passage longer than allowed is one unit that cannot be cut.
        assert all(len(p.sentences) == 1 or p.span.end - p.span.start <= 2 * LONGEST for p in passages)
