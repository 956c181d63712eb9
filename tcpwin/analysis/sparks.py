"""Window and flight of many streams, each in a few numbers: what a sparkline shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tcpwin.analysis.grouped import UNKNOWN, Bools, Groups, Ints

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sparks:
    """A row for each stream asked for, a column for each equal part of its time.

    Attributes:
        flow: 0 or 1, the flow that is shown: the one that the verdict is about, or the larger.
        window: the lowest window in each part [bytes], NaN where not known; a window of 0
            stays visible however short it was.
        flight: the highest flight in each part [bytes].
        most_window: the largest window [bytes], NaN where none is known.
        most_flight: the largest flight [bytes].
    """

    flow: Ints
    window: Floats
    flight: Floats
    most_window: Floats
    most_flight: Floats


def sparks(facts: Facts, streams: Ints, parts: int) -> Sparks:
    """Window and flight from the start of each stream to its end, or to that of the capture.

    Args:
        facts: the facts of all streams.
        streams: numbers as in ``tcp.stream``, in any order, each once; shape (k,).
        parts: into how many parts of equal length to cut the time of each stream.

    Returns:
        Arrays of shape (k, parts) and (k,).
    """
    segments = facts.segments
    groups = segments.groups
    chosen = np.searchsorted(segments.streams, streams)
    sizes = [table["bytes"].to_numpy() for table in facts.flow_tables]
    told = facts.verdicts["flow"].to_numpy(np.int64)
    shown = np.where(told >= 0, told, (sizes[1] >= sizes[0]).astype(np.int64))
    place = np.full(len(groups), -1)
    place[chosen] = np.arange(len(chosen))
    rows = np.flatnonzero(place[groups.ids] >= 0)
    ids, line = groups.ids[rows], place[groups.ids[rows]]
    begin = groups.min(segments.time_ns)
    clock = groups.cummax(segments.time_ns)[rows] - begin[ids]
    span = np.maximum(facts.end_ns - begin, 1)[ids]
    cell = line * parts + np.minimum(clock * parts // span, parts - 1)
    up = shown[ids] == 0
    window, flight = (
        np.where(up, one[rows], other[rows])
        for one, other in (
            [state.window for state in facts.states],
            [state.flight for state in facts.states],
        )
    )
    shape = len(chosen), parts
    return Sparks(
        flow=shown[chosen],
        window=_cells(cell, window, shape, np.minimum),
        flight=_cells(cell, flight, shape, np.maximum),
        most_window=_most(line, window, len(chosen)),
        most_flight=_most(line, flight, len(chosen)),
    )


def _cells(cell: Ints, values: Ints, shape: tuple[int, int], extreme: np.ufunc) -> Floats:
    """The extreme value of each part, the one that held when the part began included."""
    known: Bools = values > UNKNOWN
    cell, values = cell[known], values[known]
    inside, last = np.full(shape, np.nan), np.full(shape, np.nan)
    runs = Groups.of_sorted(cell)
    if len(runs):
        inside.flat[cell[runs.starts]] = extreme.reduceat(values, runs.starts)
        last.flat[cell[runs.ends]] = values[runs.ends]
    held = pd.DataFrame(last).ffill(axis=1).shift(1, axis=1).to_numpy()
    result: Floats = (np.fmin if extreme is np.minimum else np.fmax)(inside, held)
    return result


def _most(line: Ints, values: Ints, count: int) -> Floats:
    most = np.full(count, np.nan)
    runs = Groups.of_sorted(line)
    if len(runs):
        top = runs.max(values)
        most[line[runs.starts]] = np.where(top > UNKNOWN, top, np.nan)
    return most
