"""Glosses for English readers: what each word of a Chinese text means, from the project's glossary and CC-CEDICT.

Reading help, word by word; no translation. Longest match, the glossary's terms first.
"""

from baycase.corpus.dictionary import load_dictionary
from baycase.corpus.folding import fold_map
from baycase.corpus.glossary import load_glossary

MEANINGS = 3  # of a word of the dictionary
FORMS = 2  # of a term of the glossary: the preferred name, and an other


class Glosses:
    """Both word lists, read; making one takes about a second."""

    def __init__(self) -> None:
        self._dictionary, self._glossary = load_dictionary(), load_glossary()

    def words(self, text: str) -> list[tuple[int, int, str]]:
        """(start, end, gloss) of the words of `text` that are known, in order; none overlaps another."""
        found = [
            (span.start, span.end, "; ".join(term.en[:FORMS]))
            for span, term in self._glossary.in_chinese(text)
            if term.en
        ]
        taken = [False] * len(text)
        for start, end, _ in found:
            taken[start:end] = [True] * (end - start)
        folded, offsets = fold_map(text)
        for span in self._dictionary.words(folded):
            start, end = offsets[span.start], offsets[span.end - 1] + 1
            meanings = self._dictionary.definitions(folded[span.start : span.end])
            if meanings and not any(taken[start:end]):
                found.append((start, end, "; ".join(meanings[:MEANINGS])))
        return sorted(found)
