"""The pages about the command line, made from what the commands say of themselves with --help.

    python docs/commands.py

writes docs/commands.md and the table between the two `commands` marks of README.md. It knows the
typer app, and nothing of what the commands do. tests/test_readme.py checks that both are up to date.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
import typer.main

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 110
MARKS = re.compile(r"(<!-- commands: made by docs/commands\.py -->\n).*?(<!-- /commands -->)", re.DOTALL)


def commands() -> Iterator[tuple[str, typer.Context]]:
    """Every command by its full name (`baycase eval compare`), with a context of its own; groups are not commands."""
    from baycase.cli import app

    yield from _inside(_context(typer.main.get_command(app), "baycase", None))


def _inside(context: Any) -> Iterator[tuple[str, typer.Context]]:
    members = getattr(context.command, "commands", None)
    if members is None:
        yield context.command_path, context
        return
    for name, command in members.items():
        yield from _inside(_context(command, name, context))


def _context(command: Any, name: str, parent: Any) -> Any:
    # Resilient: nothing is asked for and nothing runs.
    return command.make_context(name, [], parent, terminal_width=WIDTH, max_content_width=WIDTH, resilient_parsing=True)


def summary(context: typer.Context) -> str:
    """The first sentence of a command's help."""
    return (context.command.help or "").strip().split("\n")[0]


def examples(context: typer.Context) -> list[str]:
    """The command lines that its help gives as examples."""
    return re.findall(r"^\s*Example: (.*)$", context.command.help or "", re.MULTILINE)


def table() -> str:
    """One row a command, for the README."""
    rows = [f"| `{name}` | {summary(context)} | `{examples(context)[0]}` |" for name, context in commands()]
    return "\n".join(["| command | what it does | example |", "|---|---|---|", *rows]) + "\n"


def page() -> str:
    """All of docs/commands.md."""
    parts = [
        "# The commands\n\nMade by `python docs/commands.py` from what each command says with `--help`.\n"
        "What is common to all of them is in the [README](../README.md#the-command-line).\n"
    ]
    for name, context in commands():
        parts.append(f"## {name}\n\n```text\n{context.command.get_help(context).strip()}\n```\n")
    return "\n".join(parts)


def with_table(readme: str) -> str:
    """A README whose table of commands is up to date."""
    return MARKS.sub(lambda found: found[1] + table() + found[2], readme)


if __name__ == "__main__":
    (ROOT / "docs" / "commands.md").write_text(page(), encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(with_table(readme.read_text(encoding="utf-8")), encoding="utf-8")
