"""Experiments that take processes down; run as a program with faults.so loaded, one JSON object comes out.

    python -m tests.index.crasher EXPERIMENT FOLDER ARGUMENTS-AS-JSON

The program forks a child for what is to be killed, so that each costs no start; the parent uses no threads.
"""

import ctypes
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from baycase.corpus.reader import read_shipped
from baycase.errors import BayCaseError
from baycase.index.build import open_writer
from baycase.index.database import FILE
from baycase.index.doctor import examine, treat
from baycase.search.library import Library
from tests.index.survival import (
    HashEncoder,
    answers,
    check,
    document,
    held,
    put,
    remove,
    render,
    stored_values,
)

COUNT, KILL, TORN, FULL, FULL_FROM = range(5)
CLEAR_ERROR, BUG = 3, 4
faults = ctypes.CDLL(None)
faults.faults_arm.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_long, ctypes.c_int]
faults.faults_disarm.restype = ctypes.c_long


def changes(seed: int) -> dict[str, tuple[Callable[[Path], None], Callable[[Path], None]]]:
    """Name → what makes the library that is changed, and the change."""
    names = [f"d{seed}{letter}" for letter in "abc"]
    first, other = [document(name, seed) for name in names], document(names[1], seed + 100)
    return {
        "first commit": (lambda folder: None, lambda folder: put(folder, first)),
        "add": (lambda folder: put(folder, first[:2]), lambda folder: put(folder, first[2:])),
        "replace": (lambda folder: put(folder, first), lambda folder: put(folder, [other])),
        "remove": (lambda folder: put(folder, first), lambda folder: remove(folder, names[0])),
        "render": (lambda folder: put(folder, first), lambda folder: render(folder, first[0])),
    }


def in_child(work: Callable[[], object], folder: Path, mode: int = -1, at: int = 0) -> int:
    """Run in a forked child and wait: its status as waitpid gives it."""
    child = os.fork()
    if child == 0:
        try:
            if mode >= 0:
                faults.faults_arm(str(folder).encode(), mode, at, -1)
            work()
        except BayCaseError as error:
            faults.faults_disarm()
            os._exit(CLEAR_ERROR if "\n" not in str(error) else BUG)
        except BaseException:
            faults.faults_disarm()
            import traceback

            traceback.print_exc()
            os._exit(BUG)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def steps_of(work: Callable[[], object], folder: Path) -> list[str]:
    """What a run does to files, in order: `fsync`, `rename`, …, each with its path."""
    log = folder.with_name(folder.name + ".log")
    descriptor = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    child = os.fork()
    if child == 0:
        faults.faults_arm(str(folder).encode(), COUNT, 0, descriptor)
        work()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    os.close(descriptor)
    return log.read_text().splitlines()


def _prepared(
    folder: Path, prepare: Callable[[Path], None], change: Callable[[Path], None]
) -> tuple[Path, list, object, object]:
    """The library before a change, the steps of the change, and what is held before and after it."""
    base, after = folder / "base", folder / "after"
    for path in (base, after):
        shutil.rmtree(path, ignore_errors=True)
    prepare(base)
    if base.exists():
        shutil.copytree(base, after)
    steps = steps_of(lambda: change(after), after)
    return base, steps, held(base), held(after)


def _fresh(base: Path) -> Path:
    work = base.with_name("work")
    shutil.rmtree(work, ignore_errors=True)
    if base.exists():
        shutil.copytree(base, work)
    return work


def kills(folder: Path, seeds: list[int], every: int, names: list[str] | None = None) -> dict:
    """Kill at every (`every`-th) call that changes a file: before it, and in the middle of a write."""
    counts: Counter[str] = Counter()
    for seed in seeds:
        for name, (prepare, change) in changes(seed).items():
            if names and name not in names:
                continue
            base, steps, before, after = _prepared(folder, prepare, change)
            last = len(steps) + 1  # the commit and what follows it are among the last three steps
            for at in sorted({*range(1 + seed % every, last, every), last - 3, last - 2, last - 1}):
                kind = steps[at - 1].split("\t")[0]
                mode = TORN if kind == "write" and at % 2 else KILL
                work = _fresh(base)
                status = in_child(lambda change=change, work=work: change(work), work, mode, at)
                assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (
                    name,
                    at,
                    steps[at - 1],
                    status,
                )
                found = held(work)
                assert found in (before, after), (name, at, steps[at - 1])
                counts["old" if found == before else "new"] += 1
                counts[f"at {kind}" + (" (half written)" if mode == TORN else "")] += 1
                counts[name] += 1
                if found is not None:
                    assert examine(work) == ([], []), (name, at, steps[at - 1], examine(work))
                    answers(work)
                if name != "remove" or found == before:
                    change(work)
                assert held(work) == after, (name, at, steps[at - 1])
                check(work)
                counts["kills"] += 1
    return counts


def full_disk(folder: Path, seeds: list[int], every: int, names: list[str] | None = None) -> dict:
    """No space at each write in turn, once for that write only, once from there on."""
    counts: Counter[str] = Counter()
    for seed in seeds:
        for name, (prepare, change) in changes(seed).items():
            if names and name not in names:
                continue
            base, steps, before, after = _prepared(folder, prepare, change)
            fills = [n for n, step in enumerate(steps, 1) if step.split("\t")[0] in ("write", "create", "mkdir")]
            for at in fills[seed % every :: every]:
                for mode in (FULL, FULL_FROM):
                    work = _fresh(base)
                    status = in_child(lambda change=change, work=work: change(work), work, mode, at)
                    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
                    assert code in (0, CLEAR_ERROR), (name, at, steps[at - 1], status)
                    found = held(work)
                    assert found in (before, after), (name, at, steps[at - 1])
                    assert code == CLEAR_ERROR or found == after, (name, at, steps[at - 1])
                    if found is not None:
                        assert examine(work) == ([], []), (name, at, steps[at - 1])
                        answers(work)
                    if name != "remove" or found == before:
                        change(work)
                    assert held(work) == after
                    check(work)
                    counts["a clear line, the old library" if found == before else "went on, the new library"] += 1
                    counts["full disks"] += 1
    return counts


def random_kills(folder: Path, count: int, commits: float) -> dict:
    """Kills at random times while one library grows; a document is acknowledged once `refresh` has returned.

    Each falls within the time that so many commits take just then, on a machine that may be busy.
    """
    library, acknowledged = folder / "growing", {}
    draw, counts, number = random.Random(7), Counter(), 0
    one_s = 0.5
    while counts["kills"] < count:
        readable, writable = os.pipe()
        child = os.fork()
        if child == 0:
            with os.fdopen(writable, "w") as pipe:
                for next_number in range(number, number + 1000):
                    name = f"n{next_number % 40}"  # the fortieth replaces the first
                    with open_writer(library, wait_s=60) as writer:
                        writer.refresh([document(name, next_number)], HashEncoder())
                    print(name, next_number, file=pipe, flush=True)
        os.close(writable)
        lived_s = draw.uniform(0, commits * one_s)
        time.sleep(lived_s)
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        counts["kills"] += 1
        with os.fdopen(readable) as pipe:
            told = [line.split() for line in pipe.read().splitlines()]
        one_s = 0.5 * one_s + 0.5 * (lived_s / len(told) if told else 2 * one_s)
        for name, seed in told:
            acknowledged[name] = int(seed)
            number = int(seed) + 1
        found = held(library) or {}
        for name, seed in acknowledged.items():
            # The one that was under way may have been committed without having been acknowledged.
            versions = {document(name, s).text for s in {seed, *({number} if name == f"n{number % 40}" else ())}}
            assert found.get(name) in versions, f"{name} was acknowledged and is not there"
        if found:
            assert examine(library) == ([], [])
        counts["documents acknowledged"] += len(told)
        counts["kills after an acknowledgement"] += bool(told)
    check(library)
    return counts


def _outcome(folder: Path, expected: str) -> str:
    def look() -> None:
        if answers(folder) != expected:
            os._exit(9)

    status = in_child(look, folder)
    if not os.WIFEXITED(status):
        return f"signal {os.WTERMSIG(status)}"
    return {0: "the right answer", CLEAR_ERROR: "one clear line", 9: "A WRONG ANSWER"}.get(
        os.WEXITSTATUS(status), "A TRACEBACK"
    )


def _full_library(folder: Path) -> Path:
    """Real cases, whose fields, passages and sentences fill the database's pages: most bytes of it mean something."""
    library = folder / "library"
    documents = [*islice(read_shipped(), 6), document("f", 3)]
    put(library, documents)
    render(library, documents[0])
    return library


def _files(library: Path) -> list[Path]:
    number = max(int(p.name) for p in (library / "generations").iterdir())
    return [library / FILE, *sorted(p for p in (library / "generations" / str(number)).rglob("*") if p.is_file())]


def flips(folder: Path, count: int) -> dict:
    """Single flipped bits in every file: half of them in library.db, the rest over the generation's files."""
    library = _full_library(folder)
    expected, pristine, draw = answers(library), stored_values(library), random.Random(11)
    files, counts = _files(library), Counter()
    for number in range(count):
        path = files[0] if number % 2 else files[1 + number // 2 % (len(files) - 1)]
        data = path.read_bytes()
        bit = draw.randrange(8 * len(data))
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        outcome = _outcome(library, expected)
        assert outcome in ("the right answer", "one clear line"), (path, bit, outcome)
        counts["flips"] += 1
        counts[outcome] += 1
        kind = "in library.db" if path.name == FILE else "in derived files"
        counts[kind] += 1
        if path.name != FILE or stored_values(library) != pristine:
            counts[f"{kind}, of what is stored there"] += 1
            counts[f"{kind}, found by the doctor"] += _doctor_finds(library)
        path.write_bytes(data)
        if number % 100 == 99:
            print(f"{number + 1} flips", file=sys.stderr, flush=True)
    assert answers(library) == expected
    return counts


def _doctor_finds(library: Path) -> bool:
    def look() -> None:
        os._exit(0 if examine(library) == ([], []) else CLEAR_ERROR)

    status = in_child(look, library)
    assert os.WIFEXITED(status) and os.WEXITSTATUS(status) in (0, CLEAR_ERROR), status
    return os.WEXITSTATUS(status) == CLEAR_ERROR


def cuts(folder: Path, every: int) -> dict:
    """Each file cut at 0, 1, half and n-1 bytes, deleted, and filled with zeros; then the doctor."""
    library = _full_library(folder)
    expected, base, counts = answers(library), folder / "base", Counter()
    shutil.copytree(library, base)
    ways: dict[str, Callable[[Path, bytes], object]] = {
        "cut at 0": lambda path, data: path.write_bytes(b""),
        "cut at 1": lambda path, data: path.write_bytes(data[:1]),
        "cut in half": lambda path, data: path.write_bytes(data[: len(data) // 2]),
        "cut at n-1": lambda path, data: path.write_bytes(data[:-1]),
        "deleted": lambda path, data: path.unlink(),
        "zeroed": lambda path, data: path.write_bytes(bytes(len(data))),
    }
    cases = [(path.relative_to(library), way) for path in _files(library) for way in ways]
    # A sample takes every way with library.db, and every n-th case of the rest.
    for relative, way in cases[:6] + cases[6::every]:
        shutil.rmtree(library)
        shutil.copytree(base, library)
        data = (library / relative).read_bytes()
        ways[way](library / relative, data)
        outcome = _outcome(library, expected)
        assert outcome in ("the right answer", "one clear line"), (relative, way, outcome)
        counts[outcome] += 1
        status = in_child(lambda: os._exit(0 if treat(library, HashEncoder).sound else BUG), library)
        assert status == 0, (relative, way, "the doctor", status)
        assert _outcome(library, expected) == "the right answer", (relative, way, "after the doctor")
        check(library)
        counts[way] += 1
        counts[f"{way}: {outcome}"] += 1
        counts["library.db" if relative.name == FILE else "derived"] += 1
        counts["files treated"] += 1
    return counts


def readers(folder: Path, processes: int, commits: int) -> dict:
    """Readers ask all the time while a writer replaces every document, commit after commit."""
    library, stop = folder / "read", folder / "stop"
    names = ["ra", "rb", "rc"]
    put(library, [document(name, 0) for name in names])
    versions = {seed: {name: document(name, seed).text for name in names} for seed in range(commits + 1)}
    children = []
    for _ in range(processes):
        readable, writable = os.pipe()
        child = os.fork()
        if child == 0:
            status, asked, seen = 0, 0, set()
            try:
                opened = Library(library, encoder=HashEncoder())
                while not stop.exists():
                    hits = opened.search("深圳推进数据跨境流动", 5).hits
                    texts = {hit.doc_id: hit.passage for hit in hits}
                    ages = [s for s, held_then in versions.items() if all(t in held_then[n] for n, t in texts.items())]
                    assert len(texts) == len(names) and len(ages) == 1, f"answers of several generations: {texts}"
                    seen.add(ages[0])
                    asked += 1
                assert opened.generation.number >= max(seen)
            except BaseException:
                import traceback

                traceback.print_exc()
                status = BUG
            with os.fdopen(writable, "w") as pipe:
                print(asked, len(seen), file=pipe)
            os._exit(status)
        os.close(writable)
        children.append((child, readable))
    for seed in range(1, commits + 1):
        status = in_child(lambda seed=seed: put(library, [document(name, seed) for name in names]), library)
        assert status == 0, f"commit {seed} failed"
    stop.touch()
    counts: Counter[str] = Counter(commits=commits, readers=processes)
    for child, readable in children:
        assert os.waitpid(child, 0)[1] == 0
        with os.fdopen(readable) as pipe:
            asked, seen = map(int, pipe.read().split())
        counts["answers"] += asked
        counts["generations seen, all readers together"] += seen
    check(library)
    return counts


def trace(folder: Path) -> dict:
    """The steps of adding to a library, for the test of their order."""
    prepare, change = changes(0)["add"]
    steps = _prepared(folder, prepare, change)[1]
    after = str(folder / "after") + "/"
    return {"steps": [[kind, path.removeprefix(after)] for kind, path in (step.split("\t") for step in steps)]}


EXPERIMENTS = {f.__name__: f for f in (kills, full_disk, random_kills, flips, cuts, readers, trace)}

if __name__ == "__main__":
    document("warm", 1)
    warm = Path(sys.argv[2]) / "warm"
    put(warm, [document("warm", 1)])  # dictionaries are read once, before any child is forked
    answers(warm)
    print(json.dumps(EXPERIMENTS[sys.argv[1]](Path(sys.argv[2]), **json.loads(sys.argv[3])), ensure_ascii=False))
