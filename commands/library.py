"""Commands that keep a library safe: `baycase backup` and `baycase restore`."""

from pathlib import Path
from typing import Annotated

import typer

from baycase.places import default_library

LibraryOption = Annotated[
    Path | None,
    typer.Option("--library", help="The library's folder (default: BAYCASE_LIBRARY, else the user's data folder)."),
]


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
