"""Commands for translations of a library's sentences: `baycase renderings add`, `export`, `status`."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baycase.commands.options import JsonOption, LibraryOption
from baycase.corpus.records import Document, Rendering
from baycase.corpus.renderings import ORIGINS, Origin
from baycase.errors import UsageError
from baycase.places import default_library

if TYPE_CHECKING:
    from baycase.index.build import Writer
    from baycase.index.encoder import Encoder

LISTED = 20  # lines printed of a longer list

app = typer.Typer(help="Translations of the documents' sentences.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """Translations of the documents' sentences."""


@app.command()
def add(
    file: Annotated[Path | None, typer.Argument(help="A .tmx file, or a .csv or .xlsx file of two columns.")] = None,
    library: LibraryOption = None,
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option("--pair", metavar="A B", help="Two documents or files that are each other's translation."),
    ] = None,
    origin: Annotated[
        str | None,
        typer.Option(help="Who translated, where the file does not say: official (default), project, machine."),
    ] = None,
    unmatched: Annotated[
        Path | None, typer.Option("--unmatched", help="Write what fits no text of the library to this TMX file.")
    ] = None,
    accept_doubtful: Annotated[
        bool, typer.Option("--accept-doubtful", help="With --pair: add the doubtful pairs too.")
    ] = False,
    model: Annotated[str | None, typer.Option("--model", help="The library's model, if not the bundled one.")] = None,
) -> None:
    """Add translations of sentences, headings, titles and names that the library holds.

    Example: baycase renderings add report.tmx --origin official
    """
    from baycase.corpus.renderings import read_renderings, write_tmx
    from baycase.index.build import open_writer
    from baycase.index.database import Database
    from baycase.index.encoder import open_encoder

    if (file is None) == (pair is None):
        raise UsageError("give a file of translations or --pair A B, one of them")
    by = _origin(origin)
    folder = library or default_library()
    Database.open_to_read(folder).close()  # a library that is not there is not made by adding to it
    read = read_renderings(file, by) if file else []
    with open_writer(folder) as writer:
        encoder = writer.stored_model(lambda: open_encoder(model))
        if pair:
            read, doubtful = _aligned(writer, pair, encoder, by or "official", accept_doubtful)
            _list(
                "doubtful, not added (--accept-doubtful adds them)",
                doubtful,
                [f"{r.source_text} → {r.text}" for r in doubtful],
            )
        change = writer.add_renderings(read, encoder)
    if unmatched:
        write_tmx(unmatched, change.unmatched)
        typer.echo(f"{unmatched}: {len(change.unmatched)} that fit no text of the library", err=True)
    else:
        _list("in no document, not added", change.unmatched, [r.source_text for r in change.unmatched])
    known = len(read) - len(change.unmatched)
    typer.echo(
        f"{folder}: {change.rendered} renderings added or changed ({known} of {len(read)} fit a text of the library)"
    )


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The TMX file to write.", show_default=False)],
    library: LibraryOption = None,
) -> None:
    """Write all of the library's translations as TMX.

    Example: baycase renderings export cases.tmx
    """
    from baycase.corpus.renderings import write_tmx
    from baycase.index.database import Database
    from baycase.index.durable import publish_file

    if file.suffix.lower() != ".tmx":
        raise UsageError(f"{file}: translations are written as TMX; name a .tmx file")
    with Database.open_to_read(library or default_library()) as database:
        renderings = list(database.renderings())
    draft = file.with_name(f".{file.name}.draft")
    count = write_tmx(draft, renderings)
    publish_file(draft, file)
    typer.echo(f"{file}: {count} renderings")


@app.command()
def status(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Say how much of each document is translated, and by whom.

    Example: baycase renderings status
    """
    from baycase.index.database import Database

    with Database.open_to_read(library or default_library()) as database:
        renderings = list(database.renderings())
        rows = [_coverage(document, renderings) for document in database.documents()]
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row, ensure_ascii=False))
        return
    for row in rows:
        by = ", ".join(f"{count} {origin}" for origin, count in row["rendered"].items()) or "none"
        typer.echo(f"{row['doc_id']}  {sum(row['rendered'].values())}/{row['texts']}  {by}")
    done, texts = sum(sum(row["rendered"].values()) for row in rows), sum(row["texts"] for row in rows)
    typer.echo(f"{done} of {texts} sentences, titles and names have a rendering into the other language")


def _coverage(document: Document, renderings: Sequence[Rendering]) -> dict[str, Any]:
    """`texts` counts the title, the names and the sentences; `rendered` those with a rendering, by its origin."""
    from baycase.corpus.language import language_of
    from baycase.corpus.renderings import rendering_of
    from baycase.index.content import other_language

    known = other_language(renderings)
    named = list(
        dict.fromkeys([document.title, *(u.of(document.text) for u in (document.case.units if document.case else ()))])
    )
    sentences = [sentence for passage in document.passages for sentence in passage.sentences]
    found = [known.get(text) for text in named]
    found += [rendering_of(document.text, s.span, s.heading, known) for s in sentences]
    counts = Counter(rendering.origin for rendering in found if rendering)
    return {
        "doc_id": document.doc_id,
        "title": document.title,
        "language": language_of(document.text),
        "texts": len(found),
        "rendered": {origin: counts[origin] for origin in ORIGINS if counts[origin]},
    }


def _aligned(
    writer: "Writer", pair: tuple[str, str], encoder: "Encoder", origin: Origin, accept_doubtful: bool
) -> tuple[list[Rendering], list[Rendering]]:
    """What to add of a pair of documents, and the doubtful renderings that are left out."""
    from baycase.index.pairing import paired

    first, second = (_documents(writer, name) for name in pair)
    sure, doubtful = paired(first, second, encoder, origin)
    return ([*sure, *doubtful], []) if accept_doubtful else (sure, doubtful)


def _documents(writer: "Writer", name: str) -> list[Document]:
    from baycase.corpus.sandbox import read_documents

    if name in writer.database.document_ids():
        document = writer.database.document(name)
        return [document] if document else []
    if Path(name).is_file():
        return list(read_documents(Path(name)))
    raise UsageError(f"{name}: neither a document of the library nor a file; `baycase list` shows the documents")


def _origin(name: str | None) -> Origin | None:
    if name is None:
        return None
    for origin in ORIGINS:
        if origin == name:
            return origin
    raise UsageError(f"unknown origin {name!r}; expected one of {', '.join(ORIGINS)}")


def _list(what: str, found: Sequence[Rendering], lines: Sequence[str]) -> None:
    if found:
        typer.echo(f"{len(found)} {what}:", err=True)
        for line in lines[:LISTED]:
            typer.echo(f"  {' '.join(line.split())}", err=True)
        if len(lines) > LISTED:
            typer.echo(f"  … and {len(lines) - LISTED} more", err=True)
