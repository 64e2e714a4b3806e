"""`baycase eval`: a test set becomes figures; thin, the work is in the room eval."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from baycase.errors import UsageError

if TYPE_CHECKING:
    from baycase.eval.testset import TestSet

FolderArgument = Annotated[Path | None, typer.Argument(metavar="[DIR]", help="A test set (default: the shipped one).")]
LibraryOption = Annotated[
    Path | None, typer.Option("--library", help="Ask this library, not one of the test set's own corpus.")
]
SubsetOption = Annotated[list[str] | None, typer.Option("--subset", help="Only this subset; may be repeated.")]
SampleOption = Annotated[
    int | None, typer.Option("--sample", min=1, help="At most this many questions of each subset.")
]
SeedOption = Annotated[int, typer.Option("--seed", help="Which sample.")]
KOption = Annotated[int, typer.Option("-k", min=10, max=1000, help="From how many documents the hits come at least.")]
ReadOption = Annotated[bool | None, typer.Option("--read/--no-read", help="With or without the reader.")]
ModelOption = Annotated[str | None, typer.Option("--model", help="A sentence-transformers model by folder or name.")]
LegsOption = Annotated[str | None, typer.Option("--legs", help="Only these legs of retrieval, with commas between.")]
RerankerOption = Annotated[str | None, typer.Option("--reranker", help="A reranker by name.")]
SplitOption = Annotated[str | None, typer.Option("--split", help="Only the questions of this split (tune or test).")]
RunsOption = Annotated[Path | None, typer.Option("--runs", help="Where runs are kept (default: beside the library).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class DefaultsToRun(TyperGroup):
    """`eval DIR` is `eval run DIR`: the first word is a subcommand only where there is one of that name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=DefaultsToRun, help="Measure retrieval and answers with a test set; compare two runs.")


@app.callback()
def root() -> None:
    """Measure retrieval and answers with a test set; compare two runs."""


@app.command()
def run(
    folder: FolderArgument = None,
    library: LibraryOption = None,
    subset: SubsetOption = None,
    split: SplitOption = None,
    sample: SampleOption = None,
    seed: SeedOption = 0,
    k: KOption = 10,
    read: ReadOption = None,
    legs: LegsOption = None,
    model: ModelOption = None,
    reranker: RerankerOption = None,
    misses: Annotated[bool, typer.Option("--misses", help="Explain every question that failed.")] = False,
    intervals: Annotated[bool, typer.Option("--intervals", help="Show the 95 % intervals.")] = False,
    save: Annotated[str | None, typer.Option("--save", help="Keep this run under a name, to compare it.")] = None,
    runs: RunsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask every question of a test set and say how well it went.

    Example: baycase eval my-test-set --subset zh-Hans --misses

    See also: baycase eval compare --help
    """
    from baycase.eval.evaluation import evaluate
    from baycase.eval.experiment import Settings
    from baycase.eval.markdown import evaluation_tables, misses_text
    from baycase.eval.runs import save as save_run
    from baycase.eval.testlibrary import open_library
    from baycase.terminal import progress_bar

    chosen = Chosen(folder, library, subset, split, sample, seed)
    test_set = chosen.read()
    settings = Settings(k, read, tuple(legs.split(",")) if legs else None, model, reranker)
    with progress_bar() as progress:
        opened = open_library(test_set, library, model, progress)
        evaluation = evaluate(test_set, opened, settings, progress)
    record = evaluation.to_dict()
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False))
    else:
        typer.echo(evaluation_tables(record, intervals))
        if misses:
            typer.echo("\n" + misses_text(record.get("misses", [])))
    if save:
        typer.echo(f"saved: {save_run(evaluation, save, runs)}", err=True)


@app.command()
def compare(
    a: Annotated[str, typer.Argument(help="A saved run, by name or folder.")],
    b: Annotated[str, typer.Argument(help="Another, over the same questions.")],
    runs: RunsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how two saved runs differ, whether by more than chance, and which questions changed.

    Example: baycase eval compare before after
    """
    from baycase.eval.compare import compare as compare_runs
    from baycase.eval.markdown import comparison_tables
    from baycase.eval.runs import load

    comparison = compare_runs(load(a, runs), load(b, runs))
    typer.echo(json.dumps(comparison.to_dict(), ensure_ascii=False) if as_json else comparison_tables(comparison))


@dataclass(frozen=True)
class Chosen:
    """Which questions of which test set."""

    folder: Path | None
    library: Path | None
    subset: list[str] | None
    split: str | None
    sample: int | None
    seed: int

    def read(self) -> "TestSet":
        """The test set, its unusable rows told on stderr; raises where its corpus is neither there nor named."""
        from baycase.eval.testset import read_folder, read_shipped

        test_set = read_folder(self.folder) if self.folder is not None else read_shipped()
        for problem in test_set.problems:
            typer.echo(f"baycase: {problem}", err=True)
        if self.library is None and self.folder is not None and test_set.corpus is None:
            raise UsageError(f"{self.folder} has no corpus.jsonl; name the library that it asks about with --library")
        if self.subset:
            test_set = test_set.of_subsets(self.subset)
        if self.split:
            test_set = test_set.of_split(self.split)
        return test_set.sample(self.sample, self.seed) if self.sample else test_set
