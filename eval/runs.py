"""Saved evaluations: a folder a run, in the user's data folder or wherever `--runs` says.

    <name>/evaluation.json     figures, settings, the model's fingerprint, the code's version, the time
           questions.jsonl     one line a question: its values, its ranking, the sentence shown
           run-<subset>.trec   query-id Q0 doc-id rank score tag; scores are made from ranks

What a run was saved as is read back here and nowhere else.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import baycase
from baycase.errors import TestSetError, UsageError
from baycase.eval.evaluation import Evaluation
from baycase.places import default_library

_NAME = re.compile(r"[\w][\w.+@-]{0,99}")


@dataclass(frozen=True, slots=True)
class SavedRun:
    """`questions` are rows as `Evaluation.per_question` gives them."""

    name: str
    evaluation: Mapping[str, Any]
    questions: Sequence[Mapping[str, Any]]


def runs_folder() -> Path:
    """Beside the default library."""
    return default_library().parent / "runs"


def save(evaluation: Evaluation, name: str, folder: Path | None = None) -> Path:
    """Write a run; one of the same name is replaced. Returns its folder."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a run; use letters, digits and . _ - + @")
    root = folder or runs_folder()
    root.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=root))
    record = {"name": name, "saved": datetime.now(UTC).isoformat(timespec="seconds"), "code": code_version()}
    rows = evaluation.per_question()
    (draft / "evaluation.json").write_text(_json(record | evaluation.to_dict(), indent=1), encoding="utf-8")
    (draft / "questions.jsonl").write_text("".join(_json(row) + "\n" for row in rows), encoding="utf-8")
    for subset in evaluation.test_set.subsets:
        lines = [line for outcome in evaluation.outcomes if outcome.question.subset == subset
                 for line in trec_lines(outcome.question.id, outcome.ranking, name)]  # fmt: skip
        (draft / f"run-{subset}.trec").write_text("".join(lines), encoding="utf-8")
    draft.chmod(0o755)
    target = root / name
    if target.exists():
        shutil.rmtree(target)
    os.replace(draft, target)
    return target


def trec_lines(query_id: str, ranking: Sequence[str], tag: str) -> list[str]:
    """TREC's six columns; its fields cannot hold white space, which becomes `_`."""
    query, tag, *documents = (re.sub(r"\s", "_", text) for text in (query_id, tag, *ranking))
    count = len(documents)
    return [f"{query} Q0 {name} {rank} {count + 1 - rank} {tag}\n" for rank, name in enumerate(documents, 1)]


def load(name: str, folder: Path | None = None) -> SavedRun:
    """A run by its name, or by its folder's path."""
    root = folder or runs_folder()
    path = next((p for p in (root / name, Path(name)) if (p / "evaluation.json").is_file()), None)
    if path is None:
        known = sorted(p.parent.name for p in root.glob("*/evaluation.json"))
        raise TestSetError(
            f"no saved run {name!r} in {root}; there {_listed(known)}. Save one with  baycase eval --save NAME"
        )
    try:
        evaluation = json.loads((path / "evaluation.json").read_text(encoding="utf-8"))
        lines = (path / "questions.jsonl").read_text(encoding="utf-8").split("\n")
        return SavedRun(path.name, evaluation, [json.loads(line) for line in lines if line])
    except (OSError, ValueError) as error:
        raise TestSetError(f"the run in {path} cannot be read ({error}); save it again") from error


def code_version() -> str:
    """The package's version and, in a working copy, its commit."""
    root = Path(baycase.__file__).parent
    described = ""
    if (root / ".git").exists() and shutil.which("git"):
        done = subprocess.run(
            ["git", "-C", str(root), "describe", "--always", "--dirty"], capture_output=True, text=True, timeout=10
        )
        described = done.stdout.strip() if done.returncode == 0 else ""
    return f"{baycase.__version__} ({described})" if described else baycase.__version__


def _listed(names: Sequence[str]) -> str:
    return f"are {', '.join(names)}" if names else "is none"


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)
