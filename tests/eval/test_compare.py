"""Runs saved, read back and compared."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from baycase.errors import TestSetError, UsageError
from baycase.eval.compare import compare, paired_p
from baycase.eval.evaluation import evaluate
from baycase.eval.experiment import Settings
from baycase.eval.runs import SavedRun, load, save, trec_lines
from baycase.eval.testset import read_folder
from baycase.search.library import Library


def test_save_and_load(folder: Path, library: Library, tmp_path: Path) -> None:
    found = evaluate(read_folder(folder), library, Settings(k=10), timed=False)
    where = save(found, "first", tmp_path / "runs")
    run = load("first", tmp_path / "runs")
    assert run.evaluation["model"] == "pairs-1" and run.evaluation["settings"] == {"k": 10}
    assert run.evaluation["code"] and run.evaluation["subsets"]["zh"]["queries"] == 4
    assert [row["id"] for row in run.questions] == ["q1", "q2", "q3", "q4"]
    fields = [line.split(" ") for line in (where / "run-zh.trec").read_text(encoding="utf-8").splitlines()]
    assert all(len(row) == 6 and row[1] == "Q0" and row[5] == "first" for row in fields)
    first = [row for row in fields if row[0] == "q1"]
    assert [row[2] for row in first] == found.outcomes[0].ranking
    assert [int(row[3]) for row in first] == list(range(1, len(first) + 1))
    scores = [float(row[4]) for row in first]
    assert scores == sorted(set(scores), reverse=True)  # from ranks: no ties
    save(found, "first", tmp_path / "runs")  # a second time replaces it
    assert [p.name for p in (tmp_path / "runs").iterdir()] == ["first"]


def test_trec_fields_hold_no_white_space() -> None:
    assert trec_lines("a b", ["文 件"], "x") == ["a_b Q0 文_件 1 1 x\n"]


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".hidden"])
def test_a_name_is_no_path(name: str, folder: Path, library: Library, tmp_path: Path) -> None:
    found = evaluate(read_folder(folder), library, Settings(), timed=False)
    with pytest.raises(UsageError, match="no name for a run"):
        save(found, name, tmp_path)


def test_unknown_run(tmp_path: Path) -> None:
    with pytest.raises(TestSetError, match="no saved run 'x'"):
        load("x", tmp_path)


def _run(name: str, values: list[float]) -> SavedRun:
    rows = [
        {"id": str(n), "subset": "zh", "group": str(n), "text": f"问{n}", "ranking": ["d"], "sentence": "s",
         "values": {"recall@1": value, "right": value}}
        for n, value in enumerate(values)
    ]  # fmt: skip
    return SavedRun(name, {}, rows)


def test_compare_by_hand() -> None:
    found = compare(_run("a", [1, 0, 0, 1, 0]), _run("b", [1, 1, 1, 0, 0]))
    (only,) = found.differences
    assert (only.subset, only.metric, only.questions) == ("zh", "recall@1", 5)
    assert (only.a, only.b, only.difference) == (0.4, 0.6, 0.2)
    assert [c.id for c in found.gained] == ["1", "2"] and [c.id for c in found.lost] == ["3"]
    # Three differ: +1, +1, -1. Of the 8 sign patterns all but none reach |1|: p = 1.
    assert only.p == 1


def test_p_is_the_share_of_exchanges_as_extreme() -> None:
    a, b = np.zeros(6), np.array([1, 1, 1, 1, 1, 0.5])
    sums = [abs(sum(s * x for s, x in zip(signs, b, strict=True))) for signs in itertools.product((1, -1), repeat=6)]
    wanted = np.mean([total >= b.sum() - 1e-9 for total in sums])
    assert paired_p(a, b) == pytest.approx(wanted)  # 2 of 64
    assert paired_p(a, a) == 1


def test_nothing_in_common() -> None:
    other = _run("b", [1])
    other.questions[0]["text"] = "别的问题"  # type: ignore[index]
    with pytest.raises(TestSetError, match="no question in common"):
        compare(_run("a", [1]), other)
