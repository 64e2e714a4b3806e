"""The Similar room: a proposal against the cases, point by point. Shows what search finds."""

from pathlib import Path

import gradio as gr

from baycase.corpus.sandbox import read_documents
from baycase.search.results import SimilarCase, SimilarResult
from baycase.web.address import Address
from baycase.web.cards import chip, notice, rendering_note
from baycase.web.desk import Desk
from baycase.web.handlers import guarded
from baycase.web.languages import Texts
from baycase.web.markup import escape, link, tag, text_in

CASES = 5
ASKED = "(a, text, file) => [baycase.similar(text), text, file]"
RESTORED = "(a, text, file) => [location.search, baycase.proposal(), null]"
FILE_TYPES = [".txt", ".md", ".docx", ".pdf", ".html"]


def similar_room(t: Texts, desk: Desk, address: gr.Textbox) -> None:
    """The room's components and events, within an open `gr.Blocks`."""
    with gr.Row(elem_classes="bc-row"):
        box = gr.Textbox(
            label=t["similar.box"],
            placeholder=t["similar.placeholder"],
            lines=6,
            max_lines=18,
            elem_id="similar-box",
            scale=3,
            max_length=60_000,
        )
        file = gr.File(label=t["similar.file"], file_types=FILE_TYPES, elem_id="similar-file", scale=1, height=150)
    button = gr.Button(t["similar.button"], variant="primary", elem_id="similar-button")
    result = gr.HTML(apply_default_css=False, value=_example(t), elem_id="similar-result", elem_classes="bc-result")

    def view(at: Address, text: str, path: str | None) -> str:
        if path:
            text = "\n".join(document.text for document in read_documents(Path(path)))
        text = text or at.q
        if not any(map(str.isalnum, text)):
            return _example(t) if not at.q else notice(t["similar.empty"], t["similar.empty.next"])
        return similar_page(desk.shelf.library.similar(text, CASES), at, t)

    handler = guarded(view, t)
    go = gr.Button("go", visible="hidden", elem_id="go-similar")
    for asked, js in ((button, ASKED), (go, RESTORED)):
        asked.click(
            handler,
            [address, box, file],
            [result],
            js=js,
            trigger_mode="always_last",
            show_progress="hidden",
            api_visibility="private",
            concurrency_id="ask",
        ).then(js="() => baycase.arrived('similar')")


def _example(t: Texts) -> str:
    words = t["similar.example.text"]
    to = Address(tab="similar", lang=t.language).to(q=words)
    return tag(
        "section",
        tag("h2", escape(t["similar.example"]), class_="bc-section"),
        tag("p", link(to, escape(words))),
        class_="bc-examples",
    )


def similar_page(result: SimilarResult, address: Address, t: Texts) -> str:
    """The matrix of points against cases, what is new, and the exports."""
    if not result.cases:
        return notice(t["none.title"], t["none.next"])
    points = [point.point for point in result.cases[0].points]
    new = [n for n in range(len(points)) if all(case.points[n].precedent is None for case in result.cases)]
    return _matrix(result, new, address, t) + _new_points([points[n] for n in new], t) + _export(result, t)


def _matrix(result: SimilarResult, new: list[int], address: Address, t: Texts) -> str:
    columns = [
        tag(
            "th",
            link(address.elsewhere("library", doc=case.doc_id), text_in(case.title)),
            tag("span", escape(f"{t['similar.whole']} {100 * case.score:.0f}%"), class_="bc-small"),
            scope="col",
        )
        for case in result.cases
    ]
    head = tag("tr", tag("th", escape(t["similar.point"]), scope="col"), *columns)
    rows = []
    for n, point in enumerate(result.cases[0].points):
        flag = tag("span", escape(t["similar.new"]), class_="bc-new") if n in new else ""
        cells = [_cell(case, n, address, t) for case in result.cases]
        rows.append(tag("tr", tag("th", text_in(point.point), " ", flag, scope="row"), *cells))
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="bc-table bc-matrix")
    return tag(
        "section",
        tag("h2", escape(t["similar.matrix"]), class_="bc-section"),
        tag("div", table, class_="bc-scroll", tabindex="0", role="group", aria_label=t["similar.matrix"]),
    )


def _cell(case: SimilarCase, n: int, address: Address, t: Texts) -> str:
    point = case.points[n]
    if point.precedent is None:
        return tag("td", tag("span", "–", title=t["similar.new"]), class_="bc-none")
    level = "high" if point.score >= 0.7 else "fair" if point.score >= 0.55 else "low"
    quote = point.precedent
    where = chip(case.doc_id, quote.start, quote.end, t["cite.see"], address, quote.page, t)
    inner = [text_in(quote.quote, element="blockquote", class_="bc-passage"), rendering_note(quote.rendering, t), where]
    summary = tag(
        "summary",
        escape(f"{100 * point.score:.0f}%"),
        class_=f"bc-{level}",
        aria_label=f"{t['similar.precedent']} {100 * point.score:.0f}%",
    )
    return tag("td", tag("details", summary, *inner))


def _new_points(points: list[str], t: Texts) -> str:
    if not points:
        return ""
    listed = tag("ul", *(tag("li", text_in(point)) for point in points))
    return tag("section", tag("h2", escape(t["similar.isnew"]), class_="bc-section"), listed, class_="bc-newpoints")


def _export(result: SimilarResult, t: Texts) -> str:
    """A form that asks for the briefing of this text; it works without the page's script."""
    buttons = [
        tag("button", escape(t[f"similar.{form}"]), type="submit", name="format", value=form, class_="bc-button")
        for form in ("docx", "md")
    ]
    hidden = [
        tag("textarea", "\n", escape(result.query), name="text", hidden=True, aria_hidden="true", tabindex="-1"),
        f'<input type="hidden" name="lang" value="{escape(t.language)}">',
    ]
    return tag(
        "section",
        tag("h2", escape(t["similar.export"]), class_="bc-section"),
        tag("form", *hidden, *buttons, method="post", action="/briefing", class_="bc-actions"),
    )
