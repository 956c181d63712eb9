"""Deep queues: RTT several times its minimum while data flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import UNKNOWN, Bools, Ints
from tcpwin.analysis.limits import NETWORK, RECOVERY, WINDOW
from tcpwin.analysis.stalls import FLOOR_NS
from tcpwin.analysis.stamps import quantile, stamp_samples
from tcpwin.analysis.tally import outside_ns, rows_table

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

# A queue that keeps a packet for 50 ms on top of three minimal round trips is standing, not
# a burst that drains: CoDel tolerates 5 ms over an interval of 100 ms (RFC 8289 4.2, 4.3).
QUEUE_RATIO: Final = 3
QUEUE_NS: Final = 50_000_000
# A queue that hardly ever drains: BBR takes an RTT of 1.25 times the minimum as full pipe.
STANDING: Final = 1.25
LOW: Final = 0.25


def _busy_rtts(facts: Facts, flow: int) -> tuple[Ints, Ints]:
    """Rows that give a round trip while the flow had segments out, and the path's RTT there."""
    segments = facts.segments
    groups = segments.groups
    busy = facts.states[flow].flight >= 3 * facts.mss[flow][groups.ids]
    own = np.where(groups.previous(busy, False), facts.rtts[flow].sample_ns, UNKNOWN)
    echoed = stamp_samples(segments, 1 - flow)
    # Near the receiver the flow's own ACKs take no time; the echo of their stamps does.
    sample = np.maximum(own, echoed)
    rows = np.flatnonzero(sample > UNKNOWN)
    half = np.where(own[rows] >= echoed[rows], facts.halves[1 - flow][groups.ids[rows]],
                    facts.halves[flow][groups.ids[rows]])  # fmt: skip
    return rows, sample[rows] + half


def saturated(facts: Facts, flow: int) -> Bools:
    """Streams whose path was busy all the time: few round trips as short as the shortest.

    A window below rate times RTT leaves the link idle between two windows, so the first
    packet of each finds no queue. Where all find one, more window would only lengthen it.
    """
    rows, path = _busy_rtts(facts, flow)
    groups = facts.segments.groups
    low = quantile(path, groups.ids[rows], len(groups), LOW)
    return np.asarray(low >= STANDING * np.maximum(facts.path.min_ns, 1))


def queueing(facts: Facts, flow: int) -> pd.DataFrame:
    """RTT several times its minimum while data flows: a deep queue."""
    segments = facts.segments
    groups = segments.groups
    rows, path = _busy_rtts(facts, flow)
    base = np.maximum(facts.path.min_ns, 1)[groups.ids[rows]]
    high = (path >= QUEUE_RATIO * base) & (path - base >= QUEUE_NS)
    streams = len(groups)
    seen = np.bincount(groups.ids[rows], minlength=streams)
    swollen = np.bincount(groups.ids[rows], high, minlength=streams)
    middle = quantile(path, groups.ids[rows], streams)
    fraction = swollen / np.maximum(seen, 1)
    deep = (fraction >= 0.5) & (seen >= 8) & ~np.isnan(middle)
    marks = np.zeros(len(segments.frame), bool)
    marks[rows[high]] = True
    marks &= deep[groups.ids]
    table = rows_table(facts, flow, marks, cause="queueing", blame="path", confidence="likely")
    group = table["group"].to_numpy()
    moving = np.isin(facts.limits[flow].limiter, (NETWORK, WINDOW, RECOVERY))
    flowing = outside_ns(facts, flow, moving)[group]
    waits = 1 - facts.path.min_ns[group] / middle[group]
    table = table.assign(lost_ns=flowing * fraction[group] * waits)
    return table[table["lost_ns"] >= FLOOR_NS]
