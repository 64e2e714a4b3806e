"""Runs the examples of the READMEs on the shipped cases and writes what they print into them.

    python docs/examples.py

An example is a line `$ baycase …` in a block marked `console`. What it prints is shortened to LINES lines of
WIDTH characters; `…` stands for the rest. The library is a new one, which the first example makes.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh-CN.md")
BLOCK = re.compile(r"(```console\n)(.*?)(```)", re.DOTALL)
LINES, WIDTH = 7, 150
SHOWN_LIBRARY = "~/.local/share/baycase/library"
PROPOSAL = "拟在珠海试行港澳车辆网上申请入境。同时推动车险互认，减免担保。设立太空旅游签证快速通道。\n"


def examples(markdown: str) -> list[str]:
    """The command lines of a README's `console` blocks, as they stand there."""
    return [line[2:] for block in BLOCK.findall(markdown) for line in block[1].splitlines() if line.startswith("$ ")]


def shortened(printed: str) -> str:
    lines = [line if len(line) <= WIDTH else line[: WIDTH - 1] + "…" for line in printed.rstrip().splitlines()]
    return "\n".join(lines if len(lines) <= LINES else [*lines[:LINES], "…"]) + "\n"


def printed_by(line: str, folder: Path) -> str:
    """What an example prints, run in `folder` with a library there."""
    environment = os.environ | {"BAYCASE_LIBRARY": str(folder / "library")}
    command = [sys.executable, "-m", *shlex.split(line)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{line}: exit {done.returncode}: {done.stderr}")
    return (done.stdout + done.stderr).replace(str(folder / "library"), SHOWN_LIBRARY)


def main() -> None:
    outputs: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "proposal.txt").write_text(PROPOSAL, encoding="utf-8")
        for line in (line for name in READMES for line in examples((ROOT / name).read_text(encoding="utf-8"))):
            if line not in outputs:
                outputs[line] = shortened(printed_by(line, folder))
    for name in READMES:  # read anew: somebody may have edited it meanwhile
        path = ROOT / name
        path.write_text(with_outputs(path.read_text(encoding="utf-8"), outputs), encoding="utf-8")


def with_outputs(markdown: str, outputs: dict[str, str]) -> str:
    """A README in which every example is followed by what it prints."""
    return BLOCK.sub(lambda found: found[1] + _block(examples(found[0]), outputs) + found[3], markdown)


def _block(lines: list[str], outputs: dict[str, str]) -> str:
    return "\n".join(f"$ {line}\n{outputs[line]}" for line in lines)


if __name__ == "__main__":
    main()
