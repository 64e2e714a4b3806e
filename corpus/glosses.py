"""A Chinese text as English terms: the glosses of its words, for matching English questions against it.

Glossary terms give their official names, all other words their dictionary definitions. The
result is a bag of stems, not a translation, and is never shown.
"""

from functools import lru_cache

from baycase.corpus.dictionary import load_dictionary
from baycase.corpus.folding import fold
from baycase.corpus.glossary import load_glossary
from baycase.corpus.terms import english_terms


def gloss_terms(text: str) -> list[str]:
    """English stems for every word of a Chinese text that the dictionary or the glossary knows."""
    folded = fold(text)
    stems = english_terms(folded)
    for span in load_dictionary().words(folded):
        stems.extend(_stems(span.of(folded)))
    for term in load_glossary().in_folded(folded):
        stems.extend(_term_stems(term.en))
    return stems


@lru_cache(maxsize=200_000)
def _stems(word: str) -> tuple[str, ...]:
    """Each stem once, so that a word with many definitions does not drown the others."""
    return tuple(dict.fromkeys(s for meaning in load_dictionary().definitions(word) for s in english_terms(meaning)))


@lru_cache(maxsize=10_000)
def _term_stems(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s for name in names for s in english_terms(name)))
