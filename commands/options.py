"""What the commands share: options that several of them take, the library that `--library` names, JSON and text out."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baycase.corpus.shown import shown_text
from baycase.places import default_library

if TYPE_CHECKING:
    from baycase.search.library import Library

LibraryOption = Annotated[
    Path | None,
    typer.Option("--library", help="The library's folder (default: BAYCASE_LIBRARY, else the user's data folder)."),
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="A sentence-transformers model by folder or name (default: the bundled one)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


def open_library(library: Path | None, model: str | None = None, reranker: str | None = None) -> "Library":
    """The library of that folder, or the default one."""
    from baycase.search.library import Library

    return Library(library or default_library(), model=model, reranker=reranker)


def print_json(value: Any) -> None:
    """One JSON value as one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def print_text(text: str) -> None:
    """Words of documents: to a file as they are (typer would strip what looks like colours), to a terminal without what
    would act on it."""
    sys.stdout.write((shown_text(text) if sys.stdout.isatty() else text) + "\n")
