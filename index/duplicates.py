"""Documents that say the same: found by MinHash, confirmed by counting, reported and kept.

Texts are compared as sets of five-character pieces, folded and without white space,
so that the same text in the other script or from another file is found. Two
texts are near-duplicates from a Jaccard similarity of 0.8. It knows texts and rows,
and decides nothing: what is reported stays in the library.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from baycase.corpus.folding import fold

PIECE = 5  # characters
NEAR = 0.8
# 32 bands of 4: two texts at 0.8 share a band with probability 1 - (1 - 0.8**4)**32 = 0.9999999.
_BANDS, _ROWS = 32, 4
_PRIME = np.uint64(1_099_511_628_211)
_FACTORS = np.random.default_rng(20_240_513).integers(1, 2**63, _BANDS * _ROWS, dtype=np.uint64) | np.uint64(1)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Document `row` says nearly what the earlier document `of` says; `similarity` from 0.8 to 1."""

    row: int
    of: int
    similarity: float


def near_duplicates(texts: Iterable[str]) -> list[Duplicate]:
    """Each text that nearly repeats an earlier one, with the most similar of those it was compared with.

    A text is compared with the first text of every band it shares, so ten thousand copies of
    one text are ten thousand comparisons.
    """
    first: list[dict[bytes, int]] = [{} for _ in range(_BANDS)]
    kept: dict[int, np.ndarray] = {}
    found = []
    for row, text in enumerate(texts):
        pieces = _pieces(text)
        if not len(pieces):
            continue
        others = set()
        for band, key in enumerate(_bands(pieces)):
            other = first[band].setdefault(key, row)
            if other != row:
                others.add(other)
        kept[row] = pieces
        best = max(((jaccard(kept[other], pieces), -other) for other in others), default=(0.0, 0))
        if best[0] >= NEAR:
            found.append(Duplicate(row, -best[1], best[0]))
    return found


def jaccard(one: np.ndarray, other: np.ndarray) -> float:
    """Of two sorted arrays without repetitions: the share of what either holds that both hold."""
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)


def _pieces(text: str) -> np.ndarray:
    """Hashes of the five-character pieces, sorted, each once, (m,) uint64; a shorter text is one piece."""
    codes = np.frombuffer("".join(fold(text).split()).encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    if not len(codes):
        return codes
    count = max(len(codes) - PIECE + 1, 1)
    hashes = np.zeros(count, np.uint64)
    for offset in range(min(PIECE, len(codes))):
        hashes = hashes * _PRIME + codes[offset : offset + count]
    return np.unique(_mixed(hashes))


def _bands(pieces: np.ndarray) -> list[bytes]:
    lowest = np.array([(pieces * factor).min() for factor in _FACTORS])
    return [lowest[at : at + _ROWS].tobytes() for at in range(0, len(lowest), _ROWS)]


def _mixed(values: np.ndarray) -> np.ndarray:
    """The finalizer of splitmix64 (Steele, Lea, Flood 2014): every bit depends on every bit."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
