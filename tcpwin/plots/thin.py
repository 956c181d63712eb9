"""Thin out by what the eye can see, never by skipping rows.

A chart has a few thousand pixel columns, a capture millions of packets. Of all points that
fall into one column only its first, lowest, highest and last can be told apart; those are
kept, and whatever the caller says must not vanish (a zero window, a retransmission). All
functions are vectorised and run in a few linear passes.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]


def cells(values: Floats, count: int, low: float, high: float) -> Ints:
    """The pixel column (or row) of each value.

    Args:
        values: positions in data units, any shape.
        count: number of columns between ``low`` and ``high``.
        low: data position of the left edge of column 0.
        high: data position of the right edge of the last column.

    Returns:
        Column numbers from 0 to ``count - 1``; what lies outside goes to the outer columns.
    """
    span = high - low
    if not np.isfinite(span) or span <= 0:
        return np.zeros(values.shape, dtype=np.int64)
    with np.errstate(invalid="ignore", over="ignore"):
        place = np.clip((values - low) / span * count, 0, count - 1)
    return np.nan_to_num(place, nan=0.0).astype(np.int64)


def thin_line(x: Floats, y: Floats, columns: int, keep: Bools | None = None) -> Ints:
    """Rows of a line or step that must be drawn: first, last, lowest, highest per column.

    Args:
        x: times, shape (n,); need not be sorted (clocks step back), order is kept.
        y: values, shape (n,); NaN means "not known" and is kept once per column.
        columns: number of pixel columns over the range of ``x``.
        keep: rows that must stay visible, shape (n,): the first and last of them in every
            column are kept.

    Returns:
        Row numbers in ascending order; all rows where there are few.
    """
    count = len(x)
    if count <= 4 * columns:
        return np.arange(count, dtype=np.int64)
    column = cells(x, columns, float(np.nanmin(x)), float(np.nanmax(x)))
    # A run of equal columns; a clock that steps back merely starts one more run.
    starts = np.flatnonzero(np.r_[True, column[1:] != column[:-1]])
    run = np.cumsum(np.r_[False, column[1:] != column[:-1]])
    missing = np.isnan(y)
    lowest = np.minimum.reduceat(np.where(missing, np.inf, y), starts)
    highest = np.maximum.reduceat(np.where(missing, -np.inf, y), starts)
    chosen = [starts, np.r_[starts[1:], count] - 1]
    chosen.append(_first_of_run(y == lowest[run], run))
    chosen.append(_first_of_run(y == highest[run], run))
    chosen.append(_first_of_run(missing, run))
    if keep is not None:
        chosen.append(_first_of_run(keep, run))
        chosen.append(count - 1 - _first_of_run(keep[::-1], run[::-1]))
    return np.unique(np.concatenate(chosen)).astype(np.int64)


def thin_points(
    x: Floats,
    y: Floats,
    columns: int,
    rows: int,
    *,
    few: int | None = None,
    span: tuple[float, float, float, float] | None = None,
) -> Ints:
    """Rows of a cloud of points: the first in every cell of the pixel grid, and the extremes.

    Args:
        x: times, shape (n,).
        y: values, shape (n,); rows with NaN are left out.
        columns: pixel columns over the range of ``x``.
        rows: pixel rows over the range of ``y``.
        few: up to so many are all kept, so that a chart can be zoomed; 4 per column for None.
        span: lowest and highest x, lowest and highest y of the grid where it is larger than
            the cloud.

    Returns:
        Row numbers in ascending order.
    """
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if len(known) <= (4 * columns if few is None else few):
        return known.astype(np.int64)
    px, py = x[known], y[known]
    left, right, bottom, top = span or (np.inf, -np.inf, np.inf, -np.inf)
    column = cells(px, columns, min(left, float(px.min())), max(right, float(px.max())))
    row = cells(py, rows, min(bottom, float(py.min())), max(top, float(py.max())))
    _, first = np.unique(column * rows + row, return_index=True)
    extremes = [int(py.argmin()), int(py.argmax()), 0, len(known) - 1]
    shown: Ints = known[np.unique(np.r_[first, extremes])].astype(np.int64)
    return shown


def apart(x: Floats, y: Floats, least: float) -> Ints:
    """Rows of marks that do not overlap: each `least` away from those before it, across or up.

    Args:
        x: positions across, shape (n,), on the same scale as ``least``; a few thousand at most.
        y: positions up, shape (n,).
        least: size of a mark.

    Returns:
        Row numbers in ascending order.
    """
    shown = np.zeros(len(x), bool)
    for row in range(len(x)):
        near = (np.abs(x[:row] - x[row]) < least) & (np.abs(y[:row] - y[row]) < least)
        shown[row] = not np.any(near & shown[:row])
    return np.flatnonzero(shown).astype(np.int64)


def thin_bars(
    x: Floats, low: Floats, high: Floats, columns: int, rows: int
) -> tuple[Floats, Floats, Floats]:
    """Merge vertical bars that share a pixel: every byte stays covered, holes stay white.

    Args:
        x: times, shape (n,).
        low: lower ends, shape (n,).
        high: upper ends, shape (n,), not below ``low``.
        columns: pixel columns over the range of ``x``.
        rows: pixel rows over the range from the lowest to the highest end.

    Returns:
        ``x``, ``low`` and ``high`` of the bars to draw. A merged bar covers all of its
        members and paints less than one pixel row that none of them has.
    """
    if len(x) <= 2 * columns:
        return x, low, high
    bottom, top = float(low.min()), float(high.max())
    cell = cells(x, columns, float(x.min()), float(x.max())) * rows
    cell += cells(low, rows, bottom, top)
    order = np.argsort(cell, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(cell[order]) != 0])
    return (
        x[order[starts]],
        np.minimum.reduceat(low[order], starts),
        np.maximum.reduceat(high[order], starts),
    )


def thin_spans(start: Floats, end: Floats, pixel: float) -> tuple[Floats, Floats]:
    """Merge spans of time that lie less than a pixel apart; none gets narrower than a pixel.

    Args:
        start: begins, shape (n,), ascending.
        end: ends, shape (n,).
        pixel: width of a pixel column in units of time.

    Returns:
        Begins and ends of the spans to draw.
    """
    if len(start) == 0:
        return start, end
    reach = np.maximum.accumulate(end)
    starts = np.flatnonzero(np.r_[True, start[1:] - reach[:-1] >= pixel])
    begin = start[starts]
    return begin, np.maximum(np.maximum.reduceat(end, starts), begin + pixel)


def _first_of_run(mask: Bools, run: Ints) -> Ints:
    hits = np.flatnonzero(mask)
    if len(hits) == 0:
        return hits.astype(np.int64)
    owner = run[hits]
    return hits[np.r_[True, owner[1:] != owner[:-1]]].astype(np.int64)
