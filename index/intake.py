"""Files into a library: which are new, changed or gone, and what each of them gave.

One bad file never stops the others: it is reported by name, and what the library
held of it stays. An unchanged file is not read again. A translation memory beside a file
(report.pdf, report.tmx) goes in with it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path

from baycase.corpus.folders import files_under
from baycase.corpus.reader import SHIPPED, checked_path, source_name
from baycase.corpus.records import Document, Rendering
from baycase.corpus.renderings import read_renderings
from baycase.corpus.sandbox import Sandbox
from baycase.corpus.shown import shown
from baycase.errors import DocumentError, MissingExtraError
from baycase.index.build import Change, Progress, Writer, no_progress
from baycase.index.durable import file_digest
from baycase.index.encoder import Encoder


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of a run: the change, files that failed (path, reason), files left as they were."""

    change: Change
    failed: tuple[tuple[str, str], ...] = ()
    untouched: tuple[str, ...] = ()
    read: tuple[str, ...] = field(default=())


def take_in(
    writer: Writer,
    paths: Sequence[Path],
    encoder: Encoder,
    progress: Progress = no_progress,
    collection: str | None = None,
) -> Intake:
    """Add or refresh files and folders; without paths, the shipped cases.

    The documents go into `collection`; without it they stay in the one they are in, a new file's go into one
    named like the file. What has gone from a refreshed file goes from the library; so does what came from a
    file that is no longer in a refreshed folder.
    """
    if not paths:
        with as_file(files("baycase.corpus") / "cases") as folder:
            return _take_in(writer, [(folder / SHIPPED, SHIPPED)], set(), [], encoder, progress, collection)
    found: dict[str, Path] = {}
    gone: set[str] = set()
    unread: list[tuple[Path, str]] = []
    for path in paths:
        path = path.expanduser()
        here = {source_name(p): p for p in files_under(path, unread)}
        found |= here
        if path.is_dir():
            inside = f"{source_name(path)}/"
            gone |= {s for s in writer.database.sources() if s.startswith(inside) and s not in here}
    # What is in a folder that cannot be looked into has not gone.
    closed = tuple(f"{source_name(folder)}/" for folder, _ in unread)
    gone = {source for source in gone if not source.startswith(closed)}
    if not found and not gone and not unread:
        raise DocumentError(f"{', '.join(map(shown, paths))}: no file of a known format there")
    failed = [(shown(folder), reason) for folder, reason in unread]
    sources = [(path, source) for source, path in found.items()]
    return _take_in(writer, sources, gone, failed, encoder, progress, collection)


def _take_in(
    writer: Writer,
    found: list[tuple[Path, str]],
    gone: set[str],
    failed: list[tuple[str, str]],
    encoder: Encoder,
    progress: Progress,
    collection: str | None,
) -> Intake:
    held, collections = writer.database.sources(), writer.database.collections()
    documents: list[Document] = []
    renderings: list[Rendering] = []
    failed = list(failed)
    untouched, digests = [], {}
    with Sandbox() as sandbox:
        for number, (path, source) in enumerate(found):
            progress("read", number, len(found))
            memory = _memory_beside(path)
            try:
                digest = _digest(checked_path(path), memory)
                wanted = collection or collections.get(source)
                if held.get(source) == digest and wanted == collections.get(source):
                    untouched.append(source)
                    continue
                for document in sandbox.read_documents(path, source):
                    documents.append(replace(document, collection=wanted) if wanted else document)
                digests[source] = digest
                if memory:
                    try:
                        renderings += read_renderings(memory)
                    except DocumentError as error:
                        failed.append((shown(memory), str(error)))
                        digests[source] = _digest(path, None)  # so that it is tried again
            except (DocumentError, MissingExtraError) as error:
                failed.append((shown(path), str(error)))
            except OSError as error:
                failed.append((shown(path), f"{shown(path)}: cannot be read ({error.strerror})"))
    progress("read", len(found), len(found))
    change = writer.refresh(documents, encoder, digests | dict.fromkeys(gone, ""), progress, renderings)
    return Intake(change, tuple(failed), tuple(untouched), tuple(digests))


def _memory_beside(path: Path) -> Path | None:
    memory = path.with_suffix(".tmx")
    return memory if memory.is_file() else None


def _digest(path: Path, memory: Path | None) -> str:
    """Of the file, its translation memory, and the program that reads them: a newer reader reads again."""
    parts = [version("baycase"), file_digest(path), *([file_digest(memory)] if memory else [])]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()
