"""Causes that cost time without a stall: each a small function over all streams at once.

Every function returns rows of the findings table (see `findings.COLUMNS`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.artefacts import riddled
from tcpwin.analysis.grouped import NEVER, Bools, take
from tcpwin.analysis.limits import WINDOW
from tcpwin.analysis.loss import LATE, NEW
from tcpwin.analysis.pathmtu import too_large
from tcpwin.analysis.queues import queueing, saturated
from tcpwin.analysis.stalls import FLOOR_NS
from tcpwin.analysis.tally import active_ns, outside_ns, rows_table
from tcpwin.analysis.toobig import path_mtu_told

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

# "A large share": with a third of the active time the window is a main cause beside any two
# others; T-RAT and Siekkinen et al. call a flow limited by what holds it most of the time.
LARGE_SHARE: Final = 1 / 3


def loss(facts: Facts, flow: int) -> pd.DataFrame:
    """Segments sent again and needed; the cost is the time in recovery outside of stalls.

    All of it, also while a hole keeps the window full: that is the loss's doing.
    """
    marks = facts.losses[flow].needed & ~facts.stalled[flow]
    table = rows_table(facts, flow, marks, cause="loss", blame="path", confidence="proven")
    lost = outside_ns(facts, flow, facts.limits[flow].in_recovery)
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
    waited = np.maximum(waited, 0)  # clocks may run backwards
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
    """The window held the flow for a large share of its time.

    It was too small for a segment, or simply too small for rate times RTT.
    """
    limits, choke, groups = facts.limits[flow], facts.chokes[flow], facts.segments.groups
    held = limits.limiter == WINDOW
    lost = outside_ns(facts, flow, held)
    tiny = outside_ns(facts, flow, held & (choke.small | _crumbs(facts, flow)))
    silly = 2 * tiny >= lost
    share = lost / np.maximum(active_ns(facts, flow), 1)
    wanted = (share >= LARGE_SHARE) & (lost >= FLOOR_NS) & ~riddled(facts, flow)
    wanted &= silly | ~saturated(facts, flow)
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


def delayed_ack(facts: Facts, flow: int) -> pd.DataFrame:
    """Nagle's algorithm meets a delayed ACK.

    Little is out, nothing else is sent until its ACK comes 30 to 500 ms late, and then a
    small segment goes at once.
    """
    segments = facts.segments
    groups = segments.groups
    ack = np.flatnonzero(facts.delays[flow].late & facts.delays[flow].released)
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


PER_FLOW: Final = (
    loss,
    reordering,
    zero_window,
    window_limited,
    queueing,
    delayed_ack,
    path_mtu_told,
)
