"""Causes that cost time without a stall: each a small function over all streams at once.

Every function returns rows of the findings table (see `findings.COLUMNS`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.artefacts import riddled
from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Ints, take
from tcpwin.analysis.intervals import Keys
from tcpwin.analysis.limits import IDLE, NETWORK, RECOVERY, WINDOW
from tcpwin.analysis.loss import LATE, NEW
from tcpwin.analysis.mss import MINIMUM
from tcpwin.analysis.pathmtu import too_large
from tcpwin.analysis.segments import FIN, RST, SYN
from tcpwin.analysis.stalls import FLOOR_NS, late_acks, released
from tcpwin.analysis.stamps import median, stamp_samples

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

NS: Final = 1e9
# "A large share": with a third of the active time the window is a main cause beside any two
# others; T-RAT and Siekkinen et al. call a flow limited by what holds it most of the time.
LARGE_SHARE: Final = 1 / 3
# A queue that keeps a packet for 50 ms on top of three minimal round trips is standing, not
# a burst that drains: CoDel tolerates 5 ms over an interval of 100 ms (RFC 8289 4.2, 4.3).
QUEUE_RATIO: Final = 3
QUEUE_NS: Final = 50_000_000


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


def loss(facts: Facts, flow: int) -> pd.DataFrame:
    """Segments sent again and needed; the cost is the time in recovery outside of stalls."""
    marks = facts.losses[flow].needed & ~facts.stalled[flow]
    table = rows_table(facts, flow, marks, cause="loss", blame="path", confidence="proven")
    lost = outside_ns(facts, flow, facts.limits[flow].limiter == RECOVERY)
    large = too_large(facts, flow)[table["group"]]
    return table.assign(
        lost_ns=lost[table["group"]], cause=np.where(large, "path-mtu", "loss"),
        confidence=np.where(large, "likely", "proven"),
    )  # fmt: skip


def reordering(facts: Facts, flow: int) -> pd.DataFrame:
    """Segments that came late and were sent once; the cost is the time the holes stood."""
    loss_facts, segments = facts.losses[flow], facts.segments
    marks = loss_facts.kind == LATE
    table = rows_table(facts, flow, marks, cause="reordering", blame="path", confidence="proven")
    opener = loss_facts.opener
    waited = np.where(
        marks & (opener != NEVER), segments.time_ns - take(segments.time_ns, opener, 0), 0
    )
    return table.assign(lost_ns=segments.groups.sum(waited)[table["group"]])


def zero_window(facts: Facts, flow: int) -> pd.DataFrame:
    """Windows of 0 outside of stalls: short, or with nothing to send; mostly harmless."""
    choke, limits = facts.chokes[flow], facts.limits[flow]
    marks = choke.zero & ~facts.stalled[flow] & (limits.hold_ns > 0)
    table = rows_table(
        facts, flow, marks, cause="zero-window", blame="receiver", confidence="proven"
    )
    lost = outside_ns(facts, flow, choke.zero)[table["group"]]
    return table.assign(lost_ns=lost, end_ns=table["start_ns"] + lost)


def window_limited(facts: Facts, flow: int) -> pd.DataFrame:
    """The window held the flow for a large share of its time: too small for a segment, or
    simply too small for rate times RTT.
    """
    limits, choke, groups = facts.limits[flow], facts.chokes[flow], facts.segments.groups
    held = limits.limiter == WINDOW
    lost = outside_ns(facts, flow, held)
    tiny = outside_ns(facts, flow, held & (choke.small | _crumbs(facts, flow)))
    silly = 2 * tiny >= lost
    share = lost / np.maximum(active_ns(facts, flow), 1)
    wanted = (share >= LARGE_SHARE) & (lost >= FLOOR_NS) & ~riddled(facts, flow)
    marks = held & ~facts.stalled[flow] & wanted[groups.ids]
    table = rows_table(facts, flow, marks, blame="receiver", confidence="likely")
    group = table["group"]
    return table.assign(
        lost_ns=lost[group], cause=np.where(silly[group], "small-window", "receive-window")
    )


def _crumbs(facts: Facts, flow: int) -> Bools:
    """The edge moved on by less than a sender waits for: silly window (RFC 9293 3.8.6.2.2)."""
    state, choke = facts.states[flow], facts.chokes[flow]
    groups = facts.segments.groups
    advance = state.edge - groups.previous(state.edge)
    moved = state.known & groups.previous(state.known, False) & (advance > 0)
    newest = groups.last(moved)
    return take(moved & (advance < choke.needed), newest, False) & choke.full


def queueing(facts: Facts, flow: int) -> pd.DataFrame:
    """RTT several times its minimum while data flows: a deep queue."""
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
    path = sample[rows] + half
    base = np.maximum(facts.path.min_ns, 1)[groups.ids[rows]]
    high = (path >= QUEUE_RATIO * base) & (path - base >= QUEUE_NS)
    streams = len(groups)
    seen = np.bincount(groups.ids[rows], minlength=streams)
    swollen = np.bincount(groups.ids[rows], high, minlength=streams)
    middle = median(path, groups.ids[rows], streams)
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


def delayed_ack(facts: Facts, flow: int) -> pd.DataFrame:
    """Little out, nothing else sent until its ACK comes 30 to 500 ms late, and then a small
    segment at once: Nagle's algorithm meets a delayed ACK.
    """
    segments = facts.segments
    groups = segments.groups
    ack = np.flatnonzero(late_acks(facts, flow) & released(facts, flow))
    sent = groups.last(facts.losses[flow].kind == NEW)[ack]
    ack, sent = ack[sent != NEVER], sent[sent != NEVER]
    free = ~facts.stalled[flow][sent]
    ack, sent = ack[free], sent[free]
    extra = facts.rtts[flow].sample_ns[ack] - facts.rtts[flow].min_ns[groups.ids[ack]]
    marks = np.zeros(len(segments.frame), bool)
    marks[sent] = True
    lost = np.zeros(len(segments.frame), np.int64)
    lost[sent] = extra
    table = rows_table(facts, flow, marks, cause="delayed-ack", blame="sender", confidence="likely")
    table = table.assign(
        lost_ns=groups.sum(lost)[table["group"]],
        confidence=np.where(table["count"] > 1, "likely", "possible"),
    )
    return table[(table["count"] > 1) | (table["lost_ns"] >= FLOOR_NS)]


def path_mtu_told(facts: Facts, flow: int) -> pd.DataFrame:
    """A router said that a segment was too big (RFC 1191, RFC 8201); the cost is recovery."""
    segments, icmp = facts.segments, facts.icmp
    marks = np.zeros(len(segments.frame), bool)
    if not icmp.empty:
        four, six = (icmp["type"] == 3) & (icmp["code"] == 4), icmp["type"] == 2
        told = icmp[np.where(icmp["is_v6"], six, four).astype(bool)]
        marks = _answered_by(facts, flow, told)
    table = rows_table(facts, flow, marks, cause="path-mtu", blame="path", confidence="proven")
    lost = outside_ns(facts, flow, facts.limits[flow].limiter == RECOVERY)[table["group"]]
    return table.assign(lost_ns=lost)


def _answered_by(facts: Facts, flow: int, told: pd.DataFrame) -> Bools:
    """The newest full-size row of the flow before each error that quotes its stream."""
    segments = facts.segments
    result = np.zeros(len(segments.frame), bool)
    known = told[told["stream"].notna()]
    group = np.searchsorted(segments.streams, known["stream"].to_numpy(np.int64))
    group = np.minimum(group, len(segments.groups) - 1)
    mine = segments.streams[group] == known["stream"].to_numpy(np.int64)
    keys = Keys.over(segments.frame)
    at = (
        np.searchsorted(
            keys.of(segments.groups.ids, segments.frame),
            keys.of(group, known["frame"].to_numpy(np.int64)),
        )
        - 1
    )
    large = segments.groups.last(facts.losses[flow].data & (segments.length > MINIMUM))
    row = take(large, np.maximum(at, 0), NEVER)
    good = mine & (row != NEVER) & (segments.groups.ids[np.maximum(row, 0)] == group)
    result[row[good]] = True
    return result


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
    blame = np.where(by_server == (flow == 1), "sender", "receiver")
    return pd.DataFrame(
        {
            "group": group,
            "flow": flow,
            "cause": "reset",
            "blame": blame,
            "confidence": "proven",
            "start_ns": segments.time_ns[row],
            "end_ns": segments.time_ns[row],
            "open": False,
            "lost_ns": 0,
            "first_row": row,
            "last_row": row,
            "count": 1,
        }
    )[harm]


PER_FLOW: Final = (
    loss,
    reordering,
    zero_window,
    window_limited,
    queueing,
    delayed_ack,
    path_mtu_told,
)
