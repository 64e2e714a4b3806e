from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baycase.search.proposal import points_of


def points(text: str) -> list[str]:
    return [span.of(text) for span in points_of(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "拟在珠海试行港澳车辆网上申请入境。同时推动车险互认，减免担保。",
            ["拟在珠海试行港澳车辆网上申请入境", "同时推动车险互认，减免担保"],
        ),
        (
            "一是对审核合格的游艇签发数码通行凭证，船身不再张贴牌照。二是入境时船主不必缴纳关税保证金。",
            ["对审核合格的游艇签发数码通行凭证，船身不再张贴牌照", "入境时船主不必缴纳关税保证金"],
        ),
        (
            "江门拟办优质食品标识：由三地检测机构结成合作体并商定指标，并开通扫码查询网站供公众使用。",
            ["由三地检测机构结成合作体并商定指标", "并开通扫码查询网站供公众使用"],
        ),
        (
            "同一侵权争议已由一地法院受理的，另一地原则上不再立案审理。",
            ["同一侵权争议已由一地法院受理的，另一地原则上不再立案审理"],
        ),
        (
            "1. 設立跨境數據交易中心。2. 統一數據登記規則。",
            ["設立跨境數據交易中心", "統一數據登記規則"],
        ),
        (
            "Zhuhai will accept insurance bought in Macao, and waive the customs deposit for yachts entering the port.",
            ["Zhuhai will accept insurance bought in Macao", "waive the customs deposit for yachts entering the port"],
        ),
        ("减免", ["减免"]),
    ],
)
def test_points(text, expected):
    assert points(text) == expected


@given(st.text(alphabet="一二是设立减免、，。；：（）123. abAB的，", min_size=1, max_size=80))
def test_points_are_spans_in_order_without_overlap(text):
    spans = points_of(text)
    assert spans
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(0 <= span.start <= span.end <= len(text) for span in spans)
