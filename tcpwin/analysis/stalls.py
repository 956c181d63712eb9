"""Gaps in forward progress, each with what happened inside it.

A stall is a gap in new bytes sent or newly acknowledged, in a flow that has something to do,
longer than max(min(2 SRTT, RTO), 200 ms) [Zhou et al., TAPO, CoNEXT 2015]. Probes,
keep-alives, duplicate ACKs and retransmissions that bring nothing do not end one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Groups, Ints, take
from tcpwin.analysis.intervals import Keys
from tcpwin.analysis.loss import AGAIN, KEEP_ALIVE, NEW, PROBE
from tcpwin.analysis.segments import FIN, RST, SYN

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

FLOOR_NS: Final = 200_000_000
_COUNTS: Final = (
    "again", "probes", "keep_alives", "back", "back_after", "spurious", "needless", "zero_ns",
    "shut_ns",
)  # fmt: skip


def progress_rows(facts: Facts, flow: int) -> Bools:
    """Rows that bring the flow forward, shape (n,).

    New bytes sent, newly acknowledged or SACKed, or a hole filled. A byte that a probe got
    through a closed window is none.
    """
    segments, state, loss = facts.segments, facts.states[flow], facts.losses[flow]
    kind = loss.kind
    opens = state.steps.sends & segments.has(SYN | FIN) & (segments.end > state.steps.sent_before)
    sent = (kind == NEW) | opens | loss.fills
    sacked = (state.sacked > segments.groups.previous(state.sacked, 0)) & state.steps.acks
    closed_before = segments.groups.previous(facts.chokes[flow].zero, False)
    probed = closed_before & (state.steps.newly <= 1) & facts.chokes[flow].zero
    result: Bools = (sent | (state.steps.newly > 0) | sacked) & ~probed & ~segments.has(RST)
    return result


def threshold_ns(facts: Facts, flow: int) -> Ints:
    """max(min(2 SRTT, RTO), 200 ms) after each row, of the path as a whole."""
    srtt, rto = facts.path.srtt_ns(flow)
    return np.maximum(np.where(srtt > UNKNOWN, np.minimum(2 * srtt, rto), rto), FLOOR_NS)


def gaps(facts: Facts, moves: Bools, threshold: Ints) -> pd.DataFrame:
    """Gaps between rows where `moves` holds, longer than the threshold at their start.

    Returns:
        DataFrame: group, start_row, end_row (``NEVER`` when nothing came any more), last_row
        (the last row inside or at the end), start_ns, end_ns, open.
    """
    segments = facts.segments
    rows = np.flatnonzero(moves)
    group = segments.groups.ids[rows]
    last = np.append(group[1:] != group[:-1], True) if len(rows) else np.zeros(0, bool)
    follow = np.append(rows[1:], NEVER) if len(rows) else rows
    follow = np.where(last, NEVER, follow)
    start_ns = segments.time_ns[rows]
    end_ns = np.where(last, facts.end_ns[group], take(segments.time_ns, follow, 0))
    keep = end_ns - start_ns > threshold[rows]
    inside = np.where(follow == NEVER, segments.groups.ends[group], follow)
    return pd.DataFrame(
        {
            "group": group[keep],
            "start_row": rows[keep],
            "end_row": follow[keep],
            "last_row": inside[keep],
            "start_ns": start_ns[keep],
            "end_ns": end_ns[keep],
            "open": last[keep] & ~facts.closed[group[keep]],
        }
    )


def outstanding(facts: Facts, flow: int) -> Ints:
    """Bytes sent and not acknowledged after each row, a lone FIN left aside."""
    segments, steps = facts.segments, facts.states[flow].steps
    fin = steps.sends & segments.has(FIN)
    fin_end = segments.groups.cummax(np.where(fin, segments.end, UNKNOWN))
    waiting_fin = (fin_end == steps.nxt) & (steps.una < steps.nxt)
    out = np.where(steps.una > UNKNOWN, steps.nxt - steps.una, 0)
    result: Ints = out - waiting_fin
    return result


def stall_table(facts: Facts) -> pd.DataFrame:
    """All stalls of flows that have something to do, and all silences of whole streams.

    Columns besides those of `gaps`: flow; kind: ``data`` (unacknowledged or sent again),
    ``window`` (held by the window) or ``silence`` (nothing outstanding either way; flow is
    -1); and what was seen inside: see `_inside`.
    """
    progress = [progress_rows(facts, flow) for flow in (0, 1)]
    threshold = [threshold_ns(facts, flow) for flow in (0, 1)]
    parts = [_flow_stalls(facts, flow, progress[flow], threshold[flow]) for flow in (0, 1)]
    moves = progress[0] | progress[1]
    # Who delays an ACK has nothing to say yet: unless somebody waited for it, one that comes
    # after more than the shortest stall moves nothing.
    late = [
        delays.late & ~delays.released & (rtt.sample_ns > FLOOR_NS)
        for delays, rtt in zip(facts.delays, facts.rtts, strict=True)
    ]
    moves &= ~(late[0] | late[1]) | (facts.segments.length > 0)
    quiet = gaps(facts, moves, np.minimum(*threshold))
    quiet = quiet.assign(flow=-1, kind="silence")
    for part in parts:
        quiet = quiet[~_overlaps(quiet, part)]
    counts = dict.fromkeys(_COUNTS, 0) | {"first_ask": NEVER}
    table = pd.concat([*parts, quiet.assign(**counts)], ignore_index=True)
    return table.sort_values(["group", "start_ns", "flow"], ignore_index=True)


def _flow_stalls(facts: Facts, flow: int, moves: Bools, threshold: Ints) -> pd.DataFrame:
    table = gaps(facts, moves, threshold)
    table = table.assign(**_inside(facts, flow, table))
    start = table["start_row"].to_numpy()
    waits = outstanding(facts, flow)[start] > 0
    # One copy too many, sent by a probe for the tail (RFC 8985 7), does not tell that its
    # sender waits.
    again = table["again"].to_numpy() > (table["needless"].to_numpy() == 1)
    end = table["end_row"].to_numpy()
    resumes = take(facts.losses[flow].kind == NEW, end, False)
    held = table["shut_ns"].to_numpy() > 0
    # A window that holds nobody back is no stall: somebody must have probed, or sent as
    # soon as it could, or have filled the window to its edge.
    wants = (table["probes"].to_numpy() > 0) | resumes | facts.chokes[flow].full[start]
    held &= wants & ((table["shut_ns"] * 2 >= table["end_ns"] - table["start_ns"]).to_numpy()
                     | (table["probes"].to_numpy() > 0))  # fmt: skip
    waits &= again | ~_delayed(facts, flow, table)
    # Where the ACKs were not captured, everything looks unacknowledged.
    seen = ~facts.one_sided[table["group"].to_numpy()]
    kind = np.where(held, "window", np.where((waits | again) & seen, "data", ""))
    result: pd.DataFrame = table.assign(flow=flow, kind=kind)[kind != ""]
    return result


def _delayed(facts: Facts, flow: int, table: pd.DataFrame) -> Bools:
    """Gaps that end with an ACK which the receiver delayed, and for which nobody waited."""
    end = table["end_row"].to_numpy()
    late = take(facts.delays[flow].late, end, False)
    return np.asarray(late & ~take(facts.delays[flow].released, end, False), bool)


def _inside(facts: Facts, flow: int, table: pd.DataFrame) -> dict[str, np.ndarray]:
    """What each gap holds, its first row and the row that ends it left out.

    again, probes, keep_alives: packets of the flow's sender; back: packets of the flow's
    receiver; back_after: those after the first retransmission or probe; spurious: sent again
    though it had arrived; needless: though acknowledged here; zero_ns, shut_ns: time under a
    closed, a too small window.
    """
    segments, loss, choke = facts.segments, facts.losses[flow], facts.chokes[flow]
    start, last = table["start_row"].to_numpy(), table["last_row"].to_numpy()
    endless = table["end_row"].to_numpy() == NEVER
    stop = np.where(endless, last + 1, last)  # exclusive

    def count(mask: Bools) -> Ints:
        total = np.concatenate(([0], np.cumsum(mask)))
        return np.asarray(total[stop] - total[np.minimum(start + 1, stop)], np.int64)

    hold = np.diff(segments.time_ns, append=0)
    hold[segments.groups.ends] = 0

    def spent(mask: Bools) -> Ints:
        total = np.concatenate(([0], np.cumsum(np.where(mask, hold, 0))))
        until_end = table["end_ns"].to_numpy() - segments.time_ns[last]
        tail = np.where(endless & mask[last], until_end, 0)
        return np.asarray(total[last] - total[start] + tail, np.int64)

    again = loss.kind == AGAIN
    probe = loss.kind == PROBE
    back = ~facts.states[flow].steps.sends
    asks = segments.groups.next(again | probe)
    first_ask = take(asks, start, NEVER)
    first_ask = np.where((first_ask != NEVER) & (first_ask < stop), first_ask, stop)
    total_back = np.concatenate(([0], np.cumsum(back)))
    return {
        "again": count(again),
        "probes": count(probe),
        "keep_alives": count(loss.kind == KEEP_ALIVE),
        "back": count(back),
        "back_after": total_back[stop] - total_back[np.minimum(first_ask, stop)],
        "spurious": count(loss.spurious),
        "needless": count(loss.needless),
        "zero_ns": spent(choke.zero),
        "shut_ns": spent(choke.shut),
        "first_ask": np.where(first_ask < stop, first_ask, NEVER),
    }


def _overlaps(quiet: pd.DataFrame, stalls: pd.DataFrame) -> Bools:
    """Which silences share time with a stall of a flow of the same stream."""
    if quiet.empty or stalls.empty:
        return np.zeros(len(quiet), bool)
    order = np.lexsort((stalls["start_ns"], stalls["group"]))
    group, begin, finish = (
        stalls[name].to_numpy()[order] for name in ("group", "start_ns", "end_ns")
    )
    keys = Keys.over(begin, quiet["end_ns"].to_numpy())
    last = keys.of(quiet["group"].to_numpy(), quiet["end_ns"].to_numpy())
    # Of the stalls that begin before the silence ends, one must end after it begins.
    at = np.searchsorted(keys.of(group, begin), last) - 1
    same = (at >= 0) & (group[np.maximum(at, 0)] == quiet["group"].to_numpy())
    reach = Groups.of_sorted(group).cummax(finish)[np.maximum(at, 0)]
    return np.asarray(same & (reach > quiet["start_ns"].to_numpy()), bool)


def stalled_rows(facts: Facts, judged: pd.DataFrame, flow: int) -> Bools:
    """Rows after which a stall of the flow lasts until the next row, shape (n,)."""
    own = judged[judged["flow"] == flow]
    marks = np.zeros(len(facts.segments.frame) + 1, np.int64)
    stop = np.where(own["end_row"] == NEVER, own["last_row"] + 1, own["last_row"])
    np.add.at(marks, own["start_row"].to_numpy(), 1)
    np.add.at(marks, np.maximum(stop, own["start_row"].to_numpy()), -1)
    return np.asarray(np.cumsum(marks)[:-1] > 0, bool)
