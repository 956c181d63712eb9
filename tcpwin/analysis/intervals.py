"""Byte ranges of many streams at once: how much one set covers of another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tcpwin.analysis.grouped import Ints

Spans = tuple[Ints, Ints, Ints]  # stream, left, right: arrays of one length; [left, right)


@dataclass(frozen=True)
class Keys:
    """One ascending number per (stream, position), so that one search serves all streams."""

    low: int
    step: int

    @classmethod
    def over(cls, *positions: Ints) -> Keys:
        """Keys fit for all these positions."""
        filled = [p for p in positions if len(p)]
        low = min((int(p.min()) for p in filled), default=0)
        high = max((int(p.max()) for p in filled), default=0)
        return cls(low, high - low + 2)

    def of(self, stream: Ints, position: Ints) -> Ints:
        """The key; positions outside the range keep to the nearest one inside."""
        return stream * self.step + np.clip(position - self.low, 0, self.step - 1)


def covered_bytes(disjoint: Spans, spans: Spans) -> Ints:
    """How many bytes of each of `spans` lie in the union of `disjoint` ranges."""
    stream, left, right = disjoint
    if not len(stream):
        return np.zeros(len(spans[0]), np.int64)
    order = np.lexsort((left, stream))
    stream, left, right = stream[order], left[order], right[order]
    keys = Keys.over(left, right, spans[1], spans[2])
    starts = keys.of(stream, left)
    total = np.concatenate(([0], np.cumsum(right - left)))

    def below(position: Ints) -> Ints:
        at = np.searchsorted(starts, keys.of(spans[0], position), side="right") - 1
        known = at >= 0
        at = np.maximum(at, 0)
        inside = np.where(
            stream[at] == spans[0],
            np.clip(position - left[at], 0, right[at] - left[at]),
            right[at] - left[at],
        )
        return np.where(known, total[at] + inside, 0)

    return below(spans[2]) - below(spans[1])


def first_cells(spans: Spans) -> tuple[Ints, Ints, Ints]:
    """Cut `spans` into disjoint cells, each given to the first span that covers it.

    Returns (index of the span, right end of the cell, bytes in the cell), one entry a cell.
    """
    stream, left, right = spans
    keys = Keys.over(left, right)
    edges = np.unique(np.concatenate([keys.of(stream, left), keys.of(stream, right)]))
    start = np.searchsorted(edges, keys.of(stream, left))
    stop = np.searchsorted(edges, keys.of(stream, right))
    counts = np.maximum(stop - start, 0)
    span = np.repeat(np.arange(len(stream)), counts)
    cell = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + start[span]
    owner = np.full(len(edges), len(stream))
    np.minimum.at(owner, cell, span)
    used = np.unique(cell)
    position = edges[used + 1] % keys.step + keys.low
    return owner[used], position, edges[used + 1] - edges[used]
