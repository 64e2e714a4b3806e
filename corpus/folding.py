"""Folding of script, width and case, so that 認證, 认证 and ＡＰＰ, app match.

For matching only: what people see is always the original. It knows no words and
no languages, and it folds character sequences of one line at a time, so that a
folded character can always be traced back to the one it came from.
"""

import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import Any

_LINE = re.compile(r"[^\n]+|\n")
_JOINS = re.compile(r"[\u1160-\u11ffﾞﾟ]")  # composes with the character before, and is no combining mark
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@cache
def _converter(configuration: str) -> Any:
    from opencc import OpenCC

    return OpenCC(configuration)


def convert_script(text: str, configuration: str) -> str:
    """OpenCC's conversion (`t2s`, `s2t`); text it cannot encode comes back as it is."""
    if text.isascii() or _SURROGATE.search(text):
        return text
    return _converter(configuration).convert(text)


def fold(text: str) -> str:
    """`text` in lower-case, simplified, half-width form; equal to `fold_map(text)[0]`."""
    if text.isascii():
        return text.lower()
    if not unicodedata.is_normalized("NFKC", text) or len(text.lower()) != len(text):
        return fold_map(text)[0]
    lowered = "".join(map(str.lower, text))
    return "".join(_simplified(line)[0] for line in _LINE.findall(lowered))


def fold_map(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the offset in `text` it came from.

    The offsets never decrease. ㎏ gives two characters of one offset; a letter and
    its combining mark give one character with the letter's offset.
    """
    normal, offsets = normal_map(text)
    lowered: str | list[str] = "".join(map(str.lower, normal))
    if len(lowered) != len(normal):
        lowered = [character.lower() for character in normal]
        offsets = [offset for offset, low in zip(offsets, lowered, strict=True) for _ in low]
    lines = [(match.start(), *_simplified(match.group())) for match in _LINE.finditer("".join(lowered))]
    folded = "".join(simplified for _, simplified, _ in lines)
    if all(isinstance(origins, range) for _, _, origins in lines):  # no line has changed its length
        return folded, offsets
    return folded, [offsets[start + origin] for start, _, origins in lines for origin in origins]


def normal_map(text: str) -> tuple[str, list[int]]:
    """The text in Unicode's NFKC form, and for each of its characters the offset in `text` it came from."""
    whole = unicodedata.normalize("NFKC", text)
    # Where nothing composes, every character gives one or more; as many in all as before means one each.
    if len(whole) == len(text) and not _JOINS.search(text) and not any(map(unicodedata.combining, text)):
        return whole, list(range(len(text)))
    normal: list[str] = []
    offsets: list[int] = []
    for start, end in _clusters(text):
        part = unicodedata.normalize("NFKC", text[start:end])
        normal.append(part)
        offsets.extend([start] * len(part))
    return "".join(normal), offsets


def _clusters(text: str) -> list[tuple[int, int]]:
    """Ranges of `text` that normalise on their own: a character and what may compose with it.

    That is combining marks, and whatever else composes with the character before:
    Hangul jamo are the only ones that matter in practice.
    """
    starts = [at for at, character in enumerate(text) if at == 0 or not _composes(character)]
    return [(start, end) for start, end in pairwise([*starts, len(text)]) if start < end]


def _composes(character: str) -> bool:
    return not character.isascii() and (unicodedata.combining(character) != 0 or _JOINS.match(character) is not None)


def _simplified(line: str) -> tuple[str, range | list[int]]:
    """The line in simplified characters, and for each the index in `line` it came from.

    OpenCC converts words, so the line goes in whole. In the rare case that this changes
    its length the line is converted character by character instead.
    """
    simplified = convert_script(line, "t2s")
    if len(simplified) == len(line):
        return simplified, range(len(line))
    parts = [convert_script(character, "t2s") for character in line]
    return "".join(parts), [at for at, part in enumerate(parts) for _ in part]
