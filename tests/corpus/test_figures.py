"""Figures and dates in the grammar of figures.py."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baycase.corpus.figures import figures


def found(text: str, kind: str) -> list[str]:
    return [figure.span.of(text) for figure in figures(text) if figure.kind == kind]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("核发牌证6.4万多副，", ["6.4万多副"]),
        ("用户11.1万多个", ["11.1万多个"]),
        ("入出境132.9万多辆次。", ["132.9万多辆次"]),
        ("资助超过5000万元，", ["超过5000万元"]),
        ("对象近9000万。", ["近9000万"]),
        ("利率2.55%，", ["2.55%"]),
        ("债务1101亿元，", ["1101亿元"]),
        ("价值127亿余元；", ["127亿余元"]),
        ("基地84家，", ["84家"]),
        ("共计17家企业", ["17家"]),
        ("由1-2周缩短至1-3天", ["1-2周", "1-3天"]),
        ("由0增至13家", ["0", "13家"]),
        ("从 500 万元增至超 1 亿元", ["500 万元", "超 1 亿元"]),
        ("共1,000家、2，000 项", ["1,000家", "2，000 项"]),
        ("“1+12+N”和C919、5G、EPC2", []),
        ("２．５５％", ["２．５５％"]),
        ("逾HK$3.5億元", ["逾HK$3.5億元"]),
        ("over 800 people and 90% of RMB1.2 billion", ["over 800 people", "90%", "RMB1.2 billion"]),
        ("2022年与448票", ["448票"]),
    ],
)
def test_figures(text, expected):
    assert found(text, "figure") == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("于2023年1月1日、2023年7月1日落地", ["2023年1月1日", "2023年7月1日"]),
        ("截至2023年底，", ["截至2023年底"]),
        ("截至2023年年底，", ["截至2023年年底"]),
        ("2023年11月签署", ["2023年11月"]),
        ("截至2024年2月底，", ["截至2024年2月底"]),
        ("2023年9月26日起", ["2023年9月26日"]),
        ("2023 年 8 月 3 日，", ["2023 年 8 月 3 日"]),
        ("2021—2023年", ["2021—2023年"]),
        ("二〇二三年六月", ["二〇二三年六月"]),
        ("7月1日起", ["7月1日"]),
        ("on 31 August 2023 and in May 2024", ["31 August 2023", "May 2024"]),
        ("2023-08-31", ["2023-08-31"]),
        ("债券期限为3年", []),
    ],
)
def test_dates(text, expected):
    assert found(text, "date") == expected


@given(st.text(st.sampled_from("截至超过近年月日底万亿元家个%.,-0123456789 余多A+") | st.characters(), max_size=80))
def test_spans_are_apart_and_begin_and_end_with_something(text):
    spans = [figure.span for figure in figures(text)]
    for earlier, later in pairwise(spans):
        assert earlier.end <= later.start
    for span in spans:
        assert span.of(text) == span.of(text).strip() and any(character.isnumeric() for character in span.of(text))
