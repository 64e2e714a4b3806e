"""The command line `baycase`: arguments in, search's results out.

Results go to stdout, everything else to stderr as one clear line; exit 2 for wrong
use, 1 for what failed. Nothing heavy is imported before a command needs it.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baycase import __version__
from baycase.commands.bench import bench
from baycase.commands.evaluate import app as eval_app
from baycase.commands.library import backup, restore
from baycase.commands.renderings import app as renderings_app
from baycase.errors import BayCaseError, UsageError
from baycase.places import default_library

if TYPE_CHECKING:
    from baycase.search.filters import InCollections
    from baycase.search.library import Library

app = typer.Typer(
    help="Semantic search and question answering over Chinese policy cases (湾区案例通).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

LibraryOption = Annotated[
    Path | None,
    typer.Option("--library", help="The library's folder (default: BAYCASE_LIBRARY, else the user's data folder)."),
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="A sentence-transformers model by folder or name (default: the bundled one)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
KOption = Annotated[
    int, typer.Option("-k", help="From how many different documents the hits come at least.", min=1, max=1000)
]
QueriesOption = Annotated[
    Path | None, typer.Option("--queries", help='A file of {"_id","text"} lines; one JSON object a line comes out.')
]
CollectionsOption = Annotated[
    list[str] | None,
    typer.Option("--collection", help="Only documents of this collection (may be given several times)."),
]
ReadOption = Annotated[bool, typer.Option("--read/--no-read", help="With or without the reader.")]
RerankerOption = Annotated[
    str | None, typer.Option("--reranker", help="A cross-encoder by folder or name, which orders the hits anew.")
]
ExplainOption = Annotated[bool, typer.Option("--explain", help="Say why: every leg's score and rank.")]


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


def _open(library: Path | None, model: str | None = None, reranker: str | None = None) -> "Library":
    from baycase.search.library import Library

    return Library(library or default_library(), model=model, reranker=reranker)


@app.command()
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
        _print_json({
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


@app.command()
def search(
    query: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    library: LibraryOption = None,
    k: KOption = 10,
    queries: QueriesOption = None,
    model: ModelOption = None,
    collection: CollectionsOption = None,
    read: ReadOption = False,
    reranker: RerankerOption = None,
    explain: ExplainOption = False,
    as_json: JsonOption = False,
) -> None:
    """Find passages.

    Example: baycase search "跨境数据交易" -k 3
    """
    from baycase.terminal import search_text

    opened, pairs = _prepare(query, queries, library, model, "query", reranker)
    results = opened.search_many(pairs, k, where=_where(opened, collection), read=read)
    _print_results(results, as_json or queries is not None, lambda r: search_text(r, explain))


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="A question, in Chinese or English.")] = None,
    library: LibraryOption = None,
    k: KOption = 10,
    queries: QueriesOption = None,
    model: ModelOption = None,
    collection: CollectionsOption = None,
    read: ReadOption = True,
    reranker: RerankerOption = None,
    explain: ExplainOption = False,
    as_json: JsonOption = False,
) -> None:
    """Answer a question with its citation, or say that the cases do not.

    Example: baycase ask "港车北上的保险在内地怎么认？"
    """
    from baycase.terminal import ask_text

    opened, pairs = _prepare(question, queries, library, model, "question", reranker)
    results = opened.ask_many(pairs, k, where=_where(opened, collection), read=read)
    _print_results(results, as_json or queries is not None, lambda r: ask_text(r, explain))


@app.command()
def similar(
    text: Annotated[str | None, typer.Argument(help="A proposal's text.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Read the proposal from a file.")] = None,
    library: LibraryOption = None,
    k: KOption = 5,
    queries: QueriesOption = None,
    model: ModelOption = None,
    collection: CollectionsOption = None,
    explain: ExplainOption = False,
    as_json: JsonOption = False,
) -> None:
    """Compare a new proposal with the cases, point by point.

    Example: baycase similar --file proposal.txt
    """
    from baycase.terminal import similar_text

    if file is not None:
        from baycase.corpus.sandbox import read_documents

        if text is not None:
            raise UsageError("both a text and --file were given; give one of them")
        text = "\n".join(document.text for document in read_documents(file))
    opened, pairs = _prepare(text, queries, library, model, "proposal")
    results = opened.similar_many(pairs, k, where=_where(opened, collection))
    _print_results(results, as_json or queries is not None, lambda r: similar_text(r, explain))


@app.command()
def show(doc_id: str, library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Print a document's text, and its case card with --json.

    Example: baycase show gba-rule-alignment-cases-01
    """
    document = _open(library).document(doc_id)
    if as_json:
        card = document.case.to_dict(document.text) if document.case else None
        _print_json({
            "doc_id": document.doc_id, "title": document.title, "text": document.text, "source": document.source,
            "collection": document.collection, "case": card,
        })  # fmt: skip
    else:
        typer.echo(document.text)


@app.command("list")
def list_documents(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """List what the library holds.

    Example: baycase list
    """
    rows = [{"doc_id": d.doc_id, "title": d.title, "source": d.source, "collection": d.collection,
             "characters": len(d.text), "near_duplicate": d.near and {"of": d.near[0], "similarity": d.near[1]}}
            for d in _open(library).documents()]  # fmt: skip
    if as_json:
        _print_json(rows)
    else:
        for row in rows:
            near = f"  (nearly the same as {row['near_duplicate']['of']})" if row["near_duplicate"] else ""
            typer.echo(f"{row['doc_id']}  {row['title']}{near}")


@app.command()
def remove(doc_ids: list[str], library: LibraryOption = None, model: ModelOption = None) -> None:
    """Remove documents.

    Example: baycase remove gba-rule-alignment-cases-16
    """
    from baycase.index.build import open_writer
    from baycase.index.encoder import open_encoder

    folder = library or default_library()
    _open(folder)  # a library that is not there is not made by removing from it
    with open_writer(folder) as writer:
        change = writer.remove(doc_ids, writer.stored_model(lambda: open_encoder(model)))
    typer.echo(f"{folder}: {len(change.removed)} documents removed")


@app.command()
def ui(
    library: LibraryOption = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; elsewhere than on this machine, with a login.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 picks a free one.", min=0, max=65535)] = 7860,
    model: ModelOption = None,
    auth_file: Annotated[Path | None, typer.Option(help="The file of people who may log in.")] = None,
    add_user: Annotated[
        str | None, typer.Option(help="Add this person to --auth-file (asks for a password) and stop.")
    ] = None,
    role: Annotated[str, typer.Option(help="With --add-user: reader or editor.")] = "reader",
    without_login: Annotated[
        bool, typer.Option("--without-login", help="Let everybody who reaches the address in.")
    ] = False,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A further name that browsers may call this server.")
    ] = None,
    mcp: Annotated[bool, typer.Option("--mcp", help="Also offer ask, search and similar as MCP tools.")] = False,
) -> None:
    """Open the web page.

    Example: baycase ui --port 8080
    """
    if add_user is not None:
        from baycase.web.users import add_user as add

        if auth_file is None:
            raise UsageError("name the file to add to with --auth-file")
        add(auth_file, add_user, typer.prompt("Password", hide_input=True, confirmation_prompt=True), role)
        typer.echo(f"{auth_file}: {add_user} may log in as {role}")
        return
    from baycase.ui import serve

    serve(library or default_library(), host, port, model, auth_file=auth_file, without_login=without_login,
          allowed_hosts=allow_host or (), mcp=mcp)  # fmt: skip


@app.command()
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


model_app = typer.Typer(help="The default embedding model.", no_args_is_help=True)
app.add_typer(model_app, name="model")
app.add_typer(eval_app, name="eval")
app.add_typer(renderings_app, name="renderings")
app.command()(backup)
app.command()(restore)
app.command()(bench)


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


# -- shared by the commands ------------------------------------------------------------------


def _prepare(
    text: str | None,
    queries: Path | None,
    library: Path | None,
    model: str | None,
    what: str,
    reranker: str | None = None,
) -> tuple["Library", list[tuple[Any, str]]]:
    """The opened library and (query_id, text) pairs; every text is checked before any work is done."""
    from baycase.search.query import MAX_PROPOSAL, MAX_QUESTION, checked

    if (text is None) == (queries is None):
        raise UsageError(f"give a {what} or --queries FILE.jsonl, one of them")
    pairs: list[tuple[Any, str]] = [(None, text)] if text is not None else _read_queries(queries or Path())
    limit = MAX_PROPOSAL if what == "proposal" else MAX_QUESTION
    for number, (_, each) in enumerate(pairs, 1):
        try:
            checked(each, limit, what)
        except UsageError as error:
            raise UsageError(f"{queries}, line {number}: {error}" if queries else str(error)) from None
    return _open(library, model, reranker), pairs


def _where(library: "Library", collections: list[str] | None) -> "InCollections | None":
    """The filter for `--collection`, once every name is known to be one of the library's."""
    from baycase.search.filters import InCollections

    if not collections:
        return None
    known = library.generation.collections
    for name in collections:
        if name not in known:
            raise UsageError(f"no collection {name!r} in {library.folder}; it has {', '.join(known) or 'none'}")
    return InCollections(tuple(collections))


def _read_queries(path: Path) -> list[tuple[Any, str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # not at U+2028, which JSON may hold as it is
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f'{path} cannot be read ({error}); expected UTF-8 lines of {{"_id", "text"}}') from error
    pairs = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            pairs.append((record["_id"], str(record["text"])))
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f'{path}, line {number}: expected {{"_id": …, "text": …}}, found {line[:60]!r}') from error
    return pairs


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def _print_results(results: Iterable[Any], as_json: bool, text: Callable[[Any], str]) -> None:
    for result in results:
        if as_json:
            _print_json(result.to_dict())
        else:
            typer.echo(text(result))


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
