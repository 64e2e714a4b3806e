"""The bilingual glossary: what governments in Guangdong, Hong Kong and Macao call things, in both languages.

`glossary.tsv` is a plain file (zh, hant, en, domain, note; variants in a cell separated by |, the
first English form preferred). A user adds terms without code: a file of the same form named
by `BAYCASE_GLOSSARY`, whose rows come first. Matching is by longest form, folded; it
knows nothing of passages or legs.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path

from baycase.corpus.folding import fold, fold_map
from baycase.corpus.records import Span
from baycase.corpus.shown import shown
from baycase.corpus.terms import english_words, stem
from baycase.errors import UsageError

COLUMNS = ("zh", "hant", "en", "domain", "note")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing: its Chinese names (simplified first), its English names (preferred first)."""

    zh: tuple[str, ...]
    hant: tuple[str, ...]
    en: tuple[str, ...]
    domain: str
    note: str


class Glossary:
    """Terms, found in text of either language by their longest form.

    Each argument is a list of terms; what an earlier list says of a form counts. Within a list what a form means
    in simplified Chinese counts before what it means in Hong Kong: 资料 is information, 資料 alone is data.
    """

    def __init__(self, *lists: Iterable[Term]) -> None:
        self._lists = [tuple(terms) for terms in lists]
        self.terms = tuple(term for terms in self._lists for term in terms)

    # Each language's table is made when a text of that language is first looked at: a question has one.
    @cached_property
    def _chinese(self) -> dict[str, Term]:
        found: dict[str, Term] = {}
        for terms in self._lists:
            for form, term in [(f, t) for t in terms for f in t.zh] + [(f, t) for t in terms for f in t.hant]:
                found.setdefault(fold(form), term)
        return found

    @cached_property
    def _english(self) -> dict[tuple[str, ...], list[tuple[Term, str]]]:
        found: dict[tuple[str, ...], list[tuple[Term, str]]] = {}
        for term in self.terms:
            for form in term.en:
                key = tuple(stem(word) for word in english_words(form))
                if key:
                    found.setdefault(key, []).append((term, form))
        return found

    @cached_property
    def _longest_from(self) -> dict[str, int]:
        """First character of a Chinese form → the length of the longest form that begins with it."""
        found: dict[str, int] = {}
        for form in self._chinese:
            found[form[:1]] = max(len(form), found.get(form[:1], 0))
        return found

    @cached_property
    def _longest_english(self) -> int:
        return max(map(len, self._english), default=0)

    def in_chinese(self, text: str) -> list[tuple[Span, Term]]:
        """Terms in a Chinese text with where they stand; longest form first, none inside another."""
        folded, offsets = fold_map(text)
        ends = [*offsets, len(text)]
        return [(Span(offsets[start], ends[end]), term) for start, end, term in self._in_folded(folded)]

    def in_folded(self, folded: str) -> list[Term]:
        """The terms in a Chinese text that is folded already."""
        return [term for _, _, term in self._in_folded(folded)]

    def _in_folded(self, folded: str) -> list[tuple[int, int, Term]]:
        longest = self._longest_from
        found, at = [], 0
        while at < len(folded):
            for length in range(min(longest.get(folded[at], 0), len(folded) - at), 1, -1):
                term = self._chinese.get(folded[at : at + length])
                if term is not None:
                    found.append((at, at + length, term))
                    at += length
                    break
            else:
                at += 1
        return found

    def in_english(self, text: str) -> list[Term]:
        """Terms in an English text, longest form first, none inside another.

        A form in capitals only (TD, DSE) matches in capitals only: as a word it is another one.
        """
        words = english_words(text, keep_case=True)
        stems = [stem(word.lower()) for word in words]
        found, at = [], 0
        while at < len(stems):
            for length in range(min(self._longest_english, len(stems) - at), 0, -1):
                written = words[at : at + length]
                terms = [
                    t for t, form in self._english.get(tuple(stems[at : at + length]), ()) if _same_case(form, written)
                ]
                if terms:
                    found.extend(terms)
                    at += length
                    break
            else:
                at += 1
        return found


def _same_case(form: str, written: list[str]) -> bool:
    return not (form.isupper() and len(written) == 1 and len(form) <= 5) or written[0].isupper()


@lru_cache(maxsize=1)
def load_glossary() -> Glossary:
    """The shipped glossary, and the user's own before it; raises UsageError where that one cannot be read."""
    own = os.environ.get("BAYCASE_GLOSSARY")
    shipped = files("baycase.corpus").joinpath("glossary.tsv").read_text(encoding="utf-8")
    return Glossary(_own_terms(Path(own)) if own else [], read_glossary(shipped, "glossary.tsv"))


def _own_terms(path: Path) -> list[Term]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise UsageError(f"{shown(path)}, named by BAYCASE_GLOSSARY, cannot be read ({reason})") from error
    return read_glossary(text, shown(path))


def read_glossary(text: str, name: str) -> list[Term]:
    """The terms of a glossary file; raises UsageError that names the line."""
    terms = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith(("#", "zh\t")):
            continue
        cells = [cell.strip() for cell in line.split("\t")] + [""] * len(COLUMNS)
        if not cells[0] or not cells[2]:
            raise UsageError(
                f"{name}, line {number}: expected the columns {', '.join(COLUMNS)} with zh and en filled, "
                f"found {line[:60]!r}"
            )
        zh, hant, en = (tuple(form.strip() for form in cell.split("|") if form.strip()) for cell in cells[:3])
        terms.append(Term(zh, hant, en, cells[3], cells[4]))
    return terms
