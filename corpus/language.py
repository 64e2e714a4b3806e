"""Which of the three languages a question or text is in: zh-Hans, zh-Hant or en.

Judged by script alone: no model, no word list beyond a few function words. Text in
another language counts as English if it has no Han characters.
"""

import re
from typing import Literal

from baycase.corpus.folding import convert_script

Language = Literal["zh-Hans", "zh-Hant", "en"]

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'’.-]*")
_ENGLISH_FUNCTION_WORD = re.compile(
    r"(?:an?|and|are|can|d(?:id|oes|o)|for|from|how|in|is|o[fnr]|the|to|under|was|were|wh(?:at|en|ere|ich|o|y)|will|with)",
    re.IGNORECASE,
)
# Written in Cantonese only; a text with them is from Hong Kong or Macao unless its other characters are simplified.
_CANTONESE = frozenset("嘅喺唔咗冇哋啲嚟佢乜嘢咩噉咁嗰嘥嗌攞揾搵啱曬晒嘞咪邊")
_ENOUGH = 4_000  # characters that decide; longer texts are not read to the end


def language_of(text: str) -> Language:
    """The language of `text`; a Chinese text that both scripts write alike is zh-Hans."""
    sample = text[:_ENOUGH]
    han = len(_HAN.findall(sample))
    words = _LATIN_WORD.findall(sample)
    if han == 0:
        return "en"
    function_words = sum(_ENGLISH_FUNCTION_WORD.fullmatch(word) is not None for word in words)
    # An English question may quote a Chinese name, and a Chinese one an English brand (WeChat Pay HK).
    if len(words) > han or (function_words >= 2 and len(words) * 3 >= han):
        return "en"
    traditional = _differing(sample, convert_script(sample, "t2s"))
    if not traditional and not _CANTONESE.intersection(sample):
        return "zh-Hans"
    simplified = _differing(sample, convert_script(sample, "s2t"))
    # 里, 后, 台 are written in both scripts but count as simplified here, so traditional needs the fewer signs.
    if traditional:
        return "zh-Hant" if traditional * 2 >= simplified else "zh-Hans"
    return "zh-Hans" if simplified else "zh-Hant"


def _differing(text: str, converted: str) -> int:
    return sum(a != b for a, b in zip(text, converted, strict=False))
