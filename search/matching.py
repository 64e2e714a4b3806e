"""Which words of a query stand in a passage: for marking and for explaining, not for scoring."""

from functools import lru_cache

from baycase.corpus.folding import fold, fold_map
from baycase.corpus.terms import english_words, stem
from baycase.search.query import Query

MOST = 12


def matched_words(query: Query, text: str, rendering: str = "") -> tuple[str, ...]:
    """Words of `text`, as they stand there, that the query names: its own terms and the glossary's Chinese for
    them; and words of the text's rendering that share a stem with the query. Longest first, none inside another."""
    folded, offsets = _folded(text)
    found: dict[str, None] = {}
    for term in sorted(dict.fromkeys((*query.terms, *query.bridge)), key=len, reverse=True):
        if len(term) < 2 and not term.isdigit():
            continue
        at = folded.find(term)
        if at >= 0:
            end = offsets[at + len(term)] if at + len(term) < len(offsets) else len(text)
            word = text[offsets[at] : end]
            if not any(word in longer for longer in found):
                found[word] = None
    if rendering:
        asked = set(query.english)
        for word, its_stem in _stemmed(rendering):
            if its_stem in asked:
                found.setdefault(word)
    return tuple(found)[:MOST]


@lru_cache(maxsize=4096)
def _stemmed(rendering: str) -> tuple[tuple[str, str], ...]:
    return tuple((word, stem(word.lower())) for word in english_words(rendering, keep_case=True))


@lru_cache(maxsize=4096)  # passages that answer one question answer others
def _folded(text: str) -> tuple[str, list[int] | range]:
    """The folded text and where its characters came from; quick where folding keeps the length."""
    folded = fold(text)
    return (folded, range(len(text))) if len(folded) == len(text) else fold_map(text)
