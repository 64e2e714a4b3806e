"""A small sample of each way to be killed, filled up, flipped and cut; `make soak` does all of it.

What the experiments do and assert is in crasher.py; here it is seen that they took place.
"""

import re


def test_killed_at_any_step_a_library_is_old_or_new(crash):
    counts = crash("kills", seeds=[0], every=40)
    assert counts["kills"] >= 20
    assert counts["old"] and counts["new"]
    assert counts["first commit"] and counts["replace"]


def test_a_full_disk_leaves_the_old_library(crash):
    counts = crash("full_disk", seeds=[0], every=40, names=["first commit", "replace"])
    assert counts["full disks"] >= 8
    assert counts["a clear line, the old library"]


def test_acknowledged_documents_survive_kills_at_random_times(crash):
    counts = crash("random_kills", count=4, commits=6)
    assert counts["kills"] == 4
    assert counts["documents acknowledged"]


def test_flipped_bits_never_give_a_wrong_answer(crash):
    counts = crash("flips", count=40)
    assert counts["flips"] == 40
    for place in ("in library.db", "in derived files"):
        assert counts[f"{place}, found by the doctor"] == counts[f"{place}, of what is stored there"]
    assert counts["in derived files, found by the doctor"] == 20


def test_the_doctor_mends_cut_files(crash):
    counts = crash("cuts", every=60)
    assert counts["files treated"] >= 8
    assert counts["one clear line"]


def test_every_answer_is_of_one_generation(crash):
    counts = crash("readers", processes=3, commits=4)
    assert counts["answers"] >= 3


def test_data_is_on_the_disk_before_its_name_and_its_name_before_the_commit(crash):
    steps = [tuple(step) for step in crash("trace")["steps"]]
    draft = next(re.match(r"generations/\.(\d+)\.draft", path) for _, path in steps if ".draft" in path)
    where = {step: number for number, step in enumerate(steps)}  # of steps that repeat, the last one
    written = {path for kind, path in steps if kind == "create" and path.startswith(draft[0] + "/")}
    assert len(written) > 10
    manifest = f"{draft[0]}/manifest.json"
    for path in written - {manifest}:
        # A file's bytes are synced after they are written, and before the manifest that lists them is begun.
        assert where["write", path] < where["fsync", path] < where["create", manifest]
    published = where["rename", f"generations/{draft[1]}"]
    assert where["write", manifest] < where["fsync", manifest] < where["fsync", draft[0]] < published
    assert published < where["fsync", "generations"]
    # The commit: the journal that could undo the change is on the disk, then the change, then the journal goes.
    commits = [number for number, step in enumerate(steps) if step == ("unlink", "library.db-journal")]
    commit = max(commits)
    changed = max(number for number, step in enumerate(steps) if step == ("write", "library.db"))
    synced = max(number for number, step in enumerate(steps) if step == ("fsync", "library.db"))
    assert where["fsync", "generations"] < changed < synced < commit
    assert steps[commit + 1][0] == "fsync"  # of the folder: the journal is gone for good
