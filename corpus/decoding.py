"""Bytes of a text file as text: UTF-8, UTF-16, GB18030 or Big5, told apart by what they give.

Knows no formats; a file that is not text is refused, never guessed into rubbish.
"""

import codecs
import re

from baycase.errors import DocumentError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile("[\0-\x08\x0e-\x1f\x7f\ufffe\uffff]")
# The first byte of the everyday characters and signs in each encoding; rare ones lie above.
_EVERYDAY = {"gb18030": ("gb2312", 0xA1, 0xD7), "big5": ("big5", 0xA1, 0xC6), "big5hkscs": ("big5", 0xA1, 0xC6)}
_SAMPLE = 20_000  # characters that decide between two encodings
_ENOUGH_EVERYDAY = 0.7


def decode(data: bytes, name: str) -> str:
    """The text of the bytes, without a byte order mark.

    Raises DocumentError, beginning with `name`, for an empty file and for bytes that are not text.
    """
    if not data.strip():
        raise DocumentError(f"{name}: the file is empty; there is nothing to index")
    text = _decoded(data)
    # A stray control character comes with copied text; many, or a NUL, with anything but text.
    if text is None or "\0" in text or len(_CONTROL.findall(text)) > max(1, len(text) // 500):
        raise DocumentError(f"{name}: not a text file; expected text in UTF-8, UTF-16, GB18030 or Big5")
    if not text.strip():
        raise DocumentError(f"{name}: the file holds nothing but white space; there is nothing to index")
    return text


def _decoded(data: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _attempt(data[len(mark) :], encoding)
    if b"\0" in data:
        return _unmarked_utf16(data)
    text = _attempt(data, "utf-8")
    if text is not None:
        return text
    tried = [(_everyday(text, encoding), text) for encoding in _EVERYDAY if (text := _attempt(data, encoding))]
    share, text = max(tried, key=lambda each: each[0], default=(0.0, None))
    return text if share >= _ENOUGH_EVERYDAY else _by_statistics(data)


def _attempt(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without its mark: one of the two orders gives everyday characters."""
    tried = [(_everyday_share(text), text) for order in ("utf-16-le", "utf-16-be") if (text := _attempt(data, order))]
    share, text = max(tried, key=lambda each: each[0], default=(0.0, None))
    return text if share >= 0.9 else None


def _everyday_share(text: str) -> float:
    sample = text[:_SAMPLE]
    usual = re.findall("[\t\n\r -~\u00a0-\u024f\u2010-\u203a\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]", sample)
    return len(usual) / len(sample)


def _everyday(text: str, encoding: str) -> float:
    """Which share of the text's characters outside ASCII is everyday in the encoding's own country."""
    codec, lowest, highest = _EVERYDAY[encoding]
    foreign = [character for character in text[:_SAMPLE] if not character.isascii()]
    everyday = 0
    for character in foreign:
        try:
            everyday += lowest <= character.encode(codec)[0] <= highest
        except UnicodeEncodeError:
            continue
    return everyday / len(foreign) if foreign else 0.0


def _by_statistics(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data, threshold=0.1).best()
    return None if best is None else str(best)
