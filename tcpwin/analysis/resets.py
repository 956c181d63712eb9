"""Resets: who broke the connection, and whether somebody still waited for something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import NEVER, Bools, take
from tcpwin.analysis.segments import FIN, RST, SYN

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts


# A route that changes in mid-stream changes the hops of all that follows, too; with this many
# packets of one side that all came another way, a reset that alone differs is not its own.
_OTHERS: Final = 3


def foreign(facts: Facts) -> Bools:
    """Resets that came over another number of hops than every other packet of their side.

    A device on the path sent them; shape (n,).
    """
    segments = facts.segments
    side = 2 * segments.groups.ids + segments.from_client
    way = side * 256 + segments.hops
    others = ~segments.has(RST)
    count = np.bincount(side[others], minlength=2 * len(segments.groups))
    result: Bools = segments.has(RST) & (segments.hops >= 0) & (count[side] >= _OTHERS)
    return result & ~np.isin(way, way[others])


def reset(facts: Facts) -> pd.DataFrame:
    """An RST while data was owed or outstanding; after a finished exchange it is harmless."""
    segments = facts.segments
    groups = segments.groups
    row = groups.first_where(segments.has(RST))
    group = np.flatnonzero(row != NEVER)
    row = row[group]
    before = np.maximum(row - 1, groups.starts[group])
    out = [
        np.maximum(facts.states[flow].steps.nxt - facts.states[flow].steps.una, 0)[before]
        for flow in (0, 1)
    ]
    fins = [
        take(groups.last(segments.has(FIN) & segments.sends(flow)), before, NEVER) != NEVER
        for flow in (0, 1)
    ]
    refused = take(groups.last(~segments.has(SYN)), before, NEVER) == NEVER
    by_server = ~segments.from_client[row]
    owed = facts.owed[before] > 0
    due = facts.answer_due[before]
    waiting = [o - f > 0 for o, f in zip(out, fins, strict=True)]
    done = fins[0] & fins[1]
    cut = [take(row_of, before, False) for row_of in facts.cut_off]
    harm = refused | owed | due | ((waiting[0] | waiting[1] | cut[0] | cut[1]) & ~done)
    flow = np.where(owed | due | waiting[1] | cut[1] | refused, 1, 0)
    strange = foreign(facts)[row]
    blame = np.where(strange, "path", np.where(by_server == (flow == 1), "sender", "receiver"))
    result: pd.DataFrame = pd.DataFrame(
        {
            "group": group,
            "flow": flow,
            "cause": "reset",
            "blame": blame,
            "confidence": np.where(strange, "likely", "proven"),
            "start_ns": segments.time_ns[row],
            "end_ns": segments.time_ns[row],
            "open": False,
            "lost_ns": 0,
            "first_row": row,
            "last_row": row,
            "count": 1,
        }
    )[harm]
    return result
