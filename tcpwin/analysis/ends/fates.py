"""What became of every packet between the two captures.

A packet that only one capture has was lost on the way only if the other was running, and if
its host behaves as if it never came: what a host acknowledges has come to it, whether its
capture shows it or not.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from tcpwin.analysis.ends.both import Both
from tcpwin.analysis.ends.end import End
from tcpwin.analysis.ends.match import Links
from tcpwin.analysis.grouped import NEVER, Bools, Ints
from tcpwin.analysis.intervals import first_cells

FATES: Final = ("both", "lost", "partly-lost", "capture-missed", "foreign", "unknown")
BOTH, LOST, PARTLY, MISSED, FOREIGN, UNKNOWN_FATE = range(6)
WHY: Final = ("", "before", "after", "drops")
_NONE, _BEFORE, _AFTER, _DROPS = range(4)


def fate_table(both: Both, flow: int) -> pd.DataFrame:
    """One row per packet of the flow that either capture has, in the order of sending.

    Columns: sent_row, came_row (rows of the sender's and of the receiver's segments, ``NEVER``
    where it is not there; of one that came in pieces the first), pieces (packets at the
    receiver), seq and end (in common numbers), fate and why (indices into `FATES`, `WHY`).

    Fates: ``both`` captures have it; ``lost`` on the way; ``partly-lost``, of a segment that
    a network card split; ``capture-missed``: it came, or was sent, and the capture there does
    not have it; ``foreign``: the receiver has it, its sender does not, and it has other hops
    left than the flow's packets, so something between them made it; ``unknown``, because the
    other capture begins after (``before``) or ended (``after``), or misses packets (``drops``).
    """
    links = both.links[flow]
    sender, receiver = both.sender(flow), both.receiver(flow)
    sent, came = sender.rows(flow), receiver.rows(flow)
    table = _sent(both, flow, sent, came)
    alone = came[~np.isin(came, links.b)]
    extra = pd.DataFrame({"sent_row": NEVER, "came_row": alone, "pieces": 1})
    extra["seq"], extra["end"] = (values[alone] for values in receiver.numbers[:2])
    moment = both.sent_ns(flow)[np.searchsorted(came, alone)]
    extra["fate"], extra["why"] = _unsent(sender, receiver, links, alone, moment)
    sent_ns = np.append(sender.segments.time_ns[sent], moment)
    whole = pd.concat([table, extra], ignore_index=True).astype(np.int64)
    return whole.iloc[np.argsort(sent_ns, kind="stable")].reset_index(drop=True)


def _sent(both: Both, flow: int, sent: Ints, came: Ints) -> pd.DataFrame:
    links, sender, receiver = both.links[flow], both.sender(flow), both.receiver(flow)
    seq, end, _ack = (values[sent] for values in sender.numbers)
    at = np.searchsorted(sent, links.a)
    got = np.bincount(at, links.bytes, minlength=len(sent)).astype(np.int64)
    pieces = np.bincount(at, minlength=len(sent))
    first = np.full(len(sent), np.iinfo(np.int64).max)
    np.minimum.at(first, at, links.b)
    first = np.where(pieces > 0, first, NEVER)
    size = end - seq
    fate = np.where((pieces > 0) & (got >= size), BOTH, np.where(pieces > 0, PARTLY, LOST))
    why = np.zeros(len(sent), np.int64)
    due = both.expected_ns(flow)
    gone = pieces == 0
    early, late = gone & (due < receiver.start_ns), gone & (due > receiver.end_ns)
    fate[early | late] = UNKNOWN_FATE
    why[early], why[late] = _BEFORE, _AFTER
    watched = (fate == LOST) | (fate == PARTLY)
    had, known = _received(both, flow, (seq, end), due, came, watched & (size > 0))
    fate[known] = MISSED
    # A capture that misses packets proves the loss only of what its host went on lacking.
    if known.any() or _misses(receiver, flow):
        unsure = (fate == LOST) & ((size == 0) | had)
        fate[unsure], why[unsure] = UNKNOWN_FATE, _DROPS
    columns = {"sent_row": sent, "came_row": first, "pieces": pieces, "seq": seq, "end": end}
    return pd.DataFrame({**columns, "fate": fate, "why": why})


def _received(
    both: Both, flow: int, span: tuple[Ints, Ints], due: Ints, came: Ints, asked: Bools
) -> tuple[Bools, Bools]:
    """Of packets that the receiver's capture lacks: had it their bytes, and did they come?

    Returns (the receiver had the bytes already when the packet was due; the packet came,
    since the receiver acknowledged bytes that its capture does not show before: of several
    copies the last that was due before the acknowledgement).
    """
    had, known = np.zeros(len(due), bool), np.zeros(len(due), bool)
    if not asked.any():
        return had, known
    receiver, sender = both.receiver(flow), both.sender(flow)
    rows = np.flatnonzero(asked)
    never = np.iinfo(np.int64).max
    acked = _acked_ns(receiver, flow, span[1][rows], receiver.segments.time_ns)
    acked_there = _acked_ns(sender, flow, span[1][rows], sender.segments.time_ns)
    seen = _complete_ns(receiver, came, (span[0][rows], span[1][rows]))
    had[rows] = np.minimum(seen, acked) <= due[rows]
    proven = (seen > acked) | ((seen == never) & (acked_there < never))
    proven &= due[rows] <= acked
    candidates = pd.DataFrame({"seq": span[0][rows], "end": span[1][rows], "due": due[rows]})
    candidates = candidates[proven].sort_values("due", kind="stable")
    last = candidates[~candidates.duplicated(["seq", "end"], keep="last")].index
    known[rows[last.to_numpy()]] = True
    return had, known


def _acked_ns(end: End, flow: int, target: Ints, time_ns: Ints) -> Ints:
    """When a capture first shows the flow acknowledged up to `target`; the far future if never."""
    una = end.una(flow)
    at = np.searchsorted(una, target)
    times = np.append(np.maximum.accumulate(time_ns), np.iinfo(np.int64).max)
    result: Ints = times[at]
    return result


def _complete_ns(receiver: End, came: Ints, spans: tuple[Ints, Ints]) -> Ints:
    """When the receiver's capture had shown every byte of each span; the far future if never."""
    never = np.iinfo(np.int64).max
    seq, end, _ack = receiver.numbers
    rows = came[receiver.takes(came)]
    if not len(rows):
        return np.full(len(spans[0]), never)
    owner, right, size = first_cells((np.zeros(len(rows), np.int64), seq[rows], end[rows]))
    order = np.argsort(right)
    right, size, owner = right[order], size[order], rows[owner[order]]
    left = right - size
    broken = np.append(0, np.cumsum(left[1:] != right[:-1]))  # number of the gap-free stretch
    first = np.searchsorted(right, spans[0], side="right")
    last = np.searchsorted(right, spans[1])
    inside = last < len(right)
    first, last = np.minimum(first, len(right) - 1), np.minimum(last, len(right) - 1)
    whole = inside & (broken[first] == broken[last]) & (left[first] <= spans[0])
    times = np.append(receiver.segments.time_ns[owner], 0)
    stops = np.stack([first, last + 1], axis=1).reshape(-1)
    latest = np.maximum.reduceat(times, np.minimum(stops, len(times) - 1))[::2]
    return np.where(whole, latest, never)


def _misses(end: End, flow: int) -> bool:
    """The capture by itself shows that it lacks what its host acknowledged."""
    return bool(end.facts.unseen[end.own(flow)][0] > 0)


def _unsent(
    sender: End, receiver: End, links: Links, rows: Ints, moment: Ints
) -> tuple[Ints, Ints]:
    """Fate and reason of what only the receiver's capture has; `moment`: when it was sent."""
    why = np.select([moment < sender.start_ns, moment > sender.end_ns], [_BEFORE, _AFTER], _NONE)
    hops = receiver.segments.hops
    usual = np.unique(hops[links.b])
    other = ~np.isin(hops[rows], usual) if len(usual) else np.zeros(len(rows), bool)
    fate = np.where(other, FOREIGN, np.where(why > _NONE, UNKNOWN_FATE, MISSED))
    return fate, np.where(other, _NONE, why)
