"""The package is the repository: what pyproject.toml lists, and the wheel made from it, are what the folders hold."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path, PurePosixPath

import pytest

import baycase

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
NOT_SHIPPED = {"build", "dist", "docs", "tests"}


def packages() -> set[str]:
    """Every folder with an __init__.py, by its package name."""
    found = {PurePosixPath(path.parent.relative_to(ROOT)) for path in ROOT.rglob("__init__.py")}
    kept = [p for p in found if not any(part.startswith(".") or part in NOT_SHIPPED for part in p.parts)]
    return {".".join(("baycase", *p.parts)) for p in kept}


def folder(package: str) -> Path:
    return ROOT.joinpath(*package.split(".")[1:])


def data_files() -> set[Path]:
    """What git keeps inside the packages and is no code, relative to the root; no page of documentation."""
    rooms = [p.split(".")[1] for p in packages() if p.count(".") == 1]
    tracked = subprocess.run(["git", "ls-files", "-z", *rooms], cwd=ROOT, capture_output=True, text=True, check=True)
    return {Path(name) for name in tracked.stdout.split("\0") if name and not name.endswith(".py")}


def test_every_folder_with_code_is_listed():
    assert set(SETUPTOOLS["packages"]) == packages()
    without = {p.parent for p in ROOT.glob("*/**/*.py") if not (p.parent / "__init__.py").exists()}
    strangers = {str(p.relative_to(ROOT)) for p in without if not _aside(p)}
    assert not strangers, "code that no package holds"


def _aside(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part.startswith(".") or part in NOT_SHIPPED for part in parts)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """The wheel, built without the network from a copy of what git keeps (and what it does not yet keep, but would)."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not name.startswith((".typing", "tests/")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        made,
        source,
    ]
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (file,) = made.glob("*.whl")
    return zipfile.Path(file)


@pytest.fixture(scope="module")
def members(wheel: zipfile.Path) -> set[str]:
    return {name for name in wheel.root.namelist() if not name.endswith("/")}


def test_the_wheel_holds_baycase_and_nothing_else(members):
    tops = {name.split("/")[0] for name in members}
    assert tops == {"baycase", f"baycase-{baycase.__version__}.dist-info"}
    assert not [name for name in members if "/tests/" in name or "/docs/" in name or ".typing" in name]


def test_the_wheel_holds_all_code(members):
    expected = {
        "baycase/" + path.relative_to(ROOT).as_posix()
        for package in packages()
        for path in folder(package).glob("*.py")
    }
    assert {name for name in members if name.endswith(".py")} == expected


def test_the_wheel_holds_all_data(members):
    missing = {path.as_posix() for path in data_files() if f"baycase/{path.as_posix()}" not in members}
    assert not missing
    assert "baycase/py.typed" in members and any(name.endswith("licenses/LICENSE") for name in members)


def test_the_sixteen_cases_travel_as_they_are(wheel):
    path = "corpus/cases/gba-rule-alignment-cases.txt"
    assert wheel.joinpath("baycase", *path.split("/")).read_bytes() == (ROOT / path).read_bytes()


def test_one_version():
    assert baycase.__version__ == PROJECT["project"]["version"] == version("baycase")
    assert re.search(
        rf"^## \[?{re.escape(baycase.__version__)}\]?", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )


def test_constraints_pin_what_anybody_can_install():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert "torch==2.13.0" in lines
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", line), line
    pinned = {_normal(line.split("==")[0]) for line in lines}
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    assert {_normal(re.split(r"[<>=!~;\[ ]", each)[0]) for each in asked} <= pinned


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_group_that_a_message_names_is_there():
    """`pip install 'baycase[ocr]'` and `pip install --group compare` in messages are what pyproject.toml offers."""
    extras, groups = set(), set()
    for package in packages():
        for path in folder(package).glob("*.py"):
            text = path.read_text(encoding="utf-8")
            extras |= set(re.findall(r"baycase\[([\w-]+)\]", text))
            groups |= set(re.findall(r"--group ([\w-]+)", text))
    assert extras and extras <= set(PROJECT["project"]["optional-dependencies"])
    assert groups <= set(PROJECT["dependency-groups"])
