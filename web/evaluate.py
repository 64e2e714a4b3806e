"""The Evaluate room: a test set is run with progress; figures, calibration, misses, two runs compared.

It calls the room eval as the command line does. A visitor's runs are the visitor's own.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from baycase.errors import BayCaseError, TestSetError
from baycase.eval.evaluation import evaluate
from baycase.eval.experiment import Settings
from baycase.eval.testlibrary import library_of
from baycase.eval.testset import TestSet, read_folder, read_shipped
from baycase.index.build import Progress
from baycase.search.explain import leg_name
from baycase.search.library import Library
from baycase.web.access import demand
from baycase.web.address import Address
from baycase.web.cards import notice
from baycase.web.desk import Desk
from baycase.web.handlers import error_notice, guarded
from baycase.web.jobs import CancelledError
from baycase.web.languages import Texts
from baycase.web.library import progress_bar
from baycase.web.markup import escape, tag, text_in
from baycase.web.plots import calibration_plot

FIGURES = ("queries", "recall@1", "recall@5", "recall@8", "mrr@10", "ndcg@10", "answer@1")
MOST_MISSES = 100
SMALLEST_SAMPLE, LARGEST_SAMPLE = 0, 1000
UNPACKED = 64 << 20  # bytes that an uploaded set may have, unpacked
MEMBERS = 100
HIDDEN: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def evaluate_room(t: Texts, desk: Desk, address: gr.Textbox) -> None:
    """The room's components and events, within an open `gr.Blocks`."""
    gr.HTML(apply_default_css=False, value=tag("p", escape(t["evaluate.intro"])))
    with gr.Row(elem_classes="bc-row"):
        file = gr.File(label=t["evaluate.file"], file_types=[".zip"], elem_id="evaluate-file", height=140, scale=2)
        sample = gr.Number(
            label=t["evaluate.sample"], value=20, minimum=SMALLEST_SAMPLE, maximum=LARGEST_SAMPLE, precision=0,
            elem_id="evaluate-sample", scale=1,
        )  # fmt: skip
    with gr.Row(elem_classes="bc-row"):
        button = gr.Button(t["evaluate.button"], variant="primary", elem_id="evaluate-button", min_width=120)
        cancel = gr.Button(t["add.cancel"], elem_id="evaluate-cancel", min_width=120)
    result = gr.HTML(apply_default_css=False, value="", elem_id="evaluate-result", elem_classes="bc-result")
    runs = gr.State([])  # of this visitor, the newest last

    def started(
        request: gr.Request, path: str | None, size: float | None, before: list[dict]
    ) -> Iterator[tuple[str, list[dict]]]:
        yield from _running(request, desk, t, path, int(size or 0), before)

    def cancelled(request: gr.Request) -> None:
        desk.jobs.cancel(request.session_hash or "")

    def view(at: Address, before: list[dict]) -> str:
        return report(before, t) if before else ""

    go = gr.Button("go", visible="hidden", elem_id="go-evaluate")
    go.click(
        guarded(view, t),
        [address, runs],
        [result],
        js="(a, r) => [location.search, r]",
        trigger_mode="always_last",
        **HIDDEN,
    ).then(js="() => baycase.arrived('evaluate')")
    button.click(
        started, [file, sample, runs], [result, runs], concurrency_id="evaluate", concurrency_limit=1, **HIDDEN
    ).then(js="() => baycase.done('evaluate')")
    cancel.click(cancelled, queue=False, **HIDDEN)


def _running(
    request: gr.Request, desk: Desk, t: Texts, path: str | None, sample: int, before: list[dict]
) -> Iterator[tuple[str, list[dict]]]:
    try:
        demand(request, "reader")
    except BayCaseError as error:
        yield error_notice(error, t), before
        return
    with tempfile.TemporaryDirectory(prefix="baycase-") as scratch:

        def work(progress: Progress) -> dict[str, Any]:
            test_set = unpacked(Path(path), Path(scratch)) if path else read_shipped()
            if sample:
                test_set = test_set.sample(sample, 0)
            return _evaluated(test_set, desk, progress, timed=not sample)

        for job in desk.jobs.run(request.session_hash or "", work, abandon=True):
            if not job.finished.is_set():
                yield progress_bar(job, t), before
            elif isinstance(job.error, CancelledError):
                yield (
                    notice(t["add.cancelled"], t["evaluate.one"]) if before else notice(t["add.cancelled"], ""),
                    before,
                )
            elif isinstance(job.error, BayCaseError):
                yield notice(t["error.title"], str(job.error), kind="error"), before
            elif job.error is not None:
                yield notice(t["error.title"], t["error.bug"], kind="error"), before
            else:
                runs = [*before, job.result][-2:]
                yield report(runs, t), runs


def _evaluated(test_set: TestSet, desk: Desk, progress: Progress, *, timed: bool) -> dict[str, Any]:
    encoder = desk.shelf.encoder
    library = Library(library_of(test_set, encoder, progress), encoder=encoder)
    return evaluate(test_set, library, Settings(), progress, timed=timed).to_dict()


def unpacked(archive: Path, folder: Path) -> TestSet:
    """The test set in an uploaded zip; raises TestSetError for one that is none, or too large.

    Members go by their own names into one folder, so that no path in the archive leads out of it.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [m for m in opened.infolist() if not m.is_dir()]
            if len(members) > MEMBERS or sum(m.file_size for m in members) > UNPACKED:
                raise TestSetError(
                    f"{archive.name} is too large: at most {MEMBERS} files, {UNPACKED >> 20} MB unpacked"
                )
            for member in members:
                parts = [part for part in Path(member.filename).parts if part not in ("..", "/")]
                place = folder / ("qrels" if "qrels" in parts[:-1] else "") / parts[-1]
                place.parent.mkdir(exist_ok=True)
                with opened.open(member) as source, place.open("wb") as target:
                    shutil.copyfileobj(source, target)
    except (zipfile.BadZipFile, OSError, IndexError, RuntimeError, NotImplementedError) as error:
        raise TestSetError(f"{archive.name} cannot be unpacked ({error}); expected a zip of a BEIR folder") from error
    return read_folder(folder)


def report(runs: list[dict], t: Texts) -> str:
    """The newest run, and how it differs from the one before."""
    newest = runs[-1]
    parts = [tag("h2", escape(newest["dataset"]), class_="bc-section"), _figures(newest, t)]
    if latency := newest.get("latency"):
        parts.append(
            tag(
                "p",
                escape(t["evaluate.latency"].format(p50=latency["p50_ms"], p95=latency["p95_ms"])),
                class_="bc-small",
            )
        )
    if calibration := newest.get("calibration"):
        parts.append(_calibration(calibration, t))
    parts.append(_misses(newest, t))
    parts.append(_compared(runs, t))
    return tag("section", *parts)


def _number(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("value", value.get("mean"))
    return f"{value:.3f}" if isinstance(value, float) else "–" if value is None else str(value)


def _table(head: list[str], rows: list[list[str]], label: str) -> str:
    header = tag("thead", tag("tr", *(tag("th", escape(words), scope="col") for words in head)))
    body = [tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows]
    table = tag("table", header, tag("tbody", *body), class_="bc-table")
    return tag("div", table, class_="bc-scroll", tabindex="0", role="group", aria_label=label)


def _figures(run: dict, t: Texts) -> str:
    rows = [[escape(name), *(_number(values.get(each)) for each in FIGURES)] for name, values in run["subsets"].items()]
    return _table([t["evaluate.subset"], *FIGURES], rows, t["evaluate.figures"])


def _calibration(calibration: dict, t: Texts) -> str:
    bins = calibration["bins"]
    plot = calibration_plot(bins, t["evaluate.bins"], t["evaluate.right"], t["evaluate.calibration"])
    heading = tag("h3", escape(t["evaluate.calibration"]), class_="bc-section")
    return heading + tag("p", escape(t["evaluate.calibration.help"]), class_="bc-small") + plot


def _misses(run: dict, t: Texts) -> str:
    misses = run.get("misses", [])
    heading = tag("h3", escape(t["evaluate.misses"]), class_="bc-section")
    if not misses:
        return heading + tag("p", escape(t["evaluate.nomiss"]))
    items = []
    for miss in misses[:MOST_MISSES]:
        ranks = " · ".join(
            f"{leg_name(name, t.language)} {rank or '–'}" for name, rank in (miss.get("leg_ranks") or {}).items()
        )
        rows = [
            ("evaluate.shown", miss.get("sentence") or miss.get("shown") or ""),
            ("evaluate.gold", miss.get("gold") or ""),
            ("evaluate.ranks", ranks),
        ]
        details = "".join(
            tag("div", tag("dt", escape(t[key])), tag("dd", text_in(words))) for key, words in rows if words
        )
        cause = tag("span", escape(t.get(f"cause.{miss['cause']}", miss["cause"])), class_="bc-term")
        items.append(
            tag(
                "li",
                tag(
                    "details",
                    tag("summary", cause, " ", text_in(miss["question"])),
                    tag("dl", details, class_="bc-fieldlist"),
                ),
            )
        )
    return heading + tag("ol", *items, class_="bc-misses")


def _compared(runs: list[dict], t: Texts) -> str:
    heading = tag("h3", escape(t["evaluate.compare"]), class_="bc-section")
    if len(runs) < 2:
        return heading + tag("p", escape(t["evaluate.one"]), class_="bc-small")
    first, second = runs
    rows = []
    for name in second["subsets"]:
        for figure in FIGURES[1:]:
            a, b = first["subsets"].get(name, {}).get(figure), second["subsets"][name].get(figure)
            if isinstance(a, int | float) and isinstance(b, int | float):
                rows.append([escape(f"{name} {figure}"), _number(float(a)), _number(float(b)), f"{b - a:+.3f}"])
    return heading + _table(
        [t["evaluate.subset"], t["evaluate.first"], t["evaluate.second"], t["evaluate.difference"]],
        rows,
        t["evaluate.compare"],
    )
