"""What a term is: folded jieba words of Chinese, stems of English.

The same functions make the terms of texts and of queries, so both sides are
folded alike (folding one side alone loses .107 of recall@1 on traditional questions).
Terms are for matching only and keep no offsets.
"""

import re
from functools import lru_cache

from baycase.corpus.colloquial import to_written
from baycase.corpus.folding import fold

_WORD = re.compile(r"\w", re.UNICODE)
_JOINT = re.compile(r"['’.-]")
_RUN = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9&]*(?:['’.-][A-Za-z0-9]+)*|[0-9]+(?:[.,][0-9]+)*")

# Grammatical words say nothing of a text's subject (Snowball's list, the part that questions are made of).
STOP_WORDS = frozenset(
    "a about above after again against all am an and any are as at be because been before being below between "
    "both but by can could did do does doing down during each few for from further had has have having he her "
    "here hers him his how i if in into is it its itself just me more most my no nor not now of off on once only "
    "or other our out over own same she should so some such than that the their them then there these they this "
    "those through to too under until up very was we were what when where which while who whom why will with "
    "would you your".split()
)


def chinese_terms(text: str) -> list[str]:
    """Words of any script, folded; jieba's words and the shorter words inside them, Latin words stemmed."""
    import rjieba

    terms = []
    for word in rjieba.cut_for_search(fold(text)):
        if _WORD.search(word):
            terms.append(stem(word) if word.isascii() and word.isalpha() else word)
    return terms


def bigrams(text: str) -> list[str]:
    """Pairs of neighbouring Chinese characters, folded; whole Latin words and numbers.

    They find what jieba cuts differently in question and text: names, transliterations, coined words.
    """
    found = []
    for run in _RUN.findall(fold(text)):
        if run[0].isascii():
            found.append(stem(run))
        else:
            found.extend(run[at : at + 2] for at in range(len(run) - 1))
    return found


def question_bigrams(text: str) -> list[str]:
    """`bigrams` of a question, its colloquial forms written out first."""
    return bigrams(to_written(text))


def question_terms(text: str) -> list[str]:
    """`chinese_terms` of a question, its colloquial forms written out first."""
    return chinese_terms(to_written(text))


def english_words(text: str, keep_case: bool = False) -> list[str]:
    """Latin words and numbers without stop words; `one-stop` is two words, `1,000` is 1000."""
    words = []
    for word in _LATIN.findall(text):
        if word[0].isdigit():
            words.append(word.replace(",", ""))
        else:
            parts = _JOINT.split(word)
            words.extend(p if keep_case else p.lower() for p in parts if p and p.lower() not in STOP_WORDS and p != "s")
    return words


def english_terms(text: str) -> list[str]:
    """Stems of the Latin words and numbers of a text."""
    return [stem(word) for word in english_words(text)]


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The stem of a lower-case English word (Snowball); anything else as it is."""
    return _stemmer().stemWord(word) if word.isascii() and word.isalpha() else word


@lru_cache(maxsize=1)
def _stemmer():
    import Stemmer

    return Stemmer.Stemmer("english")
