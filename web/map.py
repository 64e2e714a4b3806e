"""The Map room: passages by meaning, what the cases cover and what they do not, when things happened.

Pictures are SVG and tables made here, whose points and cells are links.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

import gradio as gr
import numpy as np

from baycase.corpus.records import Span
from baycase.corpus.sentences import sentence_spans
from baycase.index.generation import Generation, StoredDocument
from baycase.search.facets import Facets, facets, names
from baycase.web.address import Address
from baycase.web.cards import section_name
from baycase.web.desk import Desk
from baycase.web.handlers import guarded
from baycase.web.languages import Texts
from baycase.web.markup import escape, link, marked, tag, text_in

WIDTH, HEIGHT, MARGIN = 1000, 520, 24
MOST_ENTRIES = 200  # of the timeline
COLOURS = 8  # classes bc-c0 … bc-c7 of the style sheet
LAST = 13  # a year without a month is mostly its end: 截至2023年底
_YEAR = re.compile(r"((?:19|20)\d\d)\s*年?(?:\s*(1[0-2]|0?[1-9])\s*月)?")


def map_room(t: Texts, desk: Desk, address: gr.Textbox) -> None:
    """The room's components and events, within an open `gr.Blocks`."""
    result = gr.HTML(apply_default_css=False, value="", elem_id="map-result", elem_classes="bc-result")

    def view(at: Address) -> str:
        generation = desk.shelf.library.generation
        documents = list(generation.documents())
        found = [facets(document) for document in documents]
        points = _scatter(generation, documents, found, desk.plane.of(generation), at, t)
        return points + _coverage(found, at, t) + _timeline(documents, at, t)

    go = gr.Button("go", visible="hidden", elem_id="go-map")
    go.click(
        guarded(view, t),
        [address],
        [result],
        js="() => [location.search]",
        trigger_mode="always_last",
        show_progress="hidden",
        api_visibility="private",
    ).then(js="() => baycase.arrived('map')")


def _scatter(
    generation: Generation,
    documents: list[StoredDocument],
    found: list[Facets],
    places: np.ndarray,
    address: Address,
    t: Texts,
) -> str:
    sectors = [name for name in names() if name.kind == "sector"]
    colour = {name.key: number % COLOURS for number, name in enumerate(sectors)}
    dots, entries = [], defaultdict(list)
    for row, (x, y) in enumerate(places):
        passage = generation.passages[row]
        number = int(passage["document"])
        document, start, end = documents[number], int(passage["start"]), int(passage["end"])
        section = section_name(generation.section(row), t)
        words = document.text[start:end].replace("\n", " ")
        title = f"{document.title} · {section}: {words[:60]}{'…' if len(words) > 60 else ''}"
        href = address.elsewhere("library", doc=document.doc_id, start=start, end=end)
        shade = colour[found[number].sectors[0]] if found[number].sectors else COLOURS - 1
        across, down = MARGIN + x * (WIDTH - 2 * MARGIN), MARGIN + y * (HEIGHT - 2 * MARGIN)
        circle = f'<circle cx="{across:.1f}" cy="{down:.1f}" r="9"/>'
        # Keyboards and screen readers take the list below: a hundred tab stops in a picture help nobody.
        inner = tag("title", escape(title)) + circle
        dots.append(link(href, inner, class_=f"bc-dot bc-c{shade}", tabindex="-1", data_doc=document.doc_id))
        entries[number].append(tag("li", link(href, escape(f"{section}: {words[:40]}…"))))
    picture = tag("svg", *dots, viewBox=f"0 0 {WIDTH} {HEIGHT}", aria_hidden="true", class_="bc-scatter")
    legend = "".join(
        tag(
            "li",
            tag("span", class_=f"bc-swatch bc-c{colour[name.key]}", aria_hidden="true"),
            escape(name.labels[t.language]),
        )
        for name in sectors
    )
    listed = "".join(
        tag("li", text_in(documents[number].title), tag("ul", *items)) for number, items in sorted(entries.items())
    )
    return tag(
        "section",
        tag("h2", escape(t["map.passages"]), class_="bc-section"),
        tag("p", escape(t["map.passages.help"]), class_="bc-small"),
        picture,
        tag("ul", legend, class_="bc-legend"),
        tag("details", tag("summary", escape(t["map.list"])), tag("ul", listed)),
    )


def _coverage(found: Sequence[Facets], address: Address, t: Texts) -> str:
    """Sectors and topics against partners and cities; an empty cell is a gap."""
    rows = [name for name in names() if name.kind in ("sector", "topic")]
    columns = [name for name in names() if name.kind in ("partner", "city")]
    head = tag("tr", tag("td", ""), *(tag("th", escape(name.labels[t.language]), scope="col") for name in columns))
    lines = []
    for row in rows:
        cells = []
        for column in columns:
            count = sum(1 for each in found if _has(each, row.key) and _has(each, column.key))
            field = "partner" if column.kind == "partner" else "city"
            words = f"{row.labels[t.language]} × {column.labels[t.language]}: {count}"
            href = address.elsewhere("library", sector=row.key, **{field: column.key})
            inner = (
                link(href, str(count), aria_label=words)
                if count
                else tag("span", "·", title=t["map.gap"], aria_label=t["map.gap"])
            )
            cells.append(tag("td", inner, class_=f"bc-n{min(count, 6)}"))
        lines.append(tag("tr", tag("th", escape(row.labels[t.language]), scope="row", class_=f"bc-{row.kind}"), *cells))
    table = tag("table", tag("thead", head), tag("tbody", *lines), class_="bc-table bc-coverage")
    return tag(
        "section",
        tag("h2", escape(t["map.coverage"]), class_="bc-section"),
        tag("p", escape(t["map.coverage.help"]), class_="bc-small"),
        tag("div", table, class_="bc-scroll", tabindex="0", role="group", aria_label=t["map.coverage"]),
    )


def _has(found: Facets, key: str) -> bool:
    if key in ("hk", "mo"):
        return found.partner in (key, "both")
    return key in found.sectors or key in found.topics or key in found.cities


def _timeline(documents: Sequence[StoredDocument], address: Address, t: Texts) -> str:
    """Every dated sentence by year and month, with its figures marked, as links to where it stands."""
    dated: dict[tuple[int, int], list[str]] = defaultdict(list)
    seen = set()
    for document in documents:
        if document.case is None:
            continue
        sentences = sentence_spans(document.text)
        for figure in document.case.figures:
            when = _YEAR.search(figure.span.of(document.text)) if figure.kind == "date" else None
            sentence = next((s for s in sentences if s.start <= figure.span.start < s.end), None)
            if when is None or sentence is None or (document.doc_id, sentence) in seen:
                continue
            seen.add((document.doc_id, sentence))
            dated[int(when[1]), int(when[2] or 0)].append(_entry(document, sentence, address))
    if not dated:
        return ""
    groups, count = [], 0
    for (year, month), entries in sorted(dated.items(), key=lambda item: (item[0][0], item[0][1] or LAST)):
        count += len(entries)
        if count > MOST_ENTRIES:
            break
        words = t["map.month"].format(year=year, month=month) if month else t["map.year"].format(year=year)
        groups.append(tag("li", tag("h3", escape(words)), tag("ul", *entries)))
    heading = tag("h2", escape(t["map.timeline"]), class_="bc-section")
    return tag("section", heading, tag("ol", *groups, class_="bc-timeline"))


def _entry(document: StoredDocument, sentence: Span, address: Address) -> str:
    assert document.case is not None
    marks = [(f.span.start, f.span.end, f"bc-{f.kind}") for f in document.case.figures if sentence.holds(f.span)]
    words = marked(sentence.of(document.text), sentence.start, marks)
    href = address.elsewhere("library", doc=document.doc_id, start=sentence.start, end=sentence.end)
    return tag("li", link(href, text_in(document.title), class_="bc-small"), tag("p", words, lang="zh-Hans"))
