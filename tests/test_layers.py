"""The house stands: data flows one way between the rooms, and each library stays behind the door it came in by."""

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("corpus", "index", "search", "eval", "training", "web", "commands")

DOORS = {
    "bm25s": {"index/lexical.py", "training"},
    "faiss": {"index/dense.py", "eval/speed.py"},
    "gradio": {"web"},
    "ir_measures": {"eval"},
    "opencc": {"corpus/folding.py", "training"},
    "pypdfium2": {"corpus/formats"},
    "sentence_transformers": {"index/encoder.py", "search/rerank.py", "eval/speed.py"},
    "sqlite3": {"index"},
    "typer": {"cli.py", "commands"},
}


def test_the_contracts_hold():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0 and "2 kept, 0 broken" in done.stdout, done.stdout


def imports() -> dict[str, set[str]]:
    """What each file of the package imports, by the first word of the module's name."""
    found: dict[str, set[str]] = defaultdict(set)
    files = [*ROOT.glob("*.py"), *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = path.relative_to(ROOT).as_posix()
            if isinstance(node, ast.Import):
                found[name] |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{name}, line {node.lineno}: a relative import"
                found[name].add((node.module or "").split(".")[0])
    return found


def test_rooms_are_imported_by_their_full_names():
    """A bare `import search` would load a second copy of the room."""
    for name, modules in imports().items():
        assert not modules & {*ROOMS, "ui", "cli", "errors", "places", "terminal"}, name


def test_each_library_is_used_behind_its_door():
    strays = {
        (library, name)
        for name, modules in imports().items()
        for library, doors in DOORS.items()
        if library in modules and not any(name == door or name.startswith(f"{door}/") for door in doors)
    }
    assert not strays


def test_every_door_is_used():
    used = {library for modules in imports().values() for library in modules}
    assert set(DOORS) <= used


def test_every_module_says_what_it_holds():
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), path.relative_to(ROOT)
