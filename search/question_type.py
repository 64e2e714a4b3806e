"""What kind of answer a question asks for: a figure, a date, or anything else.

By its question words alone, in three scripts; a question that names none asks for anything.
"""

import re
from typing import Literal

from baycase.corpus.folding import fold

AnswerKind = Literal["figure", "date", "any"]

_DATE = re.compile(
    r"几时|何时|什么时候|什么时间|哪一?年|哪一?月|哪一?天|哪一?日|几月|几号|何年|日期|时间是|从哪年|"
    r"\bwhen\b|\b(?:what|which|in what) (?:year|month|date|day)\b|\bhow (?:recent|early)"
)
_FIGURE = re.compile(
    r"多少|几(?:个|家|间|项|条|次|名|位|人|种|天|日|年|成|倍|钱|大|多|所|座|辆|张|份|万|亿|款|宗|笔|点|度|级|层|国|市|岁|耐)|"
    r"多大|多长|多久|多高|多快|多远|比例|占比|百分|比率|利率|金额|数量|数目|总额|几分|"
    r"\bhow (?:many|much|long|large|big|high|often|far|old|fast|quick|quickly|tall|short)\b|"
    r"\bwhat (?:share|proportion|percentage|percent|number|amount|sum|rate|interest|coupon|size|value|fraction)\b|"
    r"\bpercent"
)


def answer_kind(text: str) -> AnswerKind:
    """The kind of answer that a question asks for."""
    folded = fold(text)
    if _DATE.search(folded):
        return "date"
    return "figure" if _FIGURE.search(folded) else "any"
