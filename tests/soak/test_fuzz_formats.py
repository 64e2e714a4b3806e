"""Thousands of damaged files of each format through the sandbox: none takes the reader down, none is read wrongly.

How many of each end in what is printed (`pytest -s`). BAYCASE_FUZZ sets the number of inputs (2,000).
"""

import os
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baycase.corpus.folders import files_under
from baycase.corpus.limits import LIMITS
from baycase.corpus.reader import read_shipped
from baycase.corpus.sandbox import Sandbox
from tests.corpus.formats import fuzzing

pytestmark = pytest.mark.soak
INPUTS = int(os.environ.get("BAYCASE_FUZZ", "2000"))


@pytest.mark.parametrize("suffix", fuzzing.FORMATS)
def test_damaged_files(suffix, tmp_path_factory, capsys):
    folder = tmp_path_factory.mktemp(suffix)
    seeds = fuzzing.seeds(suffix, folder, list(read_shipped()))
    path = folder / f"damaged.{suffix}"
    counts: Counter[str] = Counter()
    slowest = 0.0

    @settings(max_examples=INPUTS, deadline=None, suppress_health_check=fuzzing.UNHURRIED, database=None)
    @given(st.sampled_from(seeds), st.floats(0, 1, exclude_max=True), fuzzing.mutations)
    def damage(seed, which, steps):
        nonlocal slowest
        inside = suffix in fuzzing.ARCHIVES and which < 0.9
        path.write_bytes(fuzzing.mutated_archive(seed, which / 0.9, steps) if inside else fuzzing.mutated(seed, steps))
        started = time.monotonic()
        word = fuzzing.outcome(sandbox, path)
        slowest = max(slowest, time.monotonic() - started)
        counts[word] += 1
        if word in ("child died", "unforeseen"):
            keep = folder / f"{word.replace(' ', '-')}-{counts[word]}.{suffix}"
            keep.write_bytes(path.read_bytes())

    with Sandbox(LIMITS) as sandbox:
        damage()
    with capsys.disabled():
        print(f"\n{fuzzing.report(counts, suffix)}; the slowest took {slowest:.1f} s")
    assert counts["read"] and counts.total() >= INPUTS


def test_ten_thousand_tiny_files(tmp_path, capsys):
    for number in range(10_000):
        path = tmp_path / f"{number}.{('txt', 'md', 'csv', 'html')[number % 4]}"
        path.write_text(f"title,text\n题{number},一句话。\n", "utf-8")
    started = time.monotonic()
    with Sandbox() as sandbox:
        read = [sandbox.read_documents(path) for path in files_under(tmp_path)]
    seconds = time.monotonic() - started
    with capsys.disabled():
        print(f"\n10,000 tiny files: {seconds:.1f} s")
    assert len(read) == 10_000 and all(read)
    assert seconds < 120
