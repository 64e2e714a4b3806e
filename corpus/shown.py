"""Names, messages and texts as they may be shown: nothing that acts on a terminal or turns text around.

A document's text is never changed by this, only what a terminal is given of it.
"""

import re
import unicodedata
from pathlib import Path

# Control characters, what formats invisibly (bidirectional overrides and isolates, joiners, byte order marks),
# halves of surrogate pairs, separators of lines and paragraphs.
_ACTING = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def acts(character: str) -> bool:
    """Whether the character acts instead of being seen."""
    return unicodedata.category(character) in _ACTING


def shown(name: Path | str) -> str:
    """The name with each acting character written out, such as \\x0a or \\u202e; a lone byte of a
    file name that is not UTF-8 as \\xff."""
    text = str(name)
    return text if text.isprintable() else "".join(_written(each) if acts(each) else each for each in text)


# Control characters but tab and line feed, and what turns the direction of writing.
_ACTS_IN_TEXT = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def shown_text(text: str) -> str:
    """The text, lines and all, with each character that would act on a terminal written out."""
    return _ACTS_IN_TEXT.sub(lambda found: _written(found.group()), text)


def _written(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte that is not UTF-8
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
