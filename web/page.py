"""The page in one language: a Gradio Blocks of five rooms, and the three public endpoints.

Which room is shown, and what is in it, follows from the address (`web.address`); the page's own
script (`page.js`) moves between addresses and asks the room's handler for its content.
"""

from typing import Any

import gradio as gr
from gradio.events import api as endpoint

from baycase.web.access import demand
from baycase.web.address import ROOMS, Address
from baycase.web.ask import ask_room
from baycase.web.desk import Desk
from baycase.web.evaluate import evaluate_room
from baycase.web.languages import LANGUAGES, NAMES, Texts
from baycase.web.library import library_room
from baycase.web.map import map_room
from baycase.web.markup import escape, link, tag
from baycase.web.similar import similar_room

BUILDERS = {
    "ask": ask_room,
    "similar": similar_room,
    "library": library_room,
    "map": map_room,
    "evaluate": evaluate_room,
}
QUEUE = 64  # questions that may wait; more are told to come back


def build_page(t: Texts, desk: Desk) -> gr.Blocks:
    """The page in the language of `t`."""
    with gr.Blocks(title=t["app.title"], analytics_enabled=False, delete_cache=(600, 3600), fill_width=True) as page:
        gr.HTML(apply_default_css=False, value=_header(t), elem_id="bc-header")
        address = gr.Textbox(visible="hidden", elem_id="bc-address", label="address")
        for room, build in BUILDERS.items():
            with gr.Column(elem_id=f"room-{room}", elem_classes="bc-room"):
                gr.HTML(apply_default_css=False, value=tag("h1", escape(t[f"nav.{room}"]), class_="bc-sr"))
                build(t, desk, address)
        page.load(js="() => baycase.begin()")
        _endpoints(desk)
    page.queue(max_size=QUEUE, default_concurrency_limit=4)
    return page


def _endpoints(desk: Desk) -> None:
    """/ask, /search and /similar: the text first, nothing else needed, the JSON of the interfaces back."""

    def ask(text: str, request: gr.Request) -> dict[str, Any]:
        """Answer a question from the policy cases, with citations, or say that the cases do not."""
        demand(request, "reader")
        return desk.shelf.library.ask(text).to_dict()

    def search(text: str, request: gr.Request) -> dict[str, Any]:
        """Find the passages of the policy cases that fit a query."""
        demand(request, "reader")
        return desk.shelf.library.search(text).to_dict()

    def similar(text: str, request: gr.Request) -> dict[str, Any]:
        """Compare a proposal with the policy cases, point by point."""
        demand(request, "reader")
        return desk.shelf.library.similar(text, 5).to_dict()

    for function in (ask, search, similar):
        endpoint(function, api_name=function.__name__, concurrency_id="ask")


def _header(t: Texts) -> str:
    at = Address(lang=t.language)
    rooms = [tag("li", link(at.elsewhere(room), escape(t[f"nav.{room}"]), data_room=room)) for room in ROOMS]
    languages = [
        tag(
            "li",
            tag(
                "a",
                escape(NAMES[code]),
                href=at.to(lang=code),
                lang=code,
                hreflang=code,
                data_lang=code,
                aria_current="true" if code == t.language else None,
            ),
        )
        for code in LANGUAGES
    ]
    return tag(
        "header",
        tag("button", escape(t["nav.skip"]), type="button", class_="bc-button bc-skip", data_skip=True),
        link(at.elsewhere("ask"), escape(t["app.name"]), class_="bc-brand", lang=t.language),
        tag("nav", tag("ul", *rooms), aria_label=t["nav.label"], class_="bc-rooms"),
        tag("nav", tag("ul", *languages), aria_label=t["nav.language"], class_="bc-languages"),
        tag(
            "button",
            tag("span", "◐", aria_hidden="true"),
            type="button",
            class_="bc-button bc-theme",
            data_theme=True,
            aria_label=t["nav.theme"],
            title=t["nav.theme"],
        ),
        tag(
            "form",
            tag("span", class_="bc-user bc-small"),
            tag("button", escape(t["nav.logout"]), type="submit", class_="bc-button"),
            method="post",
            action=f"/logout?lang={t.language}",
            class_="bc-logout",
        ),
        tag("p", id="bc-live", class_="bc-sr", role="status", aria_live="polite"),
        class_="bc-top",
    )
