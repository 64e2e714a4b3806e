"""The address of a view: `?tab=ask&q=…&lang=…` and the filters, read from and written to a query string.

Everything a view shows follows from its address, so a copied link shows the same to anybody.
"""

from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode

from baycase.web.languages import DEFAULT, known

ROOMS = ("ask", "similar", "library", "map", "evaluate")
LONGEST = 20_000  # characters of a query string that are read


@dataclass(frozen=True, slots=True)
class Address:
    """`start`, `end` are offsets into the text of `doc`; the filters are as in `search.facets`."""

    tab: str = "ask"
    lang: str = DEFAULT
    q: str = ""
    doc: str = ""
    start: int = -1
    end: int = -1
    view: str = ""
    unit: str = ""
    city: str = ""
    sector: str = ""
    partner: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def parse(cls, query_string: str, lang: str = DEFAULT) -> "Address":
        """The address in a query string; what is unknown or wrong in it is left out."""
        found = {name: values[-1] for name, values in parse_qs(query_string[:LONGEST].lstrip("?")).items()}
        words = {name: found.get(name, "")[:500] for name in ("doc", "view", *FILTERS)}
        return cls(
            tab=found["tab"] if found.get("tab") in ROOMS else "ask",
            lang=known(found.get("lang")) or lang,
            q=found.get("q", ""),
            start=_offset(found.get("start")),
            end=_offset(found.get("end")),
            **words,
        )

    def to(self, **changes: object) -> str:
        """The query string of this address with some fields changed."""
        changed = replace(self, **changes)  # pyright: ignore[reportArgumentType]
        fields = {name: getattr(changed, name) for name in self.__slots__}
        kept = {name: value for name, value in fields.items() if value not in ("", -1)}
        return "?" + urlencode(kept)

    def elsewhere(self, tab: str, **fields: object) -> str:
        """The query string of another view in the same language, without this one's question and filters."""
        return Address(tab=tab, lang=self.lang).to(**fields)

    @property
    def filters(self) -> dict[str, str]:
        return {name: value for name in FILTERS if (value := getattr(self, name))}


FILTERS = ("unit", "city", "sector", "partner", "since", "until")


def _offset(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else -1
