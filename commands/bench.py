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
    from baycase.eval.speed import Naive
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
    from baycase.eval.machine import machine
    from baycase.eval.markdown import growth_table, speed_table
    from baycase.eval.scales import ComposedEncoder, scale, sentences_of
    from baycase.eval.speed import Naive, quick
    from baycase.eval.testset import read_folder, read_shipped
    from baycase.index.encoder import open_encoder
    from baycase.terminal import progress_bar

    if (corpus or size or plot) and not whole:
        raise UsageError("CORPUS, --size and --plot belong to --whole; add it")
    encoder, naive = open_encoder(), Naive()
    asked = _questions(read_shipped())
    about = machine()
    with progress_bar() as progress:
        rows = quick(encoder, naive, asked, progress)
        record: dict[str, Any] = {"machine": about, "rows": [row.to_dict() for row in rows]}
        typer.echo(f"{about['words']}\n\n{speed_table(record['rows'])}")
        if whole:
            if corpus is not None:
                asked = _questions(read_folder(corpus)) if corpus.is_dir() else asked
                record["collection"] = [row.to_dict() for row in _collection(corpus, encoder, naive, asked)]
                typer.echo(f"\n{speed_table(record['collection'])}")
            sentences = sentences_of(_documents(corpus))
            known = ComposedEncoder(encoder, sentences)
            sizes = size or SIZES
            record["growth"] = [asdict(scale(number, sentences, known, asked[::4], progress)) for number in sizes]
            typer.echo(f"\n{growth_table(record['growth'])}")
    if plot and whole:
        from baycase.eval.plots import growth

        plot.write_text(growth(record["growth"]) + "\n", encoding="utf-8")
    if out is not None:
        out.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _questions(test_set: "TestSet") -> list[str]:
    """About two hundred, as many of each subset."""
    chosen = test_set.sample(200 // len(test_set.subsets) + 1, 0)
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


def _collection(corpus: Path, encoder: "Encoder", naive: "Naive", asked: list[str]) -> "Iterator[Row]":
    """The collection itself: indexed, refreshed, asked."""
    from tempfile import TemporaryDirectory

    from baycase.eval.speed import index_documents, questions, refreshing
    from baycase.search.library import Library

    documents = _documents(corpus)
    with TemporaryDirectory() as place:
        folder = Path(place) / "library"
        yield index_documents(folder, documents, encoder, naive)
        yield from questions(Library(folder, encoder=encoder), naive, asked)
        yield refreshing(folder, encoder, documents)
