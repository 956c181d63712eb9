"""Running values within groups of consecutive rows, without a loop over the groups."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = -1  # "no such row" in arrays of row numbers
UNKNOWN = np.iinfo(np.int64).min // 4  # below every real value and safe to subtract from


@dataclass(frozen=True)
class Groups:
    """Rows 0..n-1 cut into consecutive groups.

    Attributes:
        starts: first row of each group, shape (groups,), ascending, starting with 0.
        rows: number of rows in all.
    """

    starts: Ints
    rows: int

    @classmethod
    def of_sorted(cls, keys: NDArray[Any]) -> Groups:
        """Groups of equal neighbours in `keys`."""
        if not len(keys):
            return cls(np.zeros(0, np.int64), 0)
        cuts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
        return cls(np.concatenate(([0], cuts)).astype(np.int64), len(keys))

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def sizes(self) -> Ints:
        """Rows in each group."""
        return np.diff(self.starts, append=self.rows)

    @cached_property
    def ids(self) -> Ints:
        """Group number of each row."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.sizes)

    @cached_property
    def first(self) -> Ints:
        """First row of the group that each row is in."""
        return np.repeat(self.starts, self.sizes)

    @cached_property
    def ends(self) -> Ints:
        """Last row of each group."""
        return self.starts + self.sizes - 1

    def cummax(self, values: Ints) -> Ints:
        """Running maximum; ``UNKNOWN`` stays unknown until a value comes."""
        known = values > UNKNOWN
        if not known.any():
            return np.full(self.rows, UNKNOWN)
        low, high = values[known].min(), values[known].max()
        # Lift each group above all before it, so that one running maximum serves them all.
        step = int(high) - int(low) + 2
        lifted = np.where(known, values - (low - 1), 0) + self.ids * step
        run = np.maximum.accumulate(lifted) - self.ids * step
        return np.where(run > 0, run + (low - 1), UNKNOWN)

    def cumsum(self, values: NDArray[Any]) -> NDArray[Any]:
        """Running sum within each group."""
        total = np.cumsum(values, dtype=np.float64 if values.dtype.kind == "f" else np.int64)
        before = np.where(self.starts > 0, total[self.starts - 1], 0) if self.rows else total
        result: NDArray[Any] = total - np.repeat(before, self.sizes)
        return result

    def last(self, mask: Bools) -> Ints:
        """The newest row, this one included, where `mask` holds; ``NEVER`` if none."""
        rows = np.where(mask, np.arange(self.rows, dtype=np.int64), NEVER)
        run = np.maximum.accumulate(rows) if self.rows else rows
        return np.where(run >= self.first, run, NEVER)

    def next(self, mask: Bools) -> Ints:
        """The first row after this one where `mask` holds; ``NEVER`` if none."""
        if not self.rows:
            return np.zeros(0, np.int64)
        rows = np.where(mask, np.arange(self.rows, dtype=np.int64), self.rows)
        run = np.minimum.accumulate(rows[::-1])[::-1]
        after = np.append(run[1:], self.rows)
        return np.where(after < self.first + np.repeat(self.sizes, self.sizes), after, NEVER)

    def previous(self, values: NDArray[Any], fill: Any = UNKNOWN) -> NDArray[Any]:
        """The value of the row before, `fill` on the first row of each group."""
        shifted = np.empty_like(values)
        shifted[1:] = values[:-1]
        shifted[self.starts] = fill
        return shifted

    def sum(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sum of each group, shape (groups,)."""
        if not len(self):
            return np.zeros(0, np.int64)
        wide = values.astype(np.int64) if values.dtype.kind in "bui" else values
        return np.add.reduceat(wide, self.starts)

    def max(self, values: NDArray[Any]) -> NDArray[Any]:
        """Maximum of each group, shape (groups,)."""
        return np.maximum.reduceat(values, self.starts) if len(self) else values[:0]

    def min(self, values: NDArray[Any]) -> NDArray[Any]:
        """Minimum of each group, shape (groups,)."""
        return np.minimum.reduceat(values, self.starts) if len(self) else values[:0]

    def first_where(self, mask: Bools) -> Ints:
        """First row of each group where `mask` holds, ``NEVER`` if none; shape (groups,)."""
        found = np.full(len(self), NEVER)
        rows = np.flatnonzero(mask)
        groups, index = np.unique(self.ids[rows], return_index=True)
        found[groups] = rows[index]
        return found


def take(values: NDArray[Any], rows: Ints, fill: Any) -> NDArray[Any]:
    """`values[rows]` with `fill` where the row is ``NEVER``."""
    if not len(values):
        return np.full(len(rows), fill)
    result: NDArray[Any] = np.where(rows >= 0, values[np.maximum(rows, 0)], fill)
    return result
