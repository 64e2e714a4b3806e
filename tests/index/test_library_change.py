"""Any sequence of adding, replacing, removing and reopening leaves what a plain dict would hold."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from baycase.index.build import open_writer
from baycase.search.library import Library
from tests.index.survival import HashEncoder, check, document

NAMES = st.sampled_from(["a", "b", "c", "d"])
SEEDS = st.integers(0, 3)


class LibraryMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="library-"))
        self.expected: dict[str, str] = {}

    @initialize()
    def begin(self):
        self.put("a", 0)
        self.library = Library(self.folder, encoder=HashEncoder())

    def put(self, name, seed):
        made = document(name, seed)
        with open_writer(self.folder) as writer:
            change = writer.refresh([made], HashEncoder())
        word = "unchanged" if self.expected.get(name) == made.text else "changed" if name in self.expected else "added"
        assert getattr(change, word) == (name,)
        self.expected[name] = made.text

    @rule(name=NAMES, seed=SEEDS)
    def add_or_replace(self, name, seed):
        self.put(name, seed)

    @rule(names=st.lists(NAMES, min_size=2, max_size=4, unique=True), seed=SEEDS)
    def add_several(self, names, seed):
        with open_writer(self.folder) as writer:
            writer.refresh([document(name, seed) for name in names], HashEncoder())
        self.expected |= {name: document(name, seed).text for name in names}

    @rule(name=NAMES)
    def remove(self, name):
        if name in self.expected:
            with open_writer(self.folder) as writer:
                writer.remove([name], HashEncoder())
            del self.expected[name]

    @rule()
    def reopen(self):
        self.library = Library(self.folder, encoder=HashEncoder())

    @invariant()
    def holds_what_a_dict_would(self):
        if hasattr(self, "library"):
            assert {d.doc_id: d.text for d in self.library.documents()} == self.expected  # a running one notices
            check(self.folder)

    def teardown(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def _run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        LibraryMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_library_holds_what_a_dict_would():
    _run(6, 5)


@pytest.mark.soak
def test_a_library_holds_what_a_dict_would_three_hundred_times():
    _run(300, 10)
