"""The command line `baycase`: the commands put together, and how they fail.

Results go to stdout, everything else to stderr as one clear line; exit 2 for wrong
use, 1 for what failed. Nothing heavy is imported before a command needs it.
"""

import os
import sys
from typing import Annotated

import typer

from baycase import __version__
from baycase.commands import library, page, questions
from baycase.commands.bench import bench
from baycase.commands.evaluate import app as eval_app
from baycase.commands.renderings import app as renderings_app
from baycase.errors import BayCaseError

app = typer.Typer(
    help="Semantic search and question answering over Chinese policy cases (湾区案例通).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"baycase {__version__}")
        raise typer.Exit


@app.callback()
def root(
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something fails.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if debug:
        os.environ["BAYCASE_DEBUG"] = "1"


for command in (
    library.index, questions.search, questions.ask, questions.similar, library.show, library.list_documents,
    library.remove, page.ui, library.doctor, library.backup, library.restore, bench,
):  # fmt: skip
    app.command("list" if command is library.list_documents else None)(command)

model_app = typer.Typer(help="The default embedding model.", no_args_is_help=True)
app.add_typer(model_app, name="model")
app.add_typer(eval_app, name="eval")
app.add_typer(renderings_app, name="renderings")


@model_app.callback()
def model_root() -> None:
    """The default embedding model."""


@model_app.command("path")
def model_path() -> None:
    """Print a sentence-transformers folder of the default model, made on first use.

    Example: baycase model path
    """
    from baycase.index.models import default_model_path

    typer.echo(default_model_path())


def main() -> None:
    """The entry point: runs a command and turns what a user can mend into one line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # pyright: ignore[reportAttributeAccessIssue]
    try:
        code = app(standalone_mode=False, prog_name="baycase")
        sys.exit(code if isinstance(code, int) else 0)
    except BayCaseError as error:
        _fail(error, str(error), error.exit_code)
    except typer.TyperException as error:
        message, context = error.format_message(), getattr(error, "ctx", None)
        message = message.replace("valid int range", "valid integer")  # typer's name for a bounded number
        if message.startswith("Usage:"):  # a group of commands, named alone
            typer.echo(message, err=True)
            sys.exit(error.exit_code)
        _fail(error, message + (f"; see {context.command_path} --help" if context else ""), error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        _fail(error, f"{error.strerror or error}: {error.filename}" if error.filename else str(error), 1)
    except Exception as error:
        _fail(error, f"{type(error).__name__}: {error} (a bug: run again with --debug and report what it prints)", 1)


def _fail(error: BaseException, message: str, code: int) -> None:
    if os.environ.get("BAYCASE_DEBUG"):
        raise error
    typer.echo(f"baycase: {' '.join(message.split())}", err=True)
    sys.exit(code)
