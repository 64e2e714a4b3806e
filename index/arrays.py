"""Rows of different lengths in two flat arrays, rows of terms as numbers into a list of names, and arrays as files.

A million short lists of Python objects cost gigabytes and seconds; two arrays cost neither. It knows
nothing of what the rows mean.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from baycase.index.durable import write_file

_ROWS, _VALUES = 50_000, 5_000_000  # done at once


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of different lengths: row r is `values[bounds[r]:bounds[r + 1]]`."""

    values: np.ndarray
    bounds: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> "Ragged":
        bounds = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([len(row) for row in rows], out=bounds[1:])
        values = np.fromiter((value for row in rows for value in row), np.int32, int(bounds[-1]))
        return cls(values, bounds)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def fits(self, limit: int) -> bool:
        """Whether the bounds belong to the values, and these are 0 to `limit`, that one excluded."""
        bounds, values = self.bounds, self.values
        fits = len(bounds) > 0 and bounds[0] == 0 and bounds[-1] == len(values) and (np.diff(bounds) >= 0).all()
        return bool(fits and (not len(values) or (values.min() >= 0 and values.max() < limit)))

    def take(self, rows: np.ndarray) -> "Ragged":
        """These rows, in this order."""
        starts = self.bounds[rows]
        lengths = self.bounds[rows + 1] - starts
        bounds = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(lengths, out=bounds[1:])
        values = np.empty(bounds[-1], self.values.dtype)
        shifts = starts - bounds[:-1]
        for at in range(0, len(rows), _ROWS):  # places take eight bytes a value, and there may be a thousand million
            first, last = bounds[at], bounds[min(at + _ROWS, len(rows))]
            where = np.arange(first, last) + np.repeat(shifts[at : at + _ROWS], lengths[at : at + _ROWS])
            values[first:last] = self.values[where]
        return Ragged(values, bounds)

    def joined(self, groups: "Ragged") -> "Ragged":
        """A row a group: the rows that the group names, one after another."""
        rows = self.take(groups.values)
        return Ragged(rows.values, rows.bounds[groups.bounds])


@dataclass(frozen=True, slots=True)
class TermRows:
    """Rows of terms: numbers into `names`, which stand in the order in which they first occur."""

    rows: Ragged
    names: list[str]

    def only_used(self) -> "TermRows":
        """Without the names that no row has, the others in the order in which the rows first have them."""
        values, count = self.rows.values, len(self.names)
        first = np.full(count, len(values), np.int64)
        for at in reversed(range(0, len(values), _VALUES)):
            some = values[at : at + _VALUES]
            first[some[::-1]] = np.arange(at + len(some) - 1, at - 1, -1)  # of several assignments the last one counts
        used = np.flatnonzero(first < len(values))
        order = used[np.argsort(first[used], kind="stable")]
        numbers = np.zeros(count, np.int32)
        numbers[order] = np.arange(len(order), dtype=np.int32)
        return TermRows(Ragged(numbers[values], self.rows.bounds), [self.names[number] for number in order])

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]]) -> "TermRows":
        numbers: dict[str, int] = {}
        found = Ragged.of([[numbers.setdefault(term, len(numbers)) for term in row] for row in rows])
        return cls(found, list(numbers))


def write_array(path: Path, array: np.ndarray) -> None:
    """An array as a new .npy file, on the disk afterwards."""
    data = io.BytesIO()
    np.save(data, array, allow_pickle=False)
    write_file(path, data.getvalue())
