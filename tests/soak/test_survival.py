"""Survival in full: thousands of kills, full disks, flipped bits and cut files. Hours on a busy machine; `make soak`.

What each experiment does and asserts is in tests/index/crasher.py; the counts are printed (`pytest -s`).
BAYCASE_SOAK_SEEDS sets the number of seeds (5).
"""

import os

import pytest

pytestmark = pytest.mark.soak
SEEDS = list(range(int(os.environ.get("BAYCASE_SOAK_SEEDS", "5"))))


def told(capsys, counts):
    with capsys.disabled():
        print("\n" + "\n".join(f"{number:6} {what}" for what, number in counts.items()))
    return counts


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_every_write_fsync_and_rename(crash, capsys, seed):
    counts = told(capsys, crash("kills", seeds=[seed], every=1))
    assert counts["kills"] >= 200
    assert counts["old"] and counts["new"] and counts["first commit"]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_full_disk_at_every_write(crash, capsys, seed):
    assert told(capsys, crash("full_disk", seeds=[seed], every=1))["full disks"] >= 200


def test_a_hundred_kills_at_random_times(crash, capsys):
    counts = told(capsys, crash("random_kills", count=100, commits=6))
    assert counts["kills"] == 100 and counts["kills after an acknowledgement"] >= 30


def test_a_thousand_flipped_bits(crash, capsys):
    counts = told(capsys, crash("flips", count=1000))
    assert counts["flips"] == 1000
    for place in ("in library.db", "in derived files"):
        assert counts[f"{place}, found by the doctor"] == counts[f"{place}, of what is stored there"]


def test_every_file_cut_deleted_and_zeroed(crash, capsys):
    assert told(capsys, crash("cuts", every=1))["files treated"] >= 100


def test_eight_readers_and_fifty_commits(crash, capsys):
    assert told(capsys, crash("readers", processes=8, commits=50))["answers"] >= 50
