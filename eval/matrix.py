"""Several settings over one test set: a row a setting, from one command.

    name                       what it changes
    default                    nothing
    legs=dense+sentence        only these legs
    -gloss                     all legs but these (-gloss-gloss_cover leaves two out)
    read / no-read             with or without the reader
    model=FOLDER               another embedding model
    reranker=NAME              a reranker
    k=20                       hits from so many documents

A setting may combine several, with commas: `no-read,legs=dense+terms`.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from baycase.errors import UsageError
from baycase.eval.evaluation import evaluate
from baycase.eval.experiment import Settings
from baycase.eval.markdown import table
from baycase.eval.testlibrary import open_library
from baycase.eval.testset import TestSet
from baycase.index.build import Progress, no_progress
from baycase.search.library import Library
from baycase.search.scorer import load_weights

SHOWN = ("recall@1", "recall@8", "answer@1", "sentence@1", "sentence@3", "auroc_near", "ece", "aurc")


def known_legs() -> list[str]:
    """The legs of passages that some language gives a weight."""
    return sorted({leg for weights in load_weights().values() for leg in weights["passage"]})


def legs_named(names: Sequence[str]) -> tuple[str, ...]:
    """The names, checked; raises UsageError for one that is no leg."""
    known = known_legs()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"there is no leg {unknown[0]!r}; the legs are {', '.join(known)}")
    return tuple(names)


def setting(name: str, base: Settings) -> Settings:
    """The settings that a name of a row says. Raises UsageError for what it does not know."""
    for part in name.split(","):
        key, _, value = part.partition("=")
        if part == "default":
            continue
        elif part in ("read", "no-read"):
            base = replace(base, read=part == "read")
        elif part.startswith("-"):
            without = legs_named(part[1:].split("-"))
            base = replace(base, legs=tuple(leg for leg in base.legs or known_legs() if leg not in without))
        elif key == "legs" and value:
            base = replace(base, legs=legs_named(value.split("+")))
        elif key == "model" and value:
            base = replace(base, model=value)
        elif key == "reranker" and value:
            base = replace(base, reranker=value)
        elif key == "k" and value.isdecimal() and int(value) >= 10:
            base = replace(base, k=int(value))
        else:
            raise UsageError(
                f"{part!r} is no setting; expected default, legs=dense+sentence, -gloss, read, no-read, model=FOLDER, "
                "reranker=NAME or k=20"
            )
    return base


def run_matrix(
    test_set: TestSet, library: Path | None, names: Sequence[str], base: Settings, progress: Progress = no_progress
) -> dict[str, Any]:
    """Setting → the evaluation's JSON without its misses. All settings are checked before the first runs."""
    settings = {name: setting(name, base) for name in names}
    opened: dict[tuple[str | None, str | None], Library] = {}
    rows = {}
    for name, chosen in settings.items():
        models = chosen.model, chosen.reranker
        if models not in opened:
            opened[models] = open_library(test_set, library, chosen.model, progress, chosen.reranker)
        evaluation = evaluate(test_set, opened[models], chosen, progress, timed=False, explained=False)
        rows[name] = evaluation.to_dict()
    return {"dataset": test_set.name, "settings": rows}


def matrix_table(matrix: dict[str, Any], metrics: Sequence[str] = SHOWN) -> str:
    """A row a setting and subset, Markdown."""
    rows = []
    groups = [
        (name, subset, figures) for name, record in matrix["settings"].items()
        for subset, figures in record["subsets"].items()
    ]  # fmt: skip
    shown = [metric for metric in metrics if any(metric in figures for *_, figures in groups)]
    for name, subset, figures in groups:
        rows.append([name, subset, *(f"{figures[m]:.3f}" if m in figures else "" for m in shown)])
    return table(rows, ["setting", "subset", *shown])
