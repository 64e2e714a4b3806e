"""The documents say what is true: commands exist with those options, files are there, made parts are fresh."""

import re
import runpy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import COMMANDS, DOCS, ROOT, parse

PAGES = (
    "README.md",
    "README.zh-CN.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "eval/questions/README.md",
)
FILES: dict[str, Any] = runpy.run_path(str(ROOT / "docs" / "files.py"))
MAKE = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def lines(page: str, first: str) -> list[str]:
    """Every line of code that begins with a word: in blocks, after `$ `, and between backticks."""
    text = text_of(page)
    blocks = [
        line.removeprefix("$ ").strip()
        for kind, block in _BLOCK.findall(text)
        if kind != "text"
        for line in block.splitlines()
    ]
    inline = re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", _BLOCK.sub("", text))
    code = [
        " ".join(line.split()).removeprefix(".venv/bin/").removeprefix(r".venv\Scripts" + "\\")
        for line in [*blocks, *inline]
    ]
    return [line for line in code if line.split()[:1] == [first]]


COMMAND_LINES = [
    (page, line) for page in PAGES for line in lines(page, "baycase") if "…" not in line and line != "baycase"
]


def test_the_documents_have_commands_in_them():
    assert len([page for page, _ in COMMAND_LINES if page == "README.md"]) > 15


@pytest.mark.parametrize("page, line", COMMAND_LINES)
def test_every_command_line_is_one_that_the_program_takes(page, line):
    """A command named alone (`baycase similar`) may lack its arguments; what has any must be taken as it stands."""
    alone = f"{line} run" if line == "baycase eval" else line
    if alone in COMMANDS or any(name.startswith(f"{alone} ") for name in COMMANDS):
        return
    assert parse(line) in {*COMMANDS, "baycase"}


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_python_script_and_module_is_there(page):
    for line in lines(page, "make"):
        targets = line.split("#")[0].split()[1:]
        assert set(targets) <= MAKE, line
    for line in [*lines(page, "python"), *re.findall(r"python -m baycase[\w.]*", text_of(page))]:
        if found := re.match(r"python (docs/\w+\.py)", line):
            assert (ROOT / found[1]).is_file(), line
        if found := re.match(r"(?:\S*)python -m (baycase[\w.]*)", line):
            assert find_spec(found[1].rstrip(".")), line


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if not re.match(r"[a-z]+://|#", target):
            assert ((ROOT / page).parent / target.split("#")[0]).exists(), target


@pytest.mark.parametrize("page", PAGES)
def test_every_path_in_the_text_is_there(page):
    rooms = "corpus|index|search|eval|web|commands|training|tests|docs"
    for path in re.findall(rf"`((?:{rooms})/[\w./-]*\w)`", _BLOCK.sub("", text_of(page))):
        assert (ROOT / path).exists(), path


def test_the_pages_about_commands_are_up_to_date():
    """Otherwise: make docs"""
    assert text_of("docs/commands.md") == DOCS["page"]()
    assert text_of("README.md") == DOCS["with_table"](text_of("README.md"))
    assert DOCS["table"]() in text_of("README.md")


def test_the_list_of_files_is_up_to_date():
    """Otherwise: make docs"""
    assert text_of("ARCHITECTURE.md") == FILES["with_files"](text_of("ARCHITECTURE.md"))
    assert FILES["listing"]() in text_of("ARCHITECTURE.md")


def test_every_file_says_something_of_itself():
    for room in FILES["ROOMS"]:
        for path in sorted((ROOT / room).glob("*.py")):
            assert FILES["first_line"](path), path


def test_the_chinese_readme_names_every_command():
    rows = re.findall(r"^\| `(baycase [\w ]+)` \|", text_of("README.zh-CN.md"), re.MULTILINE)
    assert sorted(rows) == sorted(COMMANDS)


def test_chinese_signs_between_chinese_words():
    prose = _BLOCK.sub("", text_of("README.zh-CN.md"))
    assert re.findall(r"[一-鿿][,;:!?()][ 一-鿿]", prose) == []
    assert re.findall(r"[一-鿿][A-Za-z0-9]|[A-Za-z0-9][一-鿿]", re.sub(r"`[^`]*`", "`", prose)) == []


def test_both_readmes_have_the_same_blocks_of_commands():
    def taken(page: str) -> list[str]:
        return [re.sub(r"\s+#.*", "", block) for kind, block in _BLOCK.findall(text_of(page)) if kind == "sh"]

    assert taken("README.md")[1:] == taken("README.zh-CN.md")[1:]


def test_every_example_shows_what_it_prints():
    """Otherwise: python docs/examples.py"""
    for page in ("README.md", "README.zh-CN.md"):
        (block,) = [block for kind, block in _BLOCK.findall(text_of(page)) if kind == "console"]
        commands, printed = (
            block.count("$ baycase"),
            [part for part in re.split(r"^\$ .*\n", block, flags=re.MULTILINE) if part.strip()],
        )
        assert commands == len(printed) > 3


def test_no_path_of_a_machine():
    for page in [*PAGES, "docs/commands.md"]:
        assert not re.search(r"(?<![\w.~])/(home|root|work|tmp|Users)/", text_of(page)), page
        assert Path.home().as_posix() == "/" or Path.home().as_posix() not in text_of(page)
