"""One document on the page: its case card, whose fields lead to their spans, and its text with a place marked."""

from baycase.corpus.records import Span
from baycase.index.generation import StoredDocument
from baycase.search.facets import facets, label
from baycase.web.address import Address
from baycase.web.cards import rendering_note
from baycase.web.languages import Texts
from baycase.web.markup import escape, link, marked, tag, text_in
from baycase.web.quotes import Quotes
from baycase.web.source_view import source_view

FIGURES = 24  # figures and dates that are open at first


def case_view(document: StoredDocument, address: Address, t: Texts, quotes: Quotes) -> str:
    """The document with its card; the address says which span is marked and whether the source stands beside."""
    span = Span(address.start, address.end) if 0 <= address.start < address.end <= len(document.text) else None
    side = address.view == "source"
    text = _source(document, span, t) if side else _card(document, address, t)
    body = quotes.show(document.text, 0, [(span.start, span.end, "bc-target")] if span else [], class_="bc-text")
    body = body.replace('<mark class="bc-target">', '<mark class="bc-target" id="bc-at" tabindex="-1">', 1)
    whole = _renderings(document, t)
    return tag(
        "article",
        _head(document, address, t, side),
        quotes.switch(),
        tag("div", tag("div", text, class_="bc-side"), tag("div", body, whole, class_="bc-main"), class_="bc-split"),
        class_="bc-case",
    )


def _renderings(document: StoredDocument, t: Texts) -> str:
    """What there is of the text in the reader's language, in the text's order."""
    found = document.renderings_in(t.language)
    placed = sorted((source for source in found if source in document.text), key=document.text.index)
    notes = [rendering_note(found[source], t) for source in placed]
    return tag("details", tag("summary", escape(t["rendering.whole"])), *notes) if notes else ""


def _head(document: StoredDocument, address: Address, t: Texts, side: bool) -> str:
    back = link(address.elsewhere("library"), escape(t["case.back"]), class_="bc-button")
    view = link(
        address.to(tab="library", view="" if side else "source", q=""),
        escape(t["case.card"] if side else t["case.source"]),
        class_="bc-button",
    )
    remove = tag(
        "button",
        escape(t["case.remove"]),
        type="button",
        class_="bc-button bc-danger bc-editor",
        data_remove=document.doc_id,
        data_confirm=t["case.remove.confirm"].format(title=document.title),
    )
    found = facets(document)
    names = [*(label(key, t.language) for key in (*found.sectors, *found.topics, *found.cities))]
    if found.partner:
        names.append(t[f"partner.{found.partner}"])
    terms = "".join(tag("span", escape(name), class_="bc-term") for name in names)
    return tag(
        "header",
        tag("div", back, view, remove, class_="bc-actions"),
        tag("h2", text_in(document.title)),
        rendering_note(document.renderings_in(t.language).get(document.title), t),
        tag("p", escape(f"{document.doc_id} · {document.source}"), class_="bc-small"),
        tag("p", terms, class_="bc-matched"),
    )


def _card(document: StoredDocument, address: Address, t: Texts) -> str:
    case = document.case
    if case is None:
        return tag("p", escape(t["case.none"]), class_="bc-small")
    text = document.text

    def to(span: Span, words: str | None = None) -> str:
        return link(
            address.to(tab="library", start=span.start, end=span.end, view="", q=""), text_in(words or span.of(text))
        )

    def field(name: str, *content: str) -> str:
        return tag("div", tag("dt", escape(name)), *(tag("dd", each) for each in content)) if content else ""

    kinds = {"figure": [], "date": []}
    for figure in case.figures:
        kinds[figure.kind].append(to(figure.span))
    rows = [
        field(t["case.number"], escape(case.number)),
        field(t["case.title"], to(case.title)),
        field(t["filters.unit"], *(to(unit) for unit in case.units)),
        field(
            t["section.background"],
            *([to(case.background, _short(case.background.of(text)))] if case.background else []),
        ),
        field(t["section.measures"], *(to(m.span, _short(m.heading.of(text))) for m in case.measures)),
        field(t["section.outcomes"], *([to(case.outcomes, _short(case.outcomes.of(text)))] if case.outcomes else [])),
        field(t["case.dates"], *_some(kinds["date"])),
        field(t["case.figures"], *_some(kinds["figure"])),
    ]
    return tag("dl", *rows, class_="bc-card bc-fieldlist", aria_label=t["case.card"])


def _some(links: list[str]) -> list[str]:
    return [" · ".join(links[:FIGURES])] if links else []


def _short(words: str, longest: int = 42) -> str:
    return words if len(words) <= longest else words[:longest] + "…"


def _source(document: StoredDocument, span: Span | None, t: Texts) -> str:
    view = source_view(document, span)
    if view is None:
        page = document.source_map.page(span.start if span else 0)
        where = f" · {t['cite.page'].format(page=page)}" if page else ""
        return tag("p", escape(t["source.none"] + where), class_="bc-small")
    marks = [(view.mark.start, view.mark.end, "bc-target")] if view.mark else []
    source = tag("pre", marked(view.text, 0, marks), lang="zh-Hans", class_="bc-source", tabindex="0")
    return tag("h3", escape(t["source.title"]), class_="bc-section") + source
