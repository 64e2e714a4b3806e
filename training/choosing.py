"""How a checkpoint does on questions of articles it was not trained on.

Each question stands with the window that answers it and four typed wrong ones. Ranking is measured over the right one
and three wrong ones; whether it can tell that nothing answers, over those four against the four wrong ones alone, and
against questions that were written to be answered by nothing.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from sklearn.metrics import roc_auc_score

from baycase.eval.metrics import character_f1
from baycase.training.network import ReaderNetwork
from baycase.training.pairs import Pairing, best_span, read
from baycase.training.reading import Group, Material, bare, sentences
from baycase.training.rewriting import Rewriter

WEIGHT = 0.3  # of the best span's score beside relevance, in ranking sentences


@dataclass(frozen=True)
class Choice:
    """What to choose by: questions with an answer, some of them glossed word by word, and near ones without."""

    answered: tuple[Group, ...]
    glossed: tuple[Group, ...]
    near: tuple[Group, ...]

    @classmethod
    def of(cls, articles: Material, cases: Material | None, rewriter: Rewriter, seed: int) -> "Choice":
        """120 questions of the articles, half of them asked in English of a Chinese text, 60 of the cases, and as
        many near ones of both; the glossed are a stand-in for more English ones."""
        rng = random.Random(seed)
        crossing = [n for n in range(len(articles.questions)) if articles.crosses(n)]
        rest = [n for n in range(len(articles.questions)) if not articles.crosses(n)]
        groups, near = [], []
        sides = [(articles, _some(crossing, 60, rng) + _some(rest, 60, rng))]
        if cases is not None:
            sides.append((cases, _some(range(len(cases.questions)), 60, rng)))
        for material, numbers in sides:
            groups += [material.group(n, rng, 4, True) for n in numbers]
            near += [material.near_group(n, rng, 4) for n in _some(range(len(material.near)), 60, rng)]
        answered = tuple(group for group in groups if len(group.windows) == 5)
        chinese = [group for group in answered if group.question.language == "zh"][:50]
        glossed = tuple(replace(group, text=rewriter.code_switch(group.text, 1.0, rng)) for group in chinese)
        return cls(answered, glossed, tuple(near))


def _some(numbers: Sequence[int], most: int, rng: random.Random) -> list[int]:
    return rng.sample(numbers, min(most, len(numbers)))


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
    return _Found(sentence, words, row, present, max((item[0] for item in ranked if item[1] > 0), default=present))


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0


@torch.no_grad()
def assess(network: ReaderNetwork, pairing: Pairing, choice: Choice) -> dict[str, float]:
    """`sentence`: right sentence first; `window`: right window first; `span_f1` of the first sentence's best span;
    `auroc`: answerable against not, by the best sentence; `near`: the same against near questions; `glossed`: right
    sentence first for the questions glossed; `score`: the mean of all but `window`."""

    def right(group: Group, found: _Found) -> bool:
        gold = bare(group.question.answer)
        return gold in bare(found.sentence) or (found.window == 0 and bare(found.sentence) in gold)  # one of several

    found = [(group, _find(network, pairing, group)) for group in choice.answered]
    present = [result.present for _, result in found]
    near = [_find(network, pairing, group).present for group in choice.near]
    report = {
        "sentence": _mean([right(group, result) for group, result in found]),
        "span_f1": _mean([character_f1(result.words, group.question.answer) for group, result in found]),
        "auroc": _auroc(present, [result.absent for _, result in found]),
        "near": _auroc(present, near),
        "glossed": _mean([right(group, _find(network, pairing, group)) for group in choice.glossed]),
    }
    score = _mean(list(report.values()))
    windows = _mean([r.window == 0 for _, r in found])
    return {"questions": len(found), **report, "window": windows, "score": score}


def _auroc(present: Sequence[float], absent: Sequence[float]) -> float:
    return round(float(roc_auc_score([1] * len(present) + [0] * len(absent), [*present, *absent])), 4)
