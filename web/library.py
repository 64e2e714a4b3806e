"""The Library room: what the library holds, one case with its source, files added and documents removed, its state."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from baycase.corpus.shown import shown
from baycase.errors import BayCaseError, LibraryError
from baycase.index.build import Progress, open_writer
from baycase.index.generation import StoredDocument
from baycase.index.intake import Intake, take_in
from baycase.search.facets import facets, label, where
from baycase.web.access import demand
from baycase.web.address import FILTERS, Address
from baycase.web.cards import notice
from baycase.web.case_view import case_view
from baycase.web.desk import Desk
from baycase.web.handlers import error_notice, guarded
from baycase.web.jobs import CancelledError, Job
from baycase.web.languages import Texts
from baycase.web.markup import escape, link, tag, text_in
from baycase.web.status import status_card

FILES = "files"  # within the library's folder: what was added through the page, so that it can be read again
MOST_LISTED = 500
FILE_TYPES = [".txt", ".md", ".docx", ".pdf", ".html", ".htm", ".xlsx", ".csv", ".jsonl"]
HIDDEN: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def library_room(t: Texts, desk: Desk, address: gr.Textbox) -> None:
    """The room's components and events, within an open `gr.Blocks`."""
    with gr.Accordion(t["add.title"], open=False, elem_id="bc-add", elem_classes="bc-editor"):
        files = gr.File(
            label=t["add.files"], file_count="multiple", file_types=FILE_TYPES, elem_id="add-files", height=150
        )
        with gr.Row(elem_classes="bc-row"):
            add = gr.Button(t["add.button"], variant="primary", elem_id="add-button", min_width=120)
            shipped = gr.Button(t["add.shipped"], elem_id="add-shipped", min_width=120)
            cancel = gr.Button(t["add.cancel"], elem_id="add-cancel", min_width=120)
        progress = gr.HTML(apply_default_css=False, value="", elem_id="add-progress")
    gr.HTML(
        apply_default_css=False,
        value=tag("p", escape(t["library.reader"]), class_="bc-small"),
        elem_classes="bc-reader",
    )
    result = gr.HTML(apply_default_css=False, value="", elem_id="library-result", elem_classes="bc-result")
    removing = gr.Textbox(visible="hidden", elem_id="removing", label="doc_id")

    def view(at: Address) -> str:
        if at.doc:
            return case_view(desk.shelf.library.document(at.doc), at, t, desk.quotes(t))
        return library_page(desk, at, t)

    def added(request: gr.Request, paths: list[str] | None) -> Iterator[str]:
        yield from _adding(request, desk, t, paths or None)

    def added_shipped(request: gr.Request) -> Iterator[str]:
        yield from _adding(request, desk, t, [])

    def cancelled(request: gr.Request) -> None:
        desk.jobs.cancel(request.session_hash or "")

    def removed(at: Address, doc_id: str) -> str:
        with open_writer(desk.shelf.folder) as writer:
            writer.remove([doc_id], desk.shelf.encoder)
        title = t["case.removed"].format(doc_id=doc_id)
        return notice(title, t["case.removed.next"]) + library_page(desk, Address(tab="library", lang=t.language), t)

    def failed(error: BayCaseError) -> str:
        note = error_notice(error, t)
        return note + status_card(desk, t) if isinstance(error, LibraryError) else note

    handler = guarded(view, t, failed=failed)
    go = gr.Button("go", visible="hidden", elem_id="go-library")
    go.click(
        handler,
        [address],
        [result],
        js="() => [location.search]",
        trigger_mode="always_last",
        **HIDDEN,
    ).then(js="() => baycase.arrived('library')")
    for button, function, inputs in ((add, added, [files]), (shipped, added_shipped, [])):
        button.click(function, inputs, [progress], concurrency_id="write", concurrency_limit=2, **HIDDEN).then(
            js="() => baycase.changed(false)"
        )
    cancel.click(cancelled, queue=False, **HIDDEN)
    remove = gr.Button("remove", visible="hidden", elem_id="go-remove")
    remove.click(
        guarded(removed, t, role="editor"),
        [address, removing],
        [result],
        js="() => [location.search, baycase.removing]",
        **HIDDEN,
    ).then(js="() => baycase.changed(true)")


def library_page(desk: Desk, address: Address, t: Texts) -> str:
    """The list of documents, those that the address's filters leave, and the state of the library."""
    documents = list(desk.shelf.library.documents())
    fits = where(**address.filters)
    kept = [document for document in documents if fits is None or fits(document)]
    counted = t["library.all"] if fits is None else t["library.count"]
    heading = counted.format(n=len(kept), total=len(documents))
    parts = [tag("h2", escape(heading), class_="bc-section")]
    if fits is not None:
        parts.append(_filtered(address, t))
    if not kept:
        parts.append(notice(t["none.title"], t["none.next"]))
    else:
        head = [t["case.title"], t["filters.unit"], t["filters.sector"], t["filters.city"], t["filters.partner"]]
        header = tag("thead", tag("tr", *(tag("th", escape(words), scope="col") for words in head)))
        rows = [_row(document, address, t) for document in kept[:MOST_LISTED]]
        table = tag("table", header, tag("tbody", *rows), class_="bc-table bc-list")
        parts.append(tag("div", table, class_="bc-scroll", tabindex="0", role="group", aria_label=heading))
    if len(kept) > MOST_LISTED:
        parts.append(tag("p", escape(t["library.more"].format(n=len(kept) - MOST_LISTED)), class_="bc-small"))
    return tag("section", *parts) + status_card(desk, t)


def _filtered(address: Address, t: Texts) -> str:
    """What the list is filtered by, and the way out."""
    words = [
        f"{t[f'filters.{name}']}: {t.get(f'partner.{value}', label(value, t.language))}"
        for name, value in address.filters.items()
    ]
    clear = link(address.elsewhere("library"), escape(t["filters.clear"]), class_="bc-button")
    return tag("p", escape(" · ".join(words)), " ", clear, class_="bc-small")


def _row(document: StoredDocument, address: Address, t: Texts) -> str:
    found = facets(document)
    keys = dict.fromkeys(FILTERS, "")
    title = link(address.elsewhere("library", doc=document.doc_id, **keys), text_in(document.title))
    if rendering := document.renderings_in(t.language).get(document.title):
        title += text_in(rendering.text, element="div", class_="bc-small")
    cells = [
        "<br>".join(text_in(unit) for unit in found.units),
        escape(t["list.comma"].join(label(key, t.language) for key in found.sectors)),
        escape(t["list.comma"].join(label(key, t.language) for key in found.cities)),
        escape(t[f"partner.{found.partner}"] if found.partner else ""),
    ]
    return tag("tr", tag("th", title, scope="row"), *(tag("td", cell) for cell in cells))


# -- adding -------------------------------------------------------------------------------------


def _adding(request: gr.Request, desk: Desk, t: Texts, paths: list[str] | None) -> Iterator[str]:
    """Take files in (an empty list: the shipped cases) with progress; gives the state as HTML as it changes."""
    try:
        demand(request, "editor")
    except BayCaseError as error:
        yield error_notice(error, t)
        return
    if paths is None:
        yield notice(t["add.none"], t["add.none.next"])
        return

    def work(progress: Progress) -> Intake:
        kept = [_kept(Path(path), desk.shelf.folder) for path in paths]
        progress("read", 0, len(kept))
        encoder = desk.shelf.encoder
        with open_writer(desk.shelf.folder) as writer:
            return take_in(writer, kept, encoder, progress)

    for job in desk.jobs.run(request.session_hash or "", work):
        yield _intake(job, t) if job.finished.is_set() else progress_bar(job, t)


def _kept(path: Path, folder: Path) -> Path:
    """A copy of an uploaded file in the library's folder, under its own name: there it can be read and refreshed."""
    place = folder / FILES / shown(path.name).lstrip(".")
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, place)
    return place


def progress_bar(job: Job, t: Texts) -> str:
    """Where a job stands, as a bar with words."""
    stage = t.get(f"stage.{job.stage}", t["wait.busy"])
    cancelling = f" · {t['add.cancelling']}" if job.cancelled.is_set() else ""
    words = (
        f"{stage} {job.done} / {job.total} · {job.seconds:.0f} s{cancelling}"
        if job.total
        else f"{stage} {job.seconds:.0f} s"
    )
    bar = tag("progress", max=max(job.total, 1), value=job.done if job.total else None, aria_label=stage)
    return tag("div", bar, tag("p", escape(words), role="status"), class_="bc-progress")


def _intake(job: Job, t: Texts) -> str:
    """What became of each file."""
    if isinstance(job.error, CancelledError):
        return notice(t["add.cancelled"], t["add.cancelled.next"])
    if isinstance(job.error, BayCaseError):
        return (
            error_notice(job.error, t)
            if not isinstance(job.error, LibraryError)
            else notice(t["error.title"], str(job.error))
        )
    if job.error is not None:
        return notice(t["error.title"], t["error.bug"], kind="error")
    intake: Intake = job.result
    change = intake.change
    counts = t["add.done"].format(
        added=len(change.added),
        changed=len(change.changed),
        removed=len(change.removed),
        unchanged=len(intake.untouched),
    )
    items = [tag("li", escape(f"{Path(path).name}: {reason}"), class_="bc-low") for path, reason in intake.failed]
    items += [tag("li", escape(f"{Path(path).name}: {t['add.untouched']}")) for path in intake.untouched]
    items += [
        tag("li", link(Address(tab="library", lang=t.language).to(doc=doc), escape(doc)))
        for doc in (*change.added, *change.changed)
    ]
    return notice(t["add.finished"], counts, tag("ul", *items))
