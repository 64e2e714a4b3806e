"""Enumerators and the runs they make."""

import pytest

from baycase.corpus.enumeration import enumerations, enumerators, items, numeral


@pytest.mark.parametrize(
    "text, expected",
    [
        ("背景。一是做甲。二是做乙。", ["一是", "二是"]),
        ("首先，做甲。其次，做乙。最后做丙。", ["首先，", "其次，", "最后"]),
        ("一、做甲\n二、做乙", ["一、", "二、"]),
        ("（一）做甲。（二）做乙。", ["（一）", "（二）"]),
        ("1. 做甲\n2. 做乙\n3.做丙", ["1.", "2.", "3."]),
        ("（1）做甲；（2）做乙", ["（1）", "（2）"]),
        ("第一，做甲；第二，做乙", ["第一，", "第二，"]),
        ("First, open. Second, close. Finally, leave.", ["First,", "Second,", "Finally,"]),
        ("①做甲；②做乙", ["①", "②"]),
    ],
)
def test_styles(text, expected):
    (run,) = enumerations(text)
    assert [each.span.of(text) for each in run] == expected
    assert [span.of(text)[: len(e)] for span, e in zip(items(run, len(text)), expected, strict=True)] == expected


@pytest.mark.parametrize(
    "text",
    ["统一是好事。第二次。", "2.55%和1.5亿", "指引（一）（以下简称《指引（一）》）", "二是没有一。", "一是独此一条。"],
)
def test_what_is_no_enumeration(text):
    assert enumerations(text) == ()


def test_a_run_inside_an_item_is_a_run_of_its_own():
    text = "一是做甲：（1）先做；（2）后做。二是做乙。"
    outer, inner = enumerations(text)
    assert [each.span.of(text) for each in outer] == ["一是", "二是"]
    assert [each.span.of(text) for each in inner] == ["（1）", "（2）"]


def test_a_range_is_kept_to():
    text = "一是甲。二是乙。三是丙。"
    assert [each.span.of(text) for each in enumerators(text, 0, 8)] == ["一是", "二是"]


@pytest.mark.parametrize(
    "written, value",
    [("一", 1), ("十", 10), ("十六", 16), ("二十", 20), ("九十九", 99), ("一百零二", 102), ("16", 16), ("甲", None)],
)
def test_numerals(written, value):
    assert numeral(written) == value
