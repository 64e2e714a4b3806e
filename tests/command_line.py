"""The command line as tests see it: every command, whether a line parses, and a command run in this process."""

import re
import runpy
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
import typer.main

from baycase.cli import app, main

ROOT = Path(__file__).resolve().parents[1]
DOCS: dict[str, Any] = runpy.run_path(str(ROOT / "docs" / "commands.py"))
COMMANDS: dict[str, typer.Context] = dict(DOCS["commands"]())
_ENDS = re.compile(r"\s+(#|\||>|2>|&&).*$")


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


def run(arguments: Sequence[str], capsys, monkeypatch) -> Outcome:
    """What `baycase …` prints and how it exits, without another process."""
    monkeypatch.setattr("sys.argv", ["baycase", *arguments])
    capsys.readouterr()
    try:
        main()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    return Outcome(code, *capsys.readouterr())


def parse(line: str) -> str:
    """The full name of the command that a line `baycase …` calls, nothing run; raises where it would not be taken."""
    words = shlex.split(_ENDS.sub("", line))
    assert words[0] == "baycase", line
    command: Any = typer.main.get_command(app)
    name, rest, context = "baycase", words[1:], None
    try:
        while hasattr(command, "commands"):
            context = command.make_context(name, rest, context)
            name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        return command.make_context(name, rest, context).command_path
    except typer.Exit:  # --help and --version
        return context.command_path if context else "baycase"
