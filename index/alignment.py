"""Two texts that are each other's translation, aligned sentence by sentence.

Dynamic programming over moves of 1-1, 1-2 and 2-1 sentences and of one sentence left out, as Gale and
Church (1993) do; a move's worth is how alike the two sides mean (cosine of their embeddings)
and how well their lengths fit. Knows no files and no library.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from baycase.index.encoder import Encoder

MOVES = ((1, 1), (1, 2), (2, 1))
LENGTHS_APART = 0.7  # a pair whose lengths differ by more than this many natural logarithms from the usual is doubtful
_NEIGHBOURS = 6  # partners that a sentence's score is measured against
_LENGTH_COUNTS = 0.15
_LEFT_OUT = -0.05  # worth of leaving a sentence out
_JOINED = 0.03  # what a move of two sentences costs, so that it must be worth it
_MOST = 6_000_000  # cells of the table: some 2,400 sentences a side


@dataclass(frozen=True, slots=True)
class Pair:
    """One or two sentences of each side, as index ranges.

    `score` is above 0 where the two are more alike than they are to other sentences. A pair is `sure` when it is,
    when its lengths fit, and when two joined sentences fit better than either alone.
    """

    source: range
    target: range
    score: float
    sure: bool


def align(source: Sequence[str], target: Sequence[str], encoder: Encoder) -> list[Pair]:
    """The pairs of two texts' sentences, in order. What is left out on a side is in no pair.

    Raises ValueError where the texts together are too long for one table.
    """
    if len(source) * len(target) > _MOST:
        raise ValueError(f"{len(source)} and {len(target)} sentences are too many to align at once")
    if not source or not target:
        return []
    alike = {
        (i, j): _likeness(_joined(source, i), _joined(target, j), encoder)
        for i, j in MOVES
        if i <= len(source) and j <= len(target)
    }
    usual = np.log(sum(map(len, target)) / sum(map(len, source)))
    apart = {
        (i, j): np.abs(
            np.log([len(t) for t in _joined(target, j)])[None, :]
            - np.log([len(s) for s in _joined(source, i)])[:, None]
            - usual
        )
        for i, j in alike
    }
    pairs = []
    for (at, to), (i, j) in _best_path(alike, apart, len(source), len(target)):
        score = float(alike[i, j][at, to])
        alone = max(alike[1, 1][row, column] for row in range(at, at + i) for column in range(to, to + j))
        sure = score >= 0 and float(apart[i, j][at, to]) <= LENGTHS_APART and (i + j == 2 or score > alone)
        pairs.append(Pair(range(at, at + i), range(to, to + j), round(score, 3), sure))
    return pairs


def _joined(sentences: Sequence[str], count: int) -> list[str]:
    return [" ".join(sentences[at : at + count]) for at in range(len(sentences) - count + 1)]


def _likeness(source: list[str], target: list[str], encoder: Encoder) -> np.ndarray:
    """(n, m): how much more alike two sentences are than each is to its nearest of the other side on average.

    A bare cosine says little: models differ in what unrelated sentences have (0.1 in one, 0.8 in another), and
    some sentences are near to all. The scale is that of the texts themselves.
    """
    cosines = encoder.encode_passages(source) @ encoder.encode_passages(target).T
    nearest = min(_NEIGHBOURS, *cosines.shape)
    rows = np.sort(cosines, axis=1)[:, -nearest:].mean(axis=1)
    columns = np.sort(cosines, axis=0)[-nearest:].mean(axis=0)
    return (2 * cosines - rows[:, None] - columns[None, :]) / max(1 - float(np.median(cosines)), 1e-6)


def _best_path(
    alike: dict[tuple[int, int], np.ndarray], apart: dict[tuple[int, int], np.ndarray], rows: int, columns: int
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The moves of the most valuable path: where each starts, and how many sentences it takes of either side."""
    worth = {
        (i, j): (i + j) / 2 * (alike[i, j] - _LENGTH_COUNTS * np.minimum(apart[i, j], 2))
        - (_JOINED if i + j > 2 else 0)
        for i, j in alike
    }
    total = np.full((rows + 1, columns + 1), -np.inf)
    move = np.zeros((rows + 1, columns + 1, 2), np.int8)
    total[0, 0] = 0
    for row in range(rows + 1):
        for column in range(columns + 1):
            best, taken = total[row, column], (0, 0)
            for i, j in ((1, 0), (0, 1), *worth):
                if row < i or column < j:
                    continue
                gain = worth[i, j][row - i, column - j] if (i, j) in worth else _LEFT_OUT
                if total[row - i, column - j] + gain > best:
                    best, taken = total[row - i, column - j] + gain, (i, j)
            total[row, column], move[row, column] = best, taken
    path = []
    row, column = rows, columns
    while row or column:
        i, j = map(int, move[row, column])
        row, column = row - i, column - j
        if i and j:
            path.append(((row, column), (i, j)))
    return path[::-1]
