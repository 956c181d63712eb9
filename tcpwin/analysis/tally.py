"""What a cause cost: rows and time of all streams at once, brought together per stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import Bools, Ints
from tcpwin.analysis.limits import IDLE

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

NS: Final = 1e9


def rows_table(facts: Facts, flow: int, marks: Bools, **columns: object) -> pd.DataFrame:
    """One finding for each stream with a marked row, from its first to its last."""
    segments = facts.segments
    groups = segments.groups
    count = groups.sum(marks)
    found = np.flatnonzero(count > 0)
    rows = np.flatnonzero(marks)
    group, first = np.unique(groups.ids[rows], return_index=True)
    last = np.append(first[1:], len(rows)) - 1 if len(rows) else first
    begin, end = rows[first], rows[last]
    return pd.DataFrame(
        {
            "group": group,
            "flow": flow,
            "start_ns": segments.time_ns[begin],
            "end_ns": segments.time_ns[end],
            "open": False,
            "first_row": begin,
            "last_row": end,
            "count": count[found],
            **columns,
        }
    )


def active_ns(facts: Facts, flow: int) -> np.ndarray:
    """Time in which the flow had something to do, per stream."""
    seconds = facts.limits[flow].seconds
    return np.asarray((seconds.sum(axis=1) - seconds[:, IDLE]) * NS)


def outside_ns(facts: Facts, flow: int, marks: Bools) -> Ints:
    """Time after the marked rows that no stall accounts for, per stream."""
    free = marks & ~facts.stalled[flow]
    return facts.segments.groups.sum(np.where(free, facts.limits[flow].hold_ns, 0))
