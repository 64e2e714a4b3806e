"""What the commands share: the options that several of them take, the library that `--library` names, JSON out."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
