"""One line a file for ARCHITECTURE.md, out of the first line of each module's docstring.

    python docs/files.py

writes the list between the two `files` marks. It reads the code as text and imports nothing of it;
tests/test_readme.py checks that the list is up to date.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("", "corpus", "corpus/formats", "index", "search", "eval", "web", "commands", "training")
MARKS = re.compile(r"(<!-- files: made by docs/files\.py -->\n).*?(<!-- /files -->)", re.DOTALL)


def listing() -> str:
    """A list a room: the room's own line, then a line a module."""
    parts = []
    for room in ROOMS:
        folder = ROOT / room
        own = (
            first_line(folder / "__init__.py").removeprefix(f"{folder.name}: ")
            if room
            else "what all rooms share, and the entries"
        )
        rows = [
            f"- `{path.name}`: {first_line(path)}" for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"
        ]
        parts.append(f"**{room or 'the root'}**: {own}\n\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def first_line(path: Path) -> str:
    """What a module says of itself in its first line, without the full stop."""
    said = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]
    return said.rstrip(".")


def with_files(architecture: str) -> str:
    """An ARCHITECTURE.md whose list of files is up to date."""
    return MARKS.sub(lambda found: found[1] + listing() + found[2], architecture)


if __name__ == "__main__":
    page = ROOT / "ARCHITECTURE.md"
    page.write_text(with_files(page.read_text(encoding="utf-8")), encoding="utf-8")
