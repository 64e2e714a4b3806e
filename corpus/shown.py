"""Names and messages as they may be shown: one line, nothing that acts on a terminal or turns text around.

For names and messages only. The text of a document is never changed by this.
"""

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


def _written(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte that is not UTF-8
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
