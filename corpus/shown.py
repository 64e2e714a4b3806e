"""Names and messages as they may be shown: one line, nothing that acts on a terminal or turns text around.

For names and messages only. The text of a document is never changed by this.
"""

import re
from pathlib import Path

# Control characters, line and paragraph separators, halves of surrogate pairs, bidirectional overrides,
# embeddings, isolates and marks.
_ACTING = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(name: Path | str) -> str:
    """The name with each acting character written out, such as \\x0a or \\u202e; a lone byte of a
    file name that is not UTF-8 as \\xff."""
    return _ACTING.sub(_written, str(name))


def _written(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte that is not UTF-8
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
