"""Where sentences end, what they never split, and which headings join what they head."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baycase.corpus.sentences import TOO_LONG, sentence_spans, units

BENCHMARK = Path(__file__).parents[2].parent / "shared" / "benchmarks" / "zh-wiki" / "corpus.jsonl"


def sentences(text: str) -> list[str]:
    return [span.of(text) for span in sentence_spans(text)]


@pytest.mark.parametrize(
    "marked",
    [
        "一句。|两句！|三句？|四句；|五句",
        "真的？！|是的。",
        "第一行|\n第二行。|\n\n  第三行",
        "他说：“好。”|然后走了。",
        "“好。”|他说完，就走了。",
        "“你好！”的说法。",
        "歌曲《你好！世界？》很红。|下一句。",
        "（见附件。）|下一句。",
        "实行“免担保；免押金”政策。|二是推广。",
        "牌证6.4万多副；|利率2.55%。|共1,000家。",
        "没有闭合的“引号。|下一句。",
        "等等……|后来好了。",
        "以“……”开头。",
        "Rates rose 2.55%.| Dr. Smith of the U.S. office agreed!| Did he?| Yes.",
        "See e.g. the guide, No. 5, for details.| It helps.",
        "Is it free?| No.| See No. 5 and Art. 3 of the U.K. act.",
        "See https://example.org/a.b?c=d; then leave.",
        "1. First item.| 2. Second item.",
        "完成.|接着做!|再见",
        "“We agree.”| They left.",
        "为什么?| 因为远.",
    ],
)
def test_sentence_ends(marked):
    text = marked.replace("|", "")
    assert sentences(text) == [part.strip() for part in marked.split("|")]


def test_a_long_quotation_is_taken_apart():
    quotation = "这是一句很长的话。" * 30
    assert len(sentences(f"他说：“{quotation}”")) == 30


def test_a_very_long_sentence_is_cut_at_commas_and_numbers_stay_whole():
    text = "累计核发牌证1，000，000副，" * 30 + "完。"
    parts = sentences(text)
    assert len(parts) > 1
    assert all(len(part) <= TOO_LONG and part.endswith(("，", "。")) for part in parts)
    assert all(part.count("1，000，000") == part.count("累计") for part in parts)


def test_a_range_gives_the_sentences_of_that_range():
    text = "甲。乙。丙。"
    assert [span.of(text) for span in sentence_spans(text, 2, 4)] == ["乙。"]


TEXTS = st.text(
    st.sampled_from('湾区政策一二三是的。！？；，、：“”‘’「」《》（）()[]"… \n\t.!?;,%0123456789abcABC')
    | st.characters(),
    max_size=200,
)


@given(TEXTS)
def test_no_character_is_lost_and_spans_are_apart(text):
    spans = sentence_spans(text)
    assert "".join("".join(span.of(text) for span in spans).split()) == "".join(text.split())
    for earlier, later in pairwise(spans):
        assert earlier.end <= later.start
    for span in spans:
        assert span.of(text) and span.of(text) == span.of(text).strip()


@given(
    TEXTS,
    st.from_regex(r"[1-9]\d{0,3}(,\d{3})?(\.\d{1,4})?%?", fullmatch=True, alphabet=st.characters(codec="ascii")),
    TEXTS,
)
def test_no_number_is_split(before, number, after):
    text = f"{before}约{number}家{after}"
    inside = range(len(before) + 2, len(before) + 1 + len(number))
    assert not any(span.start in inside or span.end in inside for span in sentence_spans(text))


@given(
    st.text(st.sampled_from("政策。；！，1.5"), min_size=1, max_size=40),
    st.sampled_from(["“”", "《》", "（）", "「」"]),
)
def test_no_quotation_is_split(inner, pair):
    text = f"推出{pair[0]}{inner}{pair[1]}，并推广。再推广。"
    quotation = range(3, 4 + len(inner))
    assert not any(span.start in quotation or span.end in quotation for span in sentence_spans(text))


@given(TEXTS)
def test_units_hold_the_same_characters_and_their_heading_begins_them(text):
    found = units(text)
    assert "".join("".join(unit.span.of(text) for unit in found).split()) == "".join(text.split())
    for unit in found:
        if unit.heading is not None:
            assert unit.heading.start == unit.span.start and unit.heading.end < unit.span.end


def test_a_heading_sentence_is_joined_with_the_sentence_it_heads():
    text = "背景。一是核发电子牌证。主动争取支持。再说一句。二是推广。落实到位。"
    assert [unit.span.of(text) for unit in units(text)] == [
        "背景。",
        "一是核发电子牌证。主动争取支持。",
        "再说一句。",
        "二是推广。落实到位。",
    ]
    assert [unit.heading.of(text) for unit in units(text) if unit.heading] == ["一是核发电子牌证。", "二是推广。"]


def test_enumerated_sentences_that_head_nothing_stay_single():
    text = "一是避免重复起诉。二是简化手续。三是确认效力。\n《指引》出台以来成效明显。"
    assert [unit.heading for unit in units(text)] == [None] * 4


def test_a_heading_line_is_joined_with_the_sentence_below():
    text = "关于方案\n一、主要做法\n建立机制。持续推进。"
    assert [unit.span.of(text) for unit in units(text)] == ["关于方案", "一、主要做法\n建立机制。", "持续推进。"]


def test_shipped_units_have_all_measure_headings_joined(shipped):
    joined = sum(s.heading is not None for d in shipped for p in d.passages for s in p.sentences)
    assert joined == sum(len(d.case.measures) for d in shipped) - 3  # case 7's measures are one sentence each


@pytest.mark.skipif(not BENCHMARK.exists(), reason="the benchmark is not beside this checkout")
def test_units_of_the_benchmark_are_short():
    lengths = []
    for line in BENCHMARK.open(encoding="utf-8"):
        text = json.loads(line)["text"]
        found = units(text)
        assert "".join("".join(unit.span.of(text) for unit in found).split()) == "".join(text.split())
        lengths += [unit.span.end - unit.span.start for unit in found]
        cuts = {unit.span.end for unit in found}
        assert not any(match.end() - 1 in cuts for match in re.finditer(r"\d[.,，]\d", text))
    assert sum(lengths) / len(lengths) <= 60
