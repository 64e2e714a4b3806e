"""Trains the reader, chooses a checkpoint by held-out articles, writes the adapter.

    python -m baycase.training.reader --data DIR --cases --out reader.safetensors --steps 2800

It knows neither libraries nor ranking; `baycase.search.reader_model` merges what it writes. Files are read by
`baycase.training.squad`, groups come from `baycase.training.reading`, other wordings from
`baycase.training.rewriting`, the network from `baycase.training.network`. The learning rate falls to zero over the
steps (a run that repeats whatever the machine's speed) or over `--hours`. `--without` takes a part of the method away,
to see what it is worth.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.nn import functional

from baycase.training.cases import ARTICLES, HELD_OUT, case_material
from baycase.training.choosing import Choice, assess
from baycase.training.network import ALPHA, FORMAT_VERSION, RANK, ReaderNetwork
from baycase.training.pairs import Pair, Pairing, Scores, read
from baycase.training.policies import NOTES, held_out, note_material, read_notes
from baycase.training.reading import Group, Material, shuffled
from baycase.training.rewriting import Rewriter
from baycase.training.sharing import Workers
from baycase.training.squad import load

GROUPS = 8  # a step
POOL = 16  # steps drawn together, then sorted by length
WRONG = (2, 2, 3)  # wrong windows of a group, drawn evenly
NEAR = 0.25  # share of groups whose question was written to be answered by nothing
NO_ANSWER = 0.12  # share of the others that no window answers
POLICIES = 0.45  # share of groups about shipped cases and policy notes, where those are given
HELD_OUT_SEED = 20  # not the run's: a run that goes on from another must not train on what that one was chosen by
PARTS = ("code-switching", "typed-negatives", "near")  # what `--without` can take away


def losses(
    scores: Scores, pairs: Sequence[Sequence[Pair]], answered: Sequence[bool]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Relevance and span loss, means over groups.

    Relevance: a softmax over the group and "none", whose logit is 0, and a binary term; so a score above 0 means more
    likely an answer than none, in whatever company. Span: one softmax over the group's starts, one over its ends.
    """
    relevance, span = [], []
    begin = 0
    for group, has in zip(pairs, answered, strict=True):
        rows = slice(begin, begin + len(group))
        logits = scores.relevance[rows]
        target = torch.tensor([1 if has else 0])
        choice = functional.cross_entropy(torch.cat([logits.new_zeros(1), logits])[None], target)
        truth = torch.zeros_like(logits)
        truth[0] = float(has)
        relevance.append(choice + 0.5 * functional.binary_cross_entropy_with_logits(logits, truth))
        if has and group[0].span is not None:
            first, last = group[0].span
            for table, token in ((scores.start, first), (scores.end, last)):
                span.append(torch.logsumexp(table[rows].flatten(), 0) - table[begin, token])
        begin += len(group)
    return torch.stack(relevance).mean(), torch.stack(span).mean() if span else scores.relevance.sum() * 0


class _Source:
    """One material's questions in an endless order of chance."""

    def __init__(self, material: Material, rng: random.Random, parts: Container[str]) -> None:
        self._material, self._rng, self._parts = material, rng, parts
        self._numbers = shuffled(range(len(material.questions)), rng)
        self._near = shuffled(range(len(material.near)), rng)

    def group(self) -> Group:
        wrong = self._rng.choice(WRONG)
        if self._material.near and "near" in self._parts and self._rng.random() < NEAR:
            return self._material.near_group(next(self._near), self._rng, wrong)
        answered = self._rng.random() >= NO_ANSWER
        typed = "typed-negatives" in self._parts
        return self._material.group(next(self._numbers), self._rng, wrong, answered, typed)


class Course:
    """The endless sequence of training groups, the same for the same seed."""

    def __init__(self, articles: Material, cases: Material | None, pairing: Pairing, rewriter: Rewriter, seed: int,
                 parts: Container[str] = PARTS) -> None:  # fmt: skip
        self._pairing, self._rewriter = pairing, rewriter
        self._code_switching = "code-switching" in parts
        self._rng = random.Random(seed)
        self._articles = _Source(articles, self._rng, parts)
        self._cases = _Source(cases, self._rng, parts) if cases else None

    def _group(self) -> Group:
        if self._cases and self._rng.random() < POLICIES:
            return self._cases.group()
        return self._articles.group()

    def _pairs(self) -> tuple[list[Pair], bool]:
        while True:
            group = self._group()
            if len(group.windows) < 2:
                continue
            text = self._rewriter.question(group.text, group.question.language, self._rng, self._code_switching)
            windows = group.windows
            if self._rng.random() < 0.12:  # all to one script: which script it is must not tell the right one
                windows = self._rewriter.windows(windows, self._rng)
            question = self._pairing.question(text)
            pairs = [self._pairing.pair(question, window) for window in windows]
            if group.answered and pairs[0].span is None:
                continue  # the answer lies beyond the longest pair
            return pairs, group.answered

    def steps(self) -> Iterator[list[tuple[list[Pair], bool]]]:
        """Steps of GROUPS groups; POOL of them are drawn together and divided by length."""
        while True:
            pool = [self._pairs() for _ in range(GROUPS * POOL)]
            pool.sort(key=lambda item: sum(len(pair.ids) for pair in item[0]))
            batches = [pool[i : i + GROUPS] for i in range(0, len(pool), GROUPS)]
            self._rng.shuffle(batches)
            yield from batches


def save(network: ReaderNetwork, path: Path, facts: dict[str, str]) -> None:
    """Writes adapter, segment vectors and heads in half precision, with what made them as metadata."""
    metadata = {"format_version": str(FORMAT_VERSION), "rank": str(network.rank), "alpha": str(network.alpha), **facts}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.half().contiguous() for name, tensor in network.adapter().items()}, path, metadata)


@dataclass
class Clock:
    """How much of the training is over, by steps if their number is given, else by hours."""

    hours: float
    steps: int | None
    spent: float = 0.0
    step: int = 0

    def __post_init__(self) -> None:
        self._begin = time.monotonic() - self.spent

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begin

    @property
    def done(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.step / self.steps if self.steps else self.seconds / (3600 * self.hours))


def train(options: argparse.Namespace, workers: Workers) -> None:
    """Trains, assesses at intervals, keeps the best and the last checkpoint, writes the best as the adapter."""
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    folder = options.model
    material = load(options.data, ARTICLES)
    articles, aside = material.split(material.held_out(0.06, HELD_OUT_SEED))
    cases = cases_aside = None
    if options.cases:
        notes = read_notes()
        aside_names = {str(case) for case in HELD_OUT} | {note.name for note in held_out(notes)}
        cases, cases_aside = case_material().joined(note_material(notes)).split(aside_names)
    pairing, rewriter = Pairing(folder), Rewriter()
    network = ReaderNetwork(folder, RANK, ALPHA)
    if options.start:
        network.start_from(options.start)
    trained = [(name.split(".")[0], p) for name, p in network.named_parameters() if p.requires_grad]
    heads = [p for part, p in trained if part in ("span", "relevance")]
    rest = [p for part, p in trained if part not in ("span", "relevance")]
    optimizer = torch.optim.AdamW(
        [{"params": rest, "lr": options.rate}, {"params": heads, "lr": 3 * options.rate}],
        betas=(0.9, 0.98),
        weight_decay=0.0,
    )
    rates = [group["lr"] for group in optimizer.param_groups]
    clock = Clock(options.hours, options.steps)
    seed = options.seed
    if options.resume:
        kept = torch.load(options.resume, weights_only=True)
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict(kept["optimizer"])
        clock = Clock(options.hours, options.steps, kept["seconds"], kept["step"])
        seed += kept["step"]
    parts = [part for part in PARTS if part not in options.without]
    course = Course(articles, cases, pairing, rewriter, seed, parts).steps()
    choice = Choice.of(aside, cases_aside, rewriter, options.seed)
    options.work.mkdir(parents=True, exist_ok=True)
    log = options.work / "log.jsonl"
    parameters = [p for _, p in trained]
    best, next_look, since, done = -1.0, clock.seconds + 60 * options.every, time.monotonic(), clock.done
    sums: list[tuple[float, float, int]] = []
    while done < 1:
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * min(1.0, (clock.step + 1) / 60) * max(0.02, 1 - done)
        batch = next(course)[workers.rank :: workers.count]
        network.merge()
        pairs = [group for group, _ in batch]
        flat = [pair for group in pairs for pair in group]
        relevance, span = losses(read(network, flat), pairs, [has for _, has in batch])
        optimizer.zero_grad()
        (relevance + 0.5 * span).backward()
        clock.step += 1
        done = workers.average(parameters, clock.done)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        if not workers.first:
            continue
        sums.append((relevance.item(), span.item(), workers.count * sum(len(pair.ids) for pair in flat)))
        if clock.step % 25 == 0:
            seconds = time.monotonic() - since
            record = {
                "step": clock.step, "minutes": round(clock.seconds / 60, 2), "done": round(done, 4),
                "relevance_loss": round(sum(s[0] for s in sums) / len(sums), 4),
                "span_loss": round(sum(s[1] for s in sums) / len(sums), 4),
                "tokens_per_second": round(sum(s[2] for s in sums) / seconds),
            }  # fmt: skip
            _append(log, record)
            sums, since = [], time.monotonic()
        if clock.seconds >= next_look or done >= 1:
            network.merge()
            torch.save(
                {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "seconds": clock.seconds,
                 "step": clock.step}, options.work / "last.pt",
            )  # fmt: skip
            report = assess(network, pairing, choice)
            _append(log, {"step": clock.step, "minutes": round(clock.seconds / 60, 2), "held_out": report})
            facts = {
                "data": ", ".join(sorted(path.name for path in options.data.glob("*.json")))
                + f", {ARTICLES.name}"
                + (f", questions about the shipped cases of odd number but 7 and 15, {NOTES.name}" if cases else ""),
                "start": sha256(options.start.read_bytes()).hexdigest() if options.start else "the encoder",
                "seed": str(options.seed), "steps": str(clock.step), "hours": f"{clock.seconds / 3600:.2f}",
                "held_out": json.dumps(report),
            }  # fmt: skip
            save(network, options.work / f"reader-{clock.step:05d}.safetensors", facts)
            if report["score"] > best:
                best = report["score"]
                save(network, options.out, facts)
            next_look = clock.seconds + 60 * options.every
            since, sums = time.monotonic(), []
    workers.close()


def _append(path: Path, record: dict) -> None:
    line = json.dumps(record)
    print(line, flush=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Train the reader on SQuAD-form files.")
    parser.add_argument("--data", type=Path, required=True, help="folder of SQuAD-form JSON files")
    parser.add_argument(
        "--cases",
        action="store_true",
        help="train on questions about policies too: the shipped odd cases and the policy notes",
    )
    parser.add_argument("--start", type=Path, help="an adapter to go on from (default: none)")
    parser.add_argument(
        "--without", action="append", choices=PARTS, default=[], help="a part of the method to leave out"
    )
    parser.add_argument("--out", type=Path, required=True, help="the adapter to write")
    parser.add_argument("--work", type=Path, help="folder of checkpoints and log (default: beside --out)")
    parser.add_argument("--model", type=Path, help="folder of the encoder (default: the bundled one)")
    parser.add_argument("--hours", type=float, default=1.3)
    parser.add_argument("--steps", type=int, help="train so many steps instead, however long they take")
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate of the adapters at its highest")
    parser.add_argument("--every", type=float, default=10.0, help="minutes between two looks at the held-out articles")
    parser.add_argument("--workers", type=int, default=2, help="processes of one thread each")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--resume", type=Path, help="last.pt of an interrupted run")
    options = parser.parse_args(arguments)
    if options.work is None:
        options.work = options.out.parent / "reader-work"
    if options.model is None:
        from baycase.index.models import default_model_path

        options.model = default_model_path()
    train(options, Workers(options.workers, sys.argv[1:] if arguments is None else arguments))


if __name__ == "__main__":
    main()
