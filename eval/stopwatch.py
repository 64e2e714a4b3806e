"""How long things take on a machine that may be busy with other work: repeats by turns, ratios within one run.

Every time has two figures: the shortest on the clock, and the processor time of that repeat over
all cores. The first is what a user waits for; the second hardly changes when others use the machine.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Time:
    """Seconds: `wall` on the clock, `processor` summed over cores."""

    wall: float
    processor: float

    def each(self, count: int) -> "Time":
        return Time(self.wall / count, self.processor / count)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what took how long, and what the alternative took in the same run."""

    what: str
    time: Time
    against: str = ""
    other: Time | None = None
    p95: float | None = None
    memory_mb: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times as long the alternative takes on the clock."""
        return self.other.wall / self.time.wall if self.other else None

    @property
    def processor_ratio(self) -> float | None:
        return self.other.processor / max(self.time.processor, 1e-9) if self.other else None

    def to_dict(self) -> dict[str, Any]:
        """Milliseconds; ratios above 1 say that BayCase is the quicker one."""

        def shown(seconds: float | None) -> float | None:
            return None if seconds is None else round(seconds * 1000, 3)

        return {
            "what": self.what, "ms": shown(self.time.wall), "processor_ms": shown(self.time.processor),
            "p95_ms": shown(self.p95), "against": self.against or None,
            "other_ms": shown(self.other and self.other.wall),
            "other_processor_ms": shown(self.other and self.other.processor),
            "ratio": self.ratio and round(self.ratio, 2),
            "processor_ratio": self.processor_ratio and round(self.processor_ratio, 2),
            "memory_mb": self.memory_mb and round(self.memory_mb, 1),
        }  # fmt: skip


def timed(work: Callable[[], Any]) -> Time:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Time(time.perf_counter() - wall, time.process_time() - processor)


def by_turns(works: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, Time]:
    """The shortest time of each, after one call to warm up; by turns, so that a busy minute hits all of them."""
    taken: dict[str, list[Time]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(timed(work))
    return {name: Time(min(t.wall for t in times), min(t.processor for t in times)) for name, times in taken.items()}


def one_by_one(work: Callable[[str], Any], texts: Sequence[str]) -> tuple[Time, float]:
    """The median time of a text, and the 95th percentile on the clock in seconds."""
    times = [timed(lambda text=text: work(text)) for text in texts]
    walls = [t.wall for t in times]
    processor = float(np.median([t.processor for t in times]))
    return Time(float(np.median(walls)), processor), float(np.percentile(walls, 95))


# Run by the child: what getrusage says of a child's memory begins with that of the process that made it.
_TELL_MEMORY = """
import re, sys
from pathlib import Path
from baycase.cli import main
try:
    main()
finally:
    status = Path("/proc/self/status")
    if status.exists():
        print(re.search(r"VmHWM:\\s*(\\d+)", status.read_text())[1], file=sys.stderr)
"""


def process(arguments: Sequence[str], environment: Mapping[str, str], rounds: int) -> tuple[Time, float | None]:
    """`python -m baycase …` as a new process: its shortest time, and the most memory it held in MB (Linux)."""
    outside = os.environ | dict(environment)
    times = []
    for _ in range(rounds):
        wall, before = time.perf_counter(), os.times()
        done = subprocess.run([sys.executable, "-m", "baycase", *arguments], env=outside, stdout=subprocess.DEVNULL)
        wall, after = time.perf_counter() - wall, os.times()
        if done.returncode:
            raise RuntimeError(f"baycase {' '.join(arguments)} ended with {done.returncode}")
        used = after.children_user + after.children_system - before.children_user - before.children_system
        times.append(Time(wall, used))
    program = [sys.executable, "-c", _TELL_MEMORY, *arguments]
    told = subprocess.run(program, env=outside, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    last = told.stderr.split()[-1:]
    memory = int(last[0]) / 1024 if last and last[0].isdigit() else None
    return Time(min(t.wall for t in times), min(t.processor for t in times)), memory
