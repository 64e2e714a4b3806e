"""What documents can be filtered by: reporting units, cities, sectors, partner, years.

All of it is derived from the text by the names in `facets.tsv`, a plain file to edit; nothing is
stored. It knows no queries and no scores.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from baycase.corpus.folding import fold
from baycase.index.generation import StoredDocument

Kind = Literal["sector", "topic", "city", "partner"]
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*(?=年|[-/.]\d{1,2}[-/.])|\b((?:19|20)\d\d)\b(?=\D|$)")


@dataclass(frozen=True, slots=True)
class Name:
    """One name of `facets.tsv`: its labels by language, and the folded words that tell it."""

    kind: Kind
    key: str
    labels: Mapping[str, str]
    words: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Facets:
    """`units` as written in the document; `cities`, `sectors`, `topics` are keys of `names`.

    `partner` is hk, mo, both or empty; `years` are those that the text names, ascending.
    """

    units: tuple[str, ...]
    cities: tuple[str, ...]
    sectors: tuple[str, ...]
    topics: tuple[str, ...]
    partner: str
    years: tuple[int, ...]


@cache
def names() -> tuple[Name, ...]:
    """The names of `facets.tsv` in its order."""
    found = []
    for line in (files("baycase.search") / "facets.tsv").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        kind, key, hans, hant, english, words = line.split("\t")
        pattern = re.compile("|".join(re.escape(fold(word)) for word in words.split("|")))
        found.append(Name(kind, key, {"zh-Hans": hans, "zh-Hant": hant, "en": english}, pattern))  # pyright: ignore[reportArgumentType]
    return tuple(found)


def label(key: str, language: str) -> str:
    """The label of a name, the key itself where there is none."""
    return next((name.labels[language] for name in names() if name.key == key), key)


def facets(document: StoredDocument) -> Facets:
    """The facets of a document."""
    units = tuple(span.of(document.text).strip() for span in document.case.units) if document.case else ()
    return _facets(document.title, document.text, units)


@lru_cache(maxsize=20_000)
def _facets(title: str, text: str, units: tuple[str, ...]) -> Facets:
    folded_title, folded = fold(title), fold(text)

    def told(name: Name) -> bool:
        least = 1 if name.kind == "city" else 2
        hits = sum(1 for _, _ in zip(range(least), name.words.finditer(folded), strict=False))
        return hits >= least or name.words.search(folded_title) is not None

    found = {kind: tuple(n.key for n in names() if n.kind == kind and told(n)) for kind in ("sector", "topic", "city")}
    partner_names = [name for name in names() if name.kind == "partner"]
    # A title that names a partner says whom the document is about; its text may mention the other in passing.
    partners = [n.key for n in partner_names if n.words.search(folded_title)] or [
        n.key for n in partner_names if told(n)
    ]
    partner = "both" if len(partners) == 2 else "".join(partners)
    years = sorted({int(first or second) for first, second in _YEAR.findall(text)})
    return Facets(units, found["city"], found["sector"], found["topic"], partner, tuple(years))


def where(
    unit: str = "", city: str = "", sector: str = "", partner: str = "", since: str = "", until: str = ""
) -> Callable[[StoredDocument], bool] | None:
    """The predicate for `Library.search`, `ask` and `similar`; None where nothing is asked for.

    `partner` hk or mo also takes documents about both. `sector` is a sector's or a topic's key. Years are those
    that a text names: one of them must lie from `since` to `until`; what is no year is left out.
    """
    first, last = _year(since), _year(until)
    if not (unit or city or sector or partner or first or last):
        return None

    def fits(document: StoredDocument) -> bool:
        found = facets(document)
        return (
            (not unit or unit in found.units)
            and (not city or city in found.cities)
            and (not sector or sector in found.sectors or sector in found.topics)
            and (not partner or found.partner in (partner, "both"))
            and (not (first or last) or any((first or 0) <= year <= (last or 9999) for year in found.years))
        )

    return fits


def _year(text: str) -> int | None:
    return int(text) if re.fullmatch(r"(?:19|20)\d\d", text.strip()) else None
