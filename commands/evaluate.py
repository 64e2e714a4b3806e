"""`baycase eval`: a test set becomes figures; thin, the work is in the room eval."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from baycase.errors import UsageError

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
    sample: SampleOption = None,
    seed: SeedOption = 0,
    k: KOption = 10,
    read: ReadOption = None,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask every question of a test set and say how well it went.

    Example: baycase eval my-test-set --subset zh-Hans
    """
    from baycase.eval.experiment import Settings
    from baycase.eval.experiment import run as run_questions
    from baycase.eval.figures import subset_figures
    from baycase.eval.testlibrary import library_of
    from baycase.eval.testset import read_folder, read_shipped
    from baycase.index.encoder import open_encoder
    from baycase.search.library import Library
    from baycase.terminal import progress_bar

    test_set = read_folder(folder) if folder is not None else read_shipped()
    if subset:
        test_set = test_set.of_subsets(subset)
    if sample:
        test_set = test_set.sample(sample, seed)
    for problem in test_set.problems:
        typer.echo(f"baycase: {problem}", err=True)
    if library is None and folder is not None and test_set.corpus is None:
        raise UsageError(f"{folder} has no corpus.jsonl; name the library that it asks about with --library")
    settings = Settings(k=k, read=read, model=model)
    encoder = open_encoder(model)
    with progress_bar() as progress:
        opened = Library(library or library_of(test_set, encoder, progress), encoder=encoder)
        questions = [q for each in test_set.subsets.values() for q in each]
        outcomes = run_questions(opened, questions, settings, progress)
    subsets = {name: subset_figures([o for o in outcomes if o.question.subset == name]) for name in test_set.subsets}
    report = {"dataset": test_set.name, "subsets": subsets}
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        for name, figures in subsets.items():
            typer.echo(f"{name}: " + "  ".join(f"{metric} {value:.3f}" for metric, value in figures.items()))
