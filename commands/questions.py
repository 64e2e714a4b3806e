"""`baycase search`, `ask` and `similar`: a text, or a file of them, becomes results."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baycase.commands.options import JsonOption, LibraryOption, ModelOption, open_library, print_json, print_text
from baycase.errors import UsageError

if TYPE_CHECKING:
    from baycase.search.filters import InCollections
    from baycase.search.library import Library

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
    return open_library(library, model, reranker), pairs


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


def _print_results(results: Iterable[Any], as_json: bool, text: Callable[[Any], str]) -> None:
    for result in results:
        if as_json:
            print_json(result.to_dict())
        else:
            print_text(text(result))
