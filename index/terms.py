"""What a term is: folded jieba words of Chinese, stems of English.

The same functions make the terms of texts and of queries, so both sides are
folded alike (folding one side alone loses .107 of recall@1 on traditional questions).
Terms are for matching only and keep no offsets.
"""

import re
from functools import lru_cache

from baycase.corpus.folding import fold

_WORD = re.compile(r"\w", re.UNICODE)
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9&]*(?:['’.-][A-Za-z0-9]+)*|[0-9]+(?:[.,][0-9]+)*")
_HAN = re.compile(r"[㐀-鿿豈-﫿]")

# Grammatical words say nothing of a text's subject (Snowball's list, the part that questions are made of).
STOP_WORDS = frozenset(
    "a about above after again against all am an and any are as at be because been before being below between both but "
    "by can could did do does doing down during each few for from further had has have having he her here hers him his "
    "how i if in into is it its itself just me more most my no nor not now of off on once only or other our out over own "
    "same she should so some such than that the their them then there these they this those through to too under until "
    "up very was we were what when where which while who whom why will with would you your".split()
)


def chinese_terms(text: str) -> list[str]:
    """Words of any script, folded; jieba's words and the shorter words inside them, Latin words stemmed."""
    import rjieba

    terms = []
    for word in rjieba.cut_for_search(fold(text)):
        if _WORD.search(word):
            terms.append(_stem(word) if word.isascii() and word.isalpha() else word)
    return terms


def english_terms(text: str) -> list[str]:
    """Stems of the Latin words and numbers, without stop words; `1,000` is 1000."""
    terms = []
    for word in _LATIN.findall(fold(text)):
        if word[0].isdigit():
            terms.append(word.replace(",", ""))
        elif word not in STOP_WORDS:
            terms.extend(_stem(part) for part in re.split(r"['’.-]", word) if part and part not in STOP_WORDS)
    return terms


def has_han(text: str) -> bool:
    return bool(_HAN.search(text))


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return _stemmer().stemWord(word)


@lru_cache(maxsize=1)
def _stemmer():  # noqa: ANN202
    import Stemmer

    return Stemmer.Stemmer("english")
