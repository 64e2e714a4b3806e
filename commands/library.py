"""What fills, shows, mends and keeps a library: `baycase index list show remove doctor backup restore`."""

from pathlib import Path
from typing import Annotated

import typer

from baycase.commands.options import JsonOption, LibraryOption, ModelOption, open_library, print_json, print_text
from baycase.places import default_library


def index(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files and folders (default: the shipped cases).")] = None,
    library: LibraryOption = None,
    model: ModelOption = None,
    download: Annotated[bool, typer.Option("--download", help="Allow a named model to be downloaded.")] = False,
    collection: Annotated[
        str | None, typer.Option("--collection", help="Put the documents into this collection.")
    ] = None,
    re_embed: Annotated[bool, typer.Option("--re-embed", help="Embed everything again, with --model.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Add or refresh files and folders.

    Example: baycase index reports/ new-batch.txt
    """
    from baycase.index.build import open_writer
    from baycase.index.encoder import open_encoder
    from baycase.index.intake import take_in
    from baycase.terminal import progress_bar

    encoder = open_encoder(model, download=download)
    folder = library or default_library()
    with progress_bar() as progress, open_writer(folder) as writer:
        if re_embed:
            change = writer.change_model(encoder, progress)
            typer.echo(f"{folder}: {change.embedded} texts embedded with {encoder.name}")
            return
        intake = take_in(writer, paths or [], encoder, progress, collection)
        total = len(writer.database.document_ids())
    change = intake.change
    for _, reason in intake.failed:
        typer.echo(f"baycase: {reason}", err=True)
    if as_json:
        print_json({
            "library": str(folder), "documents": total, "added": change.added, "changed": change.changed,
            "unchanged": len(change.unchanged), "removed": change.removed, "embedded": change.embedded,
            "near_duplicates": [{"doc_id": one, "of": other, "similarity": alike} for one, other, alike in change.near],
            "rendered": change.rendered, "renderings_unmatched": len(change.unmatched),
            "untouched": intake.untouched, "failed": [{"path": p, "reason": r} for p, r in intake.failed],
        })  # fmt: skip
    else:
        for one, other, alike in change.near:
            typer.echo(f"{one} says nearly what {other} says ({alike:.0%} alike); both are kept", err=True)
        typer.echo(
            f"{folder}: {total} documents ({len(change.added)} added, {len(change.changed)} changed, "
            f"{len(change.removed)} removed, {len(intake.untouched)} files unchanged, {len(intake.failed)} failed)"
        )
        if change.rendered or change.unmatched:
            typer.echo(f"{change.rendered} renderings taken along, {len(change.unmatched)} fit no text of the library")
    if intake.failed:
        raise typer.Exit(1)


def list_documents(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """List what the library holds.

    Example: baycase list
    """
    rows = [{"doc_id": d.doc_id, "title": d.title, "source": d.source, "collection": d.collection,
             "characters": len(d.text), "near_duplicate": d.near and {"of": d.near[0], "similarity": d.near[1]}}
            for d in open_library(library).documents()]  # fmt: skip
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            near = f"  (nearly the same as {row['near_duplicate']['of']})" if row["near_duplicate"] else ""
            print_text(f"{row['doc_id']}  {row['title']}{near}")


def show(doc_id: str, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Print a document's text, and its case card with --json.

    Example: baycase show gba-rule-alignment-cases-01
    """
    document = open_library(library).document(doc_id)
    if as_json:
        card = document.case.to_dict(document.text) if document.case else None
        print_json({
            "doc_id": document.doc_id, "title": document.title, "text": document.text, "source": document.source,
            "collection": document.collection, "case": card,
        })  # fmt: skip
    else:
        print_text(document.text)


def remove(doc_ids: list[str], library: LibraryOption = None, model: ModelOption = None) -> None:
    """Remove documents.

    Example: baycase remove gba-rule-alignment-cases-16
    """
    from baycase.index.build import open_writer
    from baycase.index.encoder import open_encoder

    folder = library or default_library()
    open_library(folder)  # a library that is not there is not made by removing from it
    with open_writer(folder) as writer:
        change = writer.remove(doc_ids, writer.stored_model(lambda: open_encoder(model)))
    typer.echo(f"{folder}: {len(change.removed)} documents removed")


def doctor(
    library: LibraryOption = None,
    check: Annotated[bool, typer.Option("--check", help="Only look, mend nothing.")] = False,
    model: ModelOption = None,
) -> None:
    """Check a library and make anew what is derived.

    Example: baycase doctor
    """
    from baycase.index.doctor import Diagnosis, examine, treat
    from baycase.index.encoder import open_encoder
    from baycase.terminal import progress_bar

    folder = library or default_library()
    if check:
        stored, derived = examine(folder)
        diagnosis = Diagnosis((*stored, *derived), (), not stored and not derived)
    else:
        with progress_bar() as progress:
            diagnosis = treat(folder, lambda: open_encoder(model), progress)
    for line in diagnosis.found:
        typer.echo(f"found: {line}")
    for line in diagnosis.mended:
        typer.echo(f"mended: {line}")
    typer.echo(f"{folder}: {'sound' if diagnosis.sound else 'not sound'}")
    if not diagnosis.sound:
        raise typer.Exit(1)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.", show_default=False)],
    library: LibraryOption = None,
) -> None:
    """Write the library to one file; others may use the library meanwhile.

    Example: baycase backup cases.backup
    """
    from baycase.index.backup import back_up

    made = back_up(library or default_library(), file)
    typer.echo(f"{made.file}: {made.documents} documents, {made.size:,} bytes")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `baycase backup` wrote.", show_default=False)],
    library: LibraryOption = None,
    model: Annotated[
        str | None, typer.Option("--model", help="The library's model, should it not be the bundled one.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Give up the documents that the library holds now.")
    ] = False,
) -> None:
    """Make the library what it was when the backup was written.

    Example: baycase restore cases.backup --replace
    """
    from baycase.index.backup import restore as restore_library
    from baycase.index.encoder import open_encoder
    from baycase.terminal import progress_bar

    folder = library or default_library()
    with progress_bar() as progress:
        change = restore_library(folder, file, lambda: open_encoder(model), replace, progress)
    typer.echo(f"{folder}: restored from {file} as generation {change.generation}")
