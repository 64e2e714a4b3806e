"""Figures and dates in Chinese and English text, as spans.

Grammar (white space may stand between any two parts; digits of both widths):

    figure   = [qualifier] [currency] number [range number] scale [余|多] [unit]
    qualifier= 超过 超 近 逾 约 达到 不少于 不低于 至少 最高 over nearly about …
    number   = 6.4 | 1,000 | 5000
    scale    = [十百千万亿]* | million | billion …
    unit     = % ‰ 个百分点 | 辆次 人次 个 家 名 … 元 美元 澳门元 … 年 天 周 小时 …
    date     = [截至] year [月 [日]] [年底|月底|初|末|上半年 …] | 月日 | 2023-01-31 | 31 August 2023 | August 2023

A digit next to a Latin letter, + or _ is part of a name (1+12+N, C4) and no figure. Numbers
written in Han characters only (四个, 数十万) are words, not figures. A date is never a figure too.
"""

import re

from baycase.corpus.records import Figure, Span

_DIGITS = r"\d{1,3}(?:[,，]\d{3})+(?:[.．]\d+)?|\d+(?:[.．]\d+)?"
_QUALIFIER = (
    r"超[过過]|超出|超|接近|[将將]近|近|逾|大?[约約][为為]?|[达達]到|不少[于於]|不低[于於]|不超[过過]|至少|最高"
    r"|\b(?:[Oo]ver|[Nn]early|[Aa]bout|[Mm]ore than|[Uu]p to)\b"
)
_CURRENCY = r"HK\$|US\$|MOP\$?|RMB|HKD|USD|[$¥￥€£]"
_SCALE = r"[十百千万萬亿億]+|(?:million|billion|thousand|trillion)\b"
# Longer units first where one begins another.
_UNIT = (
    r"个百分点|個百分點|百分点|[%％‰]|人次|辆次|輛次|架次|班次|车次|艘次|件次|批次|场次|人民币元?|港元|港币|美元|欧元|澳门元|澳門元|澳门币"
    r"|平方公里|平方千米|平方米|立方米|公里|千米|公斤|千克|小时|小時|分钟|分鐘|工作日|个工作日|个月|個月|季度|[元吨噸米克升度倍成折]"
    r"|[个個家名人项項条條场場次副套件票位所座种種年天周月日秒岁歲片台臺期批款部宗笔筆市县县区省国級级层層辆輛艘架株棵份册本篇张張"
    r"户戶间間处處组組类類对對支队隊届屆轮輪号號版码碼点點步]"
    r"|per cent\b|percent\b|people\b|years?\b|days?\b|months?\b|weeks?\b|hours?\b"
)
_RANGE = r"[-–—~～至到]"
_FIGURE = re.compile(
    rf"(?:(?:{_QUALIFIER})\s*)?(?:(?:{_CURRENCY})\s*|(?<![A-Za-z+_\d.．]))(?:{_DIGITS})"
    rf"(?:\s*{_RANGE}\s*(?:{_DIGITS}))?(?![A-Za-z+_]|[-–]?\d|[.．]\d)"
    rf"(?:\s*(?:{_SCALE}))?(?:\s*[余餘多]+)?(?:\s*(?:{_UNIT}))?",
)
_MONTHS = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
)
_PART = r"年底|年末|年初|年中|月底|月末|月初|上半年|下半年|[一二三四]季度|上旬|中旬|下旬|[底末初]"
_YEAR = r"(?:[12]\d{3}|[一二][〇零○一二三四五六七八九]{3})\s*年"
_DATE = re.compile(
    rf"(?:(?:截至|截止到?)\s*)?(?<!\d){_YEAR}(?:\s*度)?(?:\s*(?:\d{{1,2}}|[一二三四五六七八九十]{{1,2}})\s*月"
    rf"(?:\s*(?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}})\s*[日号號])?)?(?:\s*(?:{_PART}))?"
    r"|(?<![\d.])(?:1[0-2]|0?[1-9])\s*月\s*(?:3[01]|[12]\d|0?[1-9])\s*[日号號]"
    r"|(?<![\d.\-/])[12]\d{3}([-/.])(?:1[0-2]|0?[1-9])\1(?:3[01]|[12]\d|0?[1-9])(?![\d.\-/])"
    rf"|(?<!\d)(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?\s+{_MONTHS}(?:,?\s+[12]\d{{3}})?(?!\d)"
    rf"|\b{_MONTHS}\s+(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?:,\s*[12]\d{{3}})?(?!\d)|\b{_MONTHS}\s+[12]\d{{3}}(?!\d)"
)
_YEAR_RANGE = re.compile(rf"(?<![\d.])[12]\d{{3}}\s*年?\s*{_RANGE}\s*{_YEAR}")


_HINT = re.compile(r"\d|年")  # every figure and date has one of these


def figures(text: str, start: int = 0, end: int | None = None) -> tuple[Figure, ...]:
    """The figures and dates of `text[start:end]` by their beginning; no two overlap.

    2021—2023年 is one date; 2023年1月1日、2023年7月1日 are two.
    """
    end = len(text) if end is None else end
    if not _HINT.search(text, start, end):
        return ()
    dates = _apart([*_spans(_YEAR_RANGE, text, start, end), *_spans(_DATE, text, start, end)])
    found = [Figure(span, "date") for span in dates]
    # Between two dates, so that no part of a date is taken for a figure.
    edges = [start, *(edge for span in dates for edge in (span.start, span.end)), end]
    for gap_start, gap_end in zip(edges[::2], edges[1::2], strict=True):
        found.extend(Figure(span, "figure") for span in _spans(_FIGURE, text, gap_start, gap_end))
    return tuple(sorted(found, key=lambda figure: figure.span.start))


def _spans(pattern: re.Pattern[str], text: str, start: int, end: int) -> list[Span]:
    found = []
    for match in pattern.finditer(text, start, end):
        words = match.group()
        found.append(Span(match.start() + len(words) - len(words.lstrip()), match.end()))
    return found


def _apart(spans: list[Span]) -> list[Span]:
    """The spans by their beginning, without any that overlaps an earlier and longer one."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.start, -each.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept
