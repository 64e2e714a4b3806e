"""How a list's numbers are written: 1, a, iv, 一, ①; by the names that HTML and Word give the styles.

Knows numbers only, not where a list stands.
"""

_DIGITS = "〇一二三四五六七八九"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_CHINESE = frozenset(
    ("chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting",
     "taiwaneseCounting", "taiwaneseCountingThousand")
)  # fmt: skip


def written_number(number: int, style: str) -> str:
    """The number in an HTML list `type` (1, a, A, i, I) or a Word `numFmt`; digits where the style cannot write it."""
    if style in ("a", "lowerLetter") and 0 < number <= 26 * 26:
        return _letters(number)
    if style in ("A", "upperLetter") and 0 < number <= 26 * 26:
        return _letters(number).upper()
    if style in ("i", "lowerRoman") and 0 < number < 4000:
        return _roman(number)
    if style in ("I", "upperRoman") and 0 < number < 4000:
        return _roman(number).upper()
    if style in _CHINESE and 0 < number < 100:
        return _chinese(number)
    if style.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(ord("①") + number - 1)
    if style == "decimalZero":
        return f"{number:02d}"
    return str(number)


def _letters(number: int) -> str:
    high, low = divmod(number - 1, 26)
    return (chr(ord("a") + high - 1) if high else "") + chr(ord("a") + low)


def _roman(number: int) -> str:
    written = ""
    for value, sign in _ROMAN:
        written += sign * (number // value)
        number %= value
    return written


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _DIGITS[tens]) + ("十" if tens else "") + (_DIGITS[ones] if ones else "")
