"""Documents that say the same: found by MinHash, confirmed by counting, reported and kept.

Texts are compared as sets of five-character pieces, folded and without white space,
so that the same text in the other script or from another file is found. Two
texts are near-duplicates from a Jaccard similarity of 0.8. It knows texts and rows,
and decides nothing: what is reported stays in the library.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from baycase.corpus.folding import fold

PIECE = 5  # characters
NEAR = 0.8
# 32 bands of 4: two texts at 0.8 share a band with probability 1 - (1 - 0.8**4)**32 = 0.9999999.
BANDS, _ROWS = 32, 4
_PRIME = np.uint64(1_099_511_628_211)
_FACTORS = np.random.default_rng(20_240_513).integers(1, 2**63, BANDS * _ROWS, dtype=np.uint64) | np.uint64(1)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Document `row` says nearly what the earlier document `of` says; `similarity` from 0.8 to 1."""

    row: int
    of: int
    similarity: float


def signature(text: str) -> np.ndarray:
    """(32,) uint64: what near-duplicates share some of; all zero for a text without characters."""
    pieces = _pieces(text)
    if not len(pieces):
        return np.zeros(BANDS, np.uint64)
    lowest = np.empty(len(_FACTORS), np.uint64)
    for at in range(0, len(_FACTORS), 16):  # so many at once stay in the processor's cache
        lowest[at : at + 16] = (_FACTORS[at : at + 16, None] * pieces).min(1)
    bands = np.zeros(BANDS, np.uint64)
    for row in lowest.reshape(BANDS, _ROWS).T:
        bands = _mixed(bands * _PRIME + row)
    return bands


def near_duplicates(texts: Sequence[str], signatures: np.ndarray | None = None) -> list[Duplicate]:
    """Each text that nearly repeats an earlier one, with the most similar of those it was compared with.

    `signatures` (texts, 32) where they are known. A text is compared with the first text of every band it shares,
    so ten thousand copies of one text are ten thousand comparisons.
    """
    if signatures is None:
        signatures = np.array([signature(text) for text in texts], np.uint64).reshape(len(texts), BANDS)
    filled = np.flatnonzero(signatures.any(1))
    # The first text that shares a band with each: rows that are their own first one share none with an earlier text.
    first = np.empty((len(filled), BANDS), np.int64)
    for band in range(BANDS):
        _, earliest, number = np.unique(signatures[filled, band], return_index=True, return_inverse=True)
        first[:, band] = filled[earliest[number]]
    pieces: dict[int, np.ndarray] = {}
    found = []
    for place in np.flatnonzero((first != filled[:, None]).any(1)):
        row = int(filled[place])
        own = _pieces(texts[row])
        others = {int(other) for other in first[place] if other != row}
        for other in others - pieces.keys():
            pieces[other] = _pieces(texts[other])
        best = max((jaccard(pieces[other], own), -other) for other in others)
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


def _mixed(values: np.ndarray) -> np.ndarray:
    """The finalizer of splitmix64 (Steele, Lea, Flood 2014): every bit depends on every bit."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
