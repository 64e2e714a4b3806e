"""`baycase eval`: a test set becomes figures; thin, the work is in the room eval."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from baycase.errors import UsageError

if TYPE_CHECKING:
    from baycase.eval.experiment import Settings
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
    report: Annotated[Path | None, typer.Option("--report", help="Write an HTML report and tables here.")] = None,
    baselines: Annotated[bool, typer.Option("--baselines", help="Measure plain baselines on the same texts.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask every question of a test set and say how well it went.

    A test set is a folder in BEIR's form, or a CSV or XLSX with a question and a case or passage a row.

    Example: baycase eval my-test-set --subset zh-Hans --misses

    Example: baycase eval questions.xlsx --library my-library --report report/

    See also: baycase eval compare --help, baycase eval matrix --help
    """
    from baycase.eval.evaluation import evaluate
    from baycase.eval.markdown import evaluation_tables, misses_text
    from baycase.eval.report import write_report
    from baycase.eval.runs import code_version
    from baycase.eval.runs import save as save_run
    from baycase.eval.testlibrary import open_library
    from baycase.terminal import progress_bar

    test_set = Chosen(folder, library, subset, split, sample, seed).read()
    settings = _settings(k, read, legs, model, reranker)
    with progress_bar() as progress:
        opened = open_library(test_set, library, model, progress, reranker)
        evaluation = evaluate(test_set, opened, settings, progress, by_leg=report is not None, with_baselines=baselines)
    record = {**evaluation.to_dict(), "code": code_version()}
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False))
    else:
        typer.echo(evaluation_tables(record, intervals))
        if misses:
            typer.echo("\n" + misses_text(record.get("misses", [])))
    if report:
        typer.echo(f"report: {write_report(record, evaluation.latency_ms.tolist(), report)}", err=True)
    if save:
        typer.echo(f"saved: {save_run(evaluation, save, runs)}", err=True)


@app.command()
def matrix(
    settings: Annotated[list[str], typer.Argument(help="default, legs=dense+sentence, -gloss, no-read, model=…, k=20")],
    folder: Annotated[Path | None, typer.Option("--set", help="A test set (default: the shipped one).")] = None,
    library: LibraryOption = None,
    subset: SubsetOption = None,
    split: SplitOption = None,
    sample: SampleOption = None,
    seed: SeedOption = 0,
    k: KOption = 10,
    read: ReadOption = None,
    model: ModelOption = None,
    reranker: RerankerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure several settings and print one table.

    A setting that begins with a dash leaves legs out, and needs a  --  before it.

    Example: baycase eval matrix --split tune default legs=dense legs=dense+sentence+terms -- -gloss
    """
    from baycase.eval.matrix import matrix_table, run_matrix
    from baycase.eval.matrix import setting as read_setting
    from baycase.terminal import progress_bar

    test_set = Chosen(folder, library, subset, split, sample, seed).read()
    base = _settings(k, read, None, model, reranker)
    for name in settings:
        read_setting(name, base)
    with progress_bar() as progress:
        found = run_matrix(test_set, library, settings, base, progress)
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else matrix_table(found))


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
        test_set = self._read()
        for problem in test_set.problems:
            typer.echo(f"baycase: {problem}", err=True)
        if self.library is None and self.folder is not None and test_set.corpus is None:
            raise UsageError(f"{self.folder} has no corpus.jsonl; name the library that it asks about with --library")
        if self.subset:
            test_set = test_set.of_subsets(self.subset)
        if self.split:
            test_set = test_set.of_split(self.split)
        return test_set.sample(self.sample, self.seed) if self.sample else test_set

    def _read(self) -> "TestSet":
        from baycase.eval.tables import SUFFIXES, read_table
        from baycase.eval.testset import read_folder, read_shipped

        if self.folder is None:
            return read_shipped()
        if self.folder.suffix.lower() not in SUFFIXES or self.folder.is_dir():
            return read_folder(self.folder)
        if self.library is None:
            raise UsageError(f"{self.folder} is a sheet of questions; name the library it asks about with --library")
        from baycase.eval.locating import Locator
        from baycase.search.library import Library

        return read_table(self.folder, Locator(Library(self.library).documents()))


def _settings(k: int, read: bool | None, legs: str | None, model: str | None, reranker: str | None) -> "Settings":
    from baycase.eval.experiment import Settings
    from baycase.eval.matrix import legs_named

    return Settings(k, read, legs_named(legs.split(",")) if legs else None, model, reranker)
