"""The filter form: which units, cities, sectors, partners and years the library's documents have.

A plain HTML form that the page's script reads into the address; the choices are those that exist.
"""

from collections.abc import Iterable

from baycase.index.generation import StoredDocument
from baycase.search.facets import facets, label, names
from baycase.web.languages import Texts
from baycase.web.markup import escape, tag

PARTNERS = ("hk", "mo", "both")


def filter_form(documents: Iterable[StoredDocument], t: Texts) -> str:
    """The form for these documents; empty where there is nothing to choose."""
    found = [facets(document) for document in documents]
    if not found:
        return ""
    units = sorted({unit for each in found for unit in each.units})
    cities = {city for each in found for city in each.cities}
    sectors = {sector for each in found for sector in (*each.sectors, *each.topics)}
    years = sorted({str(year) for each in found for year in each.years})
    ordered = [name.key for name in names()]
    fields = [
        _select("unit", [(unit, unit) for unit in units], t),
        _select("city", [(key, label(key, t.language)) for key in ordered if key in cities], t),
        _select("sector", [(key, label(key, t.language)) for key in ordered if key in sectors], t),
        _select("partner", [(key, t[f"partner.{key}"]) for key in PARTNERS], t),
        _select("since", [(year, year) for year in years], t),
        _select("until", [(year, year) for year in years], t),
    ]
    buttons = [
        tag("button", escape(t["filters.apply"]), type="button", class_="bc-button", data_apply_filters=True),
        tag("button", escape(t["filters.clear"]), type="button", class_="bc-button", data_clear_filters=True),
    ]
    summary = tag("summary", escape(t["filters.title"]), tag("span", class_="bc-active", id="bc-active-filters"))
    return tag(
        "details",
        summary,
        tag("div", *fields, class_="bc-fields"),
        tag("div", *buttons, class_="bc-actions"),
        id="bc-filters",
    )


def _select(name: str, choices: list[tuple[str, str]], t: Texts) -> str:
    options = [tag("option", escape(t["filters.any"]), value="")]
    options += [tag("option", escape(words), value=value) for value, words in choices]
    return tag("label", tag("span", escape(t[f"filters.{name}"])), tag("select", *options, name=name))
