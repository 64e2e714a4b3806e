"""The mean of two adapters of one line of training: what went on from a file, and the file it went on from.

    python -m baycase.training.averaging BEFORE.safetensors AFTER.safetensors --out search/reader.safetensors

A run on new material gains there and loses a little elsewhere; halfway between both ends most of the gain is
kept and the loss is not (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). Both have to be of one
line, or their low-rank factors do not belong together. It trains nothing.
"""

import argparse
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import load_file, save_file


def mean(before: Path, after: Path, out: Path) -> None:
    """Writes the mean in half precision with the later file's metadata and what it is the mean of.

    Raises ValueError where the files do not hold the same tensors.
    """
    first, second = load_file(before), load_file(after)
    if {name: t.shape for name, t in first.items()} != {name: t.shape for name, t in second.items()}:
        raise ValueError(f"{before.name} and {after.name} do not hold the same tensors: one must go on from the other")
    with safe_open(after, "pt") as file:
        facts = file.metadata() or {}
    facts["mean_of"] = ", ".join(sha256(path.read_bytes()).hexdigest() for path in (before, after))
    # The held-out figures are those of the later file, not of the mean.
    facts.pop("held_out", None)
    tensors = {name: ((first[name].float() + second[name].float()) / 2).half().contiguous() for name in first}
    save_file(tensors, out, facts)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="The mean of two adapters of one line of training.")
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    mean(options.before, options.after, options.out)


if __name__ == "__main__":
    main()
