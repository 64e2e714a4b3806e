"""Questions changed so that the passage that answered them does so no longer, though it still speaks of the same thing.

A reader that never sees such questions learns that a passage on the topic answers. It does not know windows or groups.
"""

import random
import re

import opencc
import rjieba

_SIMPLIFIED = opencc.OpenCC("t2s")  # the segmenter's dictionary is simplified
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_ASKING = re.compile(r"[谁誰何哪几幾多少什么麼怎样樣吗嗎？?]")


def change_number(question: str, rng: random.Random) -> str | None:
    """The question with one number of two or more digits changed, or None where it has none."""
    numbers = list(re.finditer(r"\d{2,}", question))
    if not numbers:
        return None
    match = rng.choice(numbers)
    value = int(match.group())
    other = value + rng.choice((-1, 1)) * rng.randint(1, max(2, min(40, value // 2)))
    return question[: match.start()] + str(abs(other)) + question[match.end() :]


def _nouns(text: str) -> list[tuple[str, str]]:
    """Nouns of two characters or more, with their kind; found in simplified characters, given as they stand."""
    simplified = _SIMPLIFIED.convert(text)
    if len(simplified) != len(text):
        return []
    found, end = [], 0
    for word, kind in rjieba.tag(simplified):
        begin, end = end, end + len(word)
        if len(word) > 1 and kind.startswith("n") and _CHINESE.fullmatch(word) and not _ASKING.search(word):
            found.append((text[begin:end], kind))
    return found


def change_word(question: str, window: str, others: list[str], rng: random.Random) -> str | None:
    """The question with a noun that stands in the window replaced by another question's of its kind that does not.

    `others` are questions about the same text, or one near it; None where no such pair of nouns is found.
    """
    leaving = [noun for noun in _nouns(question) if noun[0] in window]
    coming = [n for other in others for n in _nouns(other) if n[0] not in window and n[0] not in question]
    pairs = [(old, new) for old, kind in leaving for new, other_kind in coming if kind == other_kind]
    if not pairs:
        return None
    return question.replace(*rng.choice(pairs), 1)
