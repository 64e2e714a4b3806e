"""How a checkpoint does on questions of articles it was not trained on.

Each question stands with the window that answers it and four typed wrong ones. Ranking is measured over the right one and
three wrong ones; whether it can tell that nothing answers, over those four against the four wrong ones alone.
"""

import random
import re
from collections.abc import Sequence
from typing import Any

import torch
from sklearn.metrics import roc_auc_score

from baycase.training.network import ReaderNetwork
from baycase.training.reading import Group, Material, bare, sentences

LONGEST_ANSWER = 120  # tokens
WEIGHT = 0.3  # of the best span's score beside relevance, in ranking sentences


def chosen_groups(material: Material, aside: Sequence[int], seed: int, most: int = 170) -> tuple[Group, ...]:
    """The questions to choose by: every one asked in English of a Chinese text, and others up to `most`."""
    rng = random.Random(seed)
    crossing = [n for n in aside if _crosses(material, n)]
    rest = [n for n in aside if not _crosses(material, n)]
    rng.shuffle(rest)
    groups = [material.group(n, rng, 4, True) for n in crossing + rest[: max(0, most - len(crossing))]]
    return tuple(group for group in groups if len(group.windows) == 5)


def _crosses(material: Material, number: int) -> bool:
    question = material.questions[number]
    return question.language != material.paragraphs[question.paragraph].language


def best_span(start: torch.Tensor, end: torch.Tensor, first: int, last: int) -> tuple[int, int, float]:
    """The best pair of tokens within [first, last), start <= end, and its score, the sum of both."""
    table = start[first:last, None] + end[None, first:last]
    size = last - first
    allowed = torch.ones(size, size, dtype=torch.bool).triu().tril(LONGEST_ANSWER)
    table = table.masked_fill(~allowed, -torch.inf)
    place = int(table.argmax())
    return first + place // size, first + place % size, float(table.max())


def overlap(found: str, gold: str) -> float:
    """Character F1, white space and marks aside."""
    a, b = (list(re.sub(r"[\s\W]+", "", text)) for text in (found, gold))
    left, common = list(b), 0
    for character in a:
        if character in left:
            left.remove(character)
            common += 1
    return 2 * common / (len(a) + len(b)) if common else 0.0


def assess(network: ReaderNetwork, pairing: Any, groups: Sequence[Group], weight: float = WEIGHT) -> dict[str, float]:
    """`sentence`: right sentence first; `window`: right window first; `span_f1` of the first window's best span;
    `auroc`: answerable against not, by the best window; `en` and `zh` apart, and their mean with the rest as `score`."""
    from baycase.training.reader import read

    tallies: dict[str, list[tuple[float, float, float]]] = {"en": [], "zh": []}
    present: list[float] = []
    absent: list[float] = []
    with torch.no_grad():
        for group in groups:
            question = pairing.question(group.text)
            pairs = [pairing.pair(question, window) for window in group.windows]
            scores = read(network, pairs, parts=1)
            ranked: list[tuple[float, str, str, int]] = []
            tops = []
            for row, (pair, window) in enumerate(zip(pairs, group.windows, strict=True)):
                best = None
                relevance = float(scores.relevance[row])
                for a, b in sentences(window.text, group.question.language):
                    inside = [i for i, (x, y) in enumerate(pair.offsets) if y > max(a, 0) and x < b and y > x]
                    if not inside:
                        continue
                    i, j, value = best_span(
                        scores.start[row], scores.end[row], pair.passage + inside[0], pair.passage + inside[-1] + 1
                    )
                    words = window.text[pair.offsets[i - pair.passage][0] : pair.offsets[j - pair.passage][1]]
                    total = relevance + weight * value
                    if row < 4:
                        ranked.append((total, window.text[a:b], words, row))
                    best = total if best is None else max(best, total)
                tops.append(-torch.inf if best is None else best)
            present.append(max(tops[:4]))
            absent.append(max(tops[1:5]))
            _, sentence, words, row = max(ranked)
            gold = group.question.answer
            right = float(bare(gold) in bare(sentence) or (row == 0 and len(bare(gold)) > 40 and bare(sentence) in bare(gold)))
            tallies[group.question.language].append((right, float(row == 0), overlap(words, gold)))
    report: dict[str, float] = {"questions": len(groups)}
    for language, rows in tallies.items():
        for place, name in enumerate(("sentence", "window", "span_f1")):
            if rows:
                report[f"{name}_{language}"] = round(sum(row[place] for row in rows) / len(rows), 4)
    report["auroc"] = round(float(roc_auc_score([1] * len(present) + [0] * len(absent), present + absent)), 4)
    parts = [report[name] for name in ("sentence_zh", "sentence_en", "span_f1_zh", "auroc") if name in report]
    report["score"] = round(sum(parts) / len(parts), 4)
    return report
