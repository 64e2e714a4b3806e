"""Fifty damaged files a format; thousands of them are read by the soak tests."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baycase.corpus.limits import LIMITS
from baycase.corpus.sandbox import Sandbox
from tests.corpus.formats import fuzzing


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(LIMITS) as opened:
        yield opened


@pytest.mark.parametrize("suffix", fuzzing.FORMATS)
def test_damaged_files_are_read_or_refused(suffix, sandbox, tmp_path_factory, shipped):
    folder: Path = tmp_path_factory.mktemp(suffix)
    seeds = fuzzing.seeds(suffix, folder, shipped)
    path = folder / f"damaged.{suffix}"

    @settings(max_examples=50, deadline=None, suppress_health_check=fuzzing.UNHURRIED, derandomize=True, database=None)
    @given(st.sampled_from(seeds), st.floats(0, 1, exclude_max=True), fuzzing.mutations)
    def damage(seed, which, steps):
        inside = suffix in fuzzing.ARCHIVES and which < 0.9
        path.write_bytes(fuzzing.mutated_archive(seed, which / 0.9, steps) if inside else fuzzing.mutated(seed, steps))
        assert fuzzing.outcome(sandbox, path) != "child died"

    damage()
