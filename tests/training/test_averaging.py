"""The mean of two adapters."""

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from baycase.training.averaging import main


def test_the_mean_lies_halfway_and_says_what_it_is(tmp_path: Path):
    for name, value in (("a", 1.0), ("b", 4.0)):
        save_file({"span.bias": torch.full((2,), value).half()}, tmp_path / name, {"rank": "16", "held_out": name})
    main([str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(tmp_path / "mean")])
    assert load_file(tmp_path / "mean")["span.bias"].tolist() == [2.5, 2.5]
    with safe_open(tmp_path / "mean", "pt") as file:
        facts = file.metadata()
    assert facts["rank"] == "16" and len(facts["mean_of"].split(", ")) == 2 and "held_out" not in facts


def test_files_of_two_kinds_are_refused(tmp_path: Path):
    save_file({"x": torch.zeros(2)}, tmp_path / "a")
    save_file({"x": torch.zeros(3)}, tmp_path / "b")
    with pytest.raises(ValueError, match="one must go on from the other"):
        main([str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(tmp_path / "mean")])
