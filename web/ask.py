"""The Ask room: a box, examples, filters; the answer with its passages. Shows what search finds."""

import gradio as gr

from baycase.search.facets import where
from baycase.web.address import Address
from baycase.web.cards import answer_page, notice
from baycase.web.desk import Desk
from baycase.web.filters import filter_form
from baycase.web.handlers import guarded
from baycase.web.languages import Texts
from baycase.web.markup import escape, link, tag

HITS = 10


def ask_room(t: Texts, desk: Desk, address: gr.Textbox) -> None:
    """The room's components and events, within an open `gr.Blocks`."""
    with gr.Row(elem_classes="bc-row", equal_height=True):
        gr.Textbox(
            label=t["ask.box"],
            placeholder=t["ask.placeholder"],
            lines=2,
            max_lines=6,
            elem_id="ask-box",
            scale=8,
            max_length=4000,
        )
        gr.Button(t["ask.button"], variant="primary", elem_id="ask-button", scale=1, min_width=96)
    gr.HTML(apply_default_css=False, value=_under_the_box(t), elem_id="ask-under")
    filters = gr.HTML(apply_default_css=False, value="", elem_id="ask-filters")
    result = gr.HTML(apply_default_css=False, value=examples(t), elem_id="ask-result", elem_classes="bc-result")

    def view(at: Address) -> str:
        if not at.q:
            return examples(t)
        if not any(map(str.isalnum, at.q)):
            return notice(t["ask.empty"], t["ask.empty.next"])
        answered = desk.shelf.library.ask(at.q, HITS, where=where(**at.filters))
        return answer_page(answered, at, t, desk.quotes(t))

    go = gr.Button("go", visible="hidden", elem_id="go-ask")
    go.click(
        guarded(view, t),
        [address],
        [result],
        js="() => [location.search]",
        trigger_mode="always_last",
        show_progress="hidden",
        api_visibility="private",
        concurrency_id="ask",
        concurrency_limit=4,
    ).then(js="() => baycase.arrived('ask')")
    choices = gr.Button("filters", visible="hidden", elem_id="go-filters")
    choices.click(
        guarded(lambda at: filter_form(desk.shelf.documents(), t), t),
        [address],
        [filters],
        show_progress="hidden",
        api_visibility="private",
    ).then(js="() => baycase.filtersShown()")


def examples(t: Texts) -> str:
    """The examples of a language, as links to their answers."""
    at = Address(lang=t.language)
    links = [
        tag("li", link(at.to(q=t[key]), escape(t[key]))) for key in ("ask.example1", "ask.example2", "ask.example3")
    ]
    return tag(
        "section", tag("h2", escape(t["ask.examples"]), class_="bc-section"), tag("ul", *links), class_="bc-examples"
    )


def _under_the_box(t: Texts) -> str:
    history = tag(
        "details",
        tag("summary", escape(t["ask.history"])),
        tag("ul", id="bc-history"),
        tag("button", escape(t["ask.history.clear"]), type="button", class_="bc-button", data_clear_history=True),
        class_="bc-history",
        hidden=True,
    )
    return tag("p", escape(t["ask.hint"]), class_="bc-small bc-hint") + history
