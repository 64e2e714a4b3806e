"""How a checkpoint does on questions of articles it was not trained on.

Each question stands with the window that answers it and four typed wrong ones. Ranking is measured over the right one
and three wrong ones; whether it can tell that nothing answers, over those four against the four wrong ones alone.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from sklearn.metrics import roc_auc_score

from baycase.training.network import ReaderNetwork
from baycase.training.pairs import Pairing, best_span, read
from baycase.training.reading import Group, Material, bare, sentences
from baycase.training.rewriting import Rewriter

WEIGHT = 0.3  # of the best span's score beside relevance, in ranking sentences


def chosen_groups(material: Material, aside: Sequence[int], seed: int, most: int = 120) -> tuple[Group, ...]:
    """The questions to choose by: every one asked in English of a Chinese text, and others up to `most`."""
    rng = random.Random(seed)
    crossing = [n for n in aside if material.crosses(n)]
    rest = [n for n in aside if not material.crosses(n)]
    rng.shuffle(rest)
    groups = [material.group(n, rng, 4, True) for n in crossing + rest[: max(0, most - len(crossing))]]
    return tuple(group for group in groups if len(group.windows) == 5)


def glossed_groups(groups: Sequence[Group], rewriter: Rewriter, seed: int, most: int = 50) -> tuple[Group, ...]:
    """The same questions word by word in English: a stand-in for English ones, of which there are few."""
    rng = random.Random(seed)
    chinese = [group for group in groups if group.question.language == "zh"][:most]
    return tuple(replace(group, text=rewriter.code_switch(group.text, 1.0, rng)) for group in chinese)


def overlap(found: str, gold: str) -> float:
    """Character F1, white space and marks aside."""
    a, b = (list(re.sub(r"[\s\W]+", "", text)) for text in (found, gold))
    left, common = list(b), 0
    for character in a:
        if character in left:
            left.remove(character)
            common += 1
    return 2 * common / (len(a) + len(b)) if common else 0.0


@dataclass(frozen=True)
class _Found:
    """What was ranked first, and the best score among the first four windows and among the four wrong ones."""

    sentence: str
    words: str
    window: int
    present: float
    absent: float


def _find(network: ReaderNetwork, pairing: Pairing, group: Group) -> _Found:
    question = pairing.question(group.text)
    pairs = [pairing.pair(question, window) for window in group.windows]
    scores = read(network, pairs, parts=1)
    script = "zh" if re.search(r"[\u3400-\u9fff]", group.windows[0].text) else "en"
    ranked: list[tuple[float, int, str, str]] = []
    for row, (pair, window) in enumerate(zip(pairs, group.windows, strict=True)):
        for a, b in sentences(window.text, script):
            inside = [i for i, (x, y) in enumerate(pair.offsets) if y > a and x < b and y > x]
            if not inside:
                continue
            first, last = pair.passage + inside[0], pair.passage + inside[-1] + 1
            i, j, span = best_span(scores.start[row], scores.end[row], first, last)
            words = window.text[pair.offsets[i - pair.passage][0] : pair.offsets[j - pair.passage][1]]
            ranked.append((float(scores.relevance[row]) + WEIGHT * span, row, window.text[a:b], words))
    _, row, sentence, words = max(item for item in ranked if item[1] < 4)
    present = max(item[0] for item in ranked if item[1] < 4)
    return _Found(sentence, words, row, present, max(item[0] for item in ranked if item[1] > 0))


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0


@torch.no_grad()
def assess(
    network: ReaderNetwork, pairing: Pairing, groups: Sequence[Group], glossed: Sequence[Group]
) -> dict[str, float]:
    """`sentence`: right sentence first; `window`: right window first; `span_f1` of the first sentence's best span;
    `auroc`: answerable against not, by the best sentence; `glossed`: right sentence first for the questions glossed.
    `score` is the mean of all but `window`."""

    def right(group: Group, found: _Found) -> bool:
        gold = bare(group.question.answer)
        return gold in bare(found.sentence) or (found.window == 0 and bare(found.sentence) in gold)  # one of several

    found = [(group, _find(network, pairing, group)) for group in groups]
    known = [1] * len(found) + [0] * len(found)
    report = {
        "sentence": _mean([right(group, result) for group, result in found]),
        "span_f1": _mean([overlap(result.words, group.question.answer) for group, result in found]),
        "auroc": round(float(roc_auc_score(known, [r.present for _, r in found] + [r.absent for _, r in found])), 4),
        "glossed": _mean([right(group, _find(network, pairing, group)) for group in glossed]),
    }
    score = _mean(list(report.values()))
    return {"questions": len(groups), **report, "window": _mean([r.window == 0 for _, r in found]), "score": score}
