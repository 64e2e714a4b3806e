"""`baycase bench`: this machine's figures; thin, the measuring is in the room eval."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baycase.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baycase.corpus.records import Document
    from baycase.eval.speed import Naive, Txtai
    from baycase.eval.stopwatch import Row
    from baycase.eval.testset import TestSet
    from baycase.index.encoder import Encoder

SIZES = (1_000, 10_000)


def bench(
    corpus: Annotated[
        Path | None, typer.Argument(metavar="[CORPUS]", help="A file or folder to measure growth with (with --whole).")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the figures as JSON here.")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Also how cost grows with the collection.")] = False,
    size: Annotated[
        list[int] | None, typer.Option("--size", min=10, help="Passages (with --whole); may be repeated.")
    ] = None,
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw the growth to this SVG file.")] = None,
) -> None:
    """Measure this machine: embedding, indexing, questions, start-up, against sentence-transformers with FAISS.

    Ratios are of one run, the works by turns; above 1, BayCase is the quicker one.

    Example: baycase bench --out bench.json
    """
    from baycase.eval.machine import limit_words, machine
    from baycase.eval.markdown import growth_table, speed_table
    from baycase.eval.scales import ComposedEncoder, scale, sentences_of
    from baycase.eval.speed import LONG, SHORT, Naive, quick, txtai
    from baycase.eval.testset import read_folder, read_shipped
    from baycase.index.encoder import open_encoder
    from baycase.terminal import progress_bar

    if (corpus or size or plot) and not whole:
        raise UsageError("CORPUS, --size and --plot belong to --whole; add it")
    encoder, naive, other_too = open_encoder(), Naive(), txtai()
    asked = _questions(read_shipped())
    about = machine()
    with progress_bar() as progress:
        rows = quick(encoder, naive, asked, progress, other_too)
        limits = [
            limit_words(f"embedding passages of {tokens} tokens", tokens, row.time.processor, about)
            for tokens, row in zip((SHORT, LONG), rows, strict=False)
        ]
        record: dict[str, Any] = {"machine": about, "rows": [row.to_dict() for row in rows], "limits": limits}
        typer.echo(f"{about['words']}\n\n{speed_table(record['rows'])}\n\n" + "\n".join(limits))
        if whole:
            if corpus is not None:
                asked = _questions(read_folder(corpus)) if corpus.is_dir() else asked
                record["collection"] = [row.to_dict() for row in _collection(corpus, encoder, naive, other_too, asked)]
                typer.echo(f"\n{speed_table(record['collection'])}")
            sentences = sentences_of(_documents(corpus))
            known = ComposedEncoder(encoder, sentences)
            sizes = size or SIZES
            record["growth"] = [
                asdict(scale(number, sentences, known, asked[:: len(asked) // 50 + 1], progress)) for number in sizes
            ]
            typer.echo(f"\n{growth_table(record['growth'])}")
    if plot and whole:
        from baycase.eval.plots import growth

        plot.write_text(growth(record["growth"]) + "\n", encoding="utf-8")
    if out is not None:
        out.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _questions(test_set: "TestSet") -> list[str]:
    """As many as are asked in one call, of each subset the same number."""
    from baycase.eval.speed import BATCH

    chosen = test_set.sample(BATCH // len(test_set.subsets) + 1, 0)
    return [question.text for questions in chosen.subsets.values() for question in questions]


def _documents(corpus: Path | None) -> "list[Document]":
    """The documents of a file, of a test set's corpus, or without either the shipped cases."""
    from importlib.resources import as_file, files

    from baycase.corpus.reader import SHIPPED, read_path

    if corpus is None:
        with as_file(files("baycase.corpus") / "cases" / SHIPPED) as path:
            return list(read_path(path, SHIPPED))
    path = corpus / "corpus.jsonl" if corpus.is_dir() else corpus
    return list(read_path(path, path.name))


def _collection(
    corpus: Path, encoder: "Encoder", naive: "Naive", other_too: "Txtai | None", asked: list[str]
) -> "Iterator[Row]":
    """The collection itself: indexed, refreshed, asked."""
    from tempfile import TemporaryDirectory

    from baycase.eval.speed import index_documents, questions, refreshing
    from baycase.search.library import Library

    documents = _documents(corpus)
    with TemporaryDirectory() as place:
        folder = Path(place) / "library"
        yield from index_documents(folder, documents, encoder, naive, other_too)
        library = Library(folder, encoder=encoder)
        yield from questions(library, naive, asked, other_too=other_too, indexed=True)
        yield refreshing(folder, encoder, documents)
