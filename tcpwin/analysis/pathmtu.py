"""Path MTU black holes: full-size segments never arrive, smaller ones do (RFC 2923 2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tcpwin.analysis.grouped import Bools
from tcpwin.analysis.intervals import covered_bytes, first_cells
from tcpwin.analysis.loss import AGAIN, LATE, NEW
from tcpwin.analysis.segments import SYN
from tcpwin.analysis.vantage import near_receiver, near_sender

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

_NONE: Final = 1 << 40
# With nothing of that flow ever delivered, size is not yet the reason: a segment, its
# retransmission and one more must be gone.
_LOST: Final = 2
_LOST_BLIND: Final = 3


def too_large(facts: Facts, flow: int) -> Bools:
    """Streams in which every lost segment of the flow is larger than any that arrived."""
    return (_at_sender(facts, flow) | _at_receiver(facts, flow)) & ~facts.one_sided


def _at_sender(facts: Facts, flow: int) -> Bools:
    segments, loss = facts.segments, facts.losses[flow]
    groups, kind = segments.groups, loss.kind
    mss = facts.mss[flow]
    size = np.minimum(segments.length, mss[groups.ids])
    data = (kind == NEW) | (kind == AGAIN) | (kind == LATE)
    lost = data & sent_again_later(facts, flow) & ~loss.spurious
    acked = segments.end <= groups.max(facts.states[flow].steps.una)[groups.ids]
    delivered = data & ~lost & (acked | _sacked(facts, flow))
    unanswered = loss.needed & ~lost & ~delivered
    gone = lost | unanswered
    smallest = groups.min(np.where(gone, size, _NONE))
    largest = groups.max(np.where(delivered, size, 0))
    count = groups.sum(gone)
    proven = (largest > 1) & (smallest > largest) & (count >= _LOST)
    steps = facts.states[flow].steps
    opened = groups.max(steps.sends & segments.has(SYN))
    through = groups.max(steps.una) - groups.min(np.where(steps.sends, segments.seq, _NONE))
    untried = opened & (largest <= 1) & (through < mss)
    blind = untried & (smallest >= mss) & (count >= _LOST_BLIND)
    result: Bools = (smallest < _NONE) & (proven | blind) & ~near_receiver(facts, flow)
    return result


def sent_again_later(facts: Facts, flow: int) -> Bools:
    """Data rows of the flow whose first byte is sent again, needed, by a later row."""
    segments, loss = facts.segments, facts.losses[flow]
    result = np.zeros(len(segments.frame), bool)
    rows = np.flatnonzero(loss.needed)
    if not len(rows):
        return result
    stream, seq, end = (
        values[rows] for values in (segments.groups.ids, segments.seq, segments.end)
    )
    owner, right, size = first_cells((stream, seq, end))
    fresh = np.flatnonzero(loss.kind == NEW)
    first_bytes = (segments.groups.ids[fresh], segments.seq[fresh], segments.seq[fresh] + 1)
    result[fresh] = covered_bytes((stream[owner], right - size, right), first_bytes) > 0
    order = np.lexsort((rows, seq, stream))
    same = (seq[order][1:] == seq[order][:-1]) & (stream[order][1:] == stream[order][:-1])
    result[rows[order[:-1][same]]] = True
    return result


def _sacked(facts: Facts, flow: int) -> Bools:
    """Data rows of which SACK reported every byte."""
    segments = facts.segments
    blocks = facts.states[flow].blocks
    live = blocks[~blocks["dsack"] & (blocks["right"] > blocks["left"])]
    result = np.zeros(len(segments.frame), bool)
    rows = np.flatnonzero(facts.losses[flow].data)
    if live.empty or not len(rows):
        return result
    stream = segments.groups.ids[live["row"].to_numpy()]
    owner, end, size = first_cells((stream, live["left"].to_numpy(), live["right"].to_numpy()))
    spans = (segments.groups.ids[rows], segments.seq[rows], segments.end[rows])
    covered = covered_bytes((stream[owner], end - size, end), spans)
    result[rows] = covered >= segments.length[rows]
    return result


def _at_receiver(facts: Facts, flow: int) -> Bools:
    """A hole of a full segment or more, and no segment of full size ever came."""
    segments, loss = facts.segments, facts.losses[flow]
    groups, mss = segments.groups, facts.mss[flow]
    data = loss.data & (loss.kind != 0)
    largest = groups.max(np.where(data, segments.length, 0))
    before = facts.states[flow].steps.sent_before
    hole = groups.max(np.where(loss.holes, segments.seq - before, 0))
    return (hole >= mss) & (largest > 1) & (largest < mss) & ~near_sender(facts, flow)
