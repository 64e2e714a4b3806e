"""The state of the library in a few lines: folder, model, size, generation, last change, sound or not."""

from datetime import datetime

from baycase.errors import BayCaseError
from baycase.index.doctor import examine
from baycase.web.desk import Desk
from baycase.web.languages import Texts
from baycase.web.markup import escape, tag

UNITS = ("B", "kB", "MB", "GB")


def status_card(desk: Desk, t: Texts) -> str:
    """The card; where there is no library yet it says so."""
    folder = desk.shelf.folder
    rows = [(t["status.folder"], str(folder))]
    try:
        generation = desk.shelf.library.generation
        stored, derived = examine(folder)
    except BayCaseError as error:
        rows.append((t["status.doctor"], str(error)))
    else:
        counts = t["status.counts"].format(
            documents=generation.document_count, passages=len(generation.passages), sentences=len(generation.sentences)
        )
        files = [path.stat() for path in folder.rglob("*") if path.is_file()]
        changed = datetime.fromtimestamp((folder / "library.db").stat().st_mtime).astimezone()
        found = "; ".join([*stored, *derived])
        rows += [
            (t["status.model"], f"{generation.model}"),
            (t["status.size"], counts),
            (t["status.bytes"], _size(sum(file.st_size for file in files))),
            (t["status.generation"], str(generation.number)),
            (t["status.changed"], changed.strftime("%Y-%m-%d %H:%M")),
            (t["status.doctor"], found or t["status.sound"]),
        ]
    rows.append((t["status.feedback"], str(len(desk.feedback.all()))))
    entries = "".join(tag("div", tag("dt", escape(name)), tag("dd", escape(value))) for name, value in rows)
    export = tag(
        "a", escape(t["status.export"]), href="/export/feedback.zip", class_="bc-button bc-editor", download=True
    )
    return tag(
        "section",
        tag("h2", escape(t["status.title"]), class_="bc-section"),
        tag("dl", entries, class_="bc-card bc-fieldlist"),
        tag("p", export),
    )


def _size(count: float) -> str:
    for unit in UNITS[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} {UNITS[-1]}"
