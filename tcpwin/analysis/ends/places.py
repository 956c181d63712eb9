"""Where the time of a stall was spent: in a host, or on the way between the two captures.

At every instant both ends are known: what the sender has sent and what of it has come, what
the receiver has acknowledged and what window it offered, and what of that has come back.
The first of these that is behind holds the flow up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from tcpwin.analysis.ends.both import Both
from tcpwin.analysis.ends.end import End
from tcpwin.analysis.grouped import NEVER, UNKNOWN, Ints
from tcpwin.analysis.intervals import first_cells

PLACES: Final = ("sender", "way-there", "receiver", "way-back")
SENDER, THERE, RECEIVER, BACK = range(4)


@dataclass(frozen=True)
class Places:
    """Who held the flow up at every instant; times are those of the client's clock."""

    both: Both
    flow: int

    @cached_property
    def moments(self) -> Ints:
        """The instants at which a packet passes either capture, ns."""
        both = self.both
        ends = [both.client_ns(end, end.segments.time_ns) for end in (both.client, both.server)]
        return np.unique(np.concatenate(ends))

    @cached_property
    def place(self) -> Ints:
        """Index into `PLACES` from each moment to the next.

        The window is too small where less than a full segment and less than half of the
        largest window is left (RFC 9293 3.8.6.2.1: then a sender waits).
        """
        both, flow, at = self.both, self.flow, self.moments
        sender, receiver = both.sender(flow), both.receiver(flow)
        own, peer = sender.state(flow), receiver.state(flow)
        sent = self._at(sender, own.steps.nxt, sender.shift[flow], at)
        una = self._at(sender, own.steps.una, sender.shift[flow], at)
        edge = self._at(sender, own.edge, sender.shift[flow], at)
        told = self._at(receiver, peer.steps.una, receiver.shift[flow], at)
        told_edge = self._at(receiver, peer.edge, receiver.shift[flow], at)
        come = np.maximum(self._at(receiver, self._come(receiver), 0, at), told)
        mss = int(max(sender.facts.mss[sender.own(flow)][0], 1))
        enough = min(mss, max(int(own.window.max()) // 2, 1))
        missing = (sent > UNKNOWN) & (come < sent)
        return np.select(
            [missing, told < come, (una < told) | (edge < told_edge), edge - sent < enough],
            [THERE, RECEIVER, BACK, RECEIVER],
            SENDER,
        )

    def spent_ns(self, start: Ints, end: Ints) -> Ints:
        """Time at each place between `start` and `end`, shape (len(start), 4)."""
        times = np.append(self.moments, max(int(end.max(initial=0)), int(self.moments[-1]) + 1))
        hold = np.diff(times)
        parts = []
        for place in range(len(PLACES)):
            total = np.append(0, np.cumsum(np.where(self.place == place, hold, 0)))
            parts.append(_between(total, times, end) - _between(total, times, start))
        return np.stack(parts, axis=1)

    def _at(self, end: End, values: Ints, shift: int, moments: Ints) -> Ints:
        """A running value of a capture at these instants, in common numbers."""
        times = np.maximum.accumulate(self.both.client_ns(end, end.segments.time_ns))
        row = np.searchsorted(times, moments, side="right") - 1
        found = np.where(row >= 0, values[np.maximum(row, 0)], UNKNOWN)
        return np.where(found > UNKNOWN, found - shift, UNKNOWN)

    def _come(self, receiver: End) -> Ints:
        """Up to where all of the flow had come after each row of the receiver's, in common numbers.

        Bytes counted from the first number seen: as many as there are without a hole.
        """
        seq, end, _ack = receiver.numbers
        rows = receiver.rows(self.flow)
        rows = rows[receiver.takes(rows) & receiver.segments.fits[rows]]
        n = len(receiver.segments.frame)
        if not len(rows):
            return np.full(n, UNKNOWN)
        owner, _right, size = first_cells((np.zeros(len(rows), np.int64), seq[rows], end[rows]))
        fresh = np.bincount(rows[owner], size, minlength=n).astype(np.int64)
        start = int(seq[rows].min())
        return np.where(np.arange(n) >= rows[0], start + np.cumsum(fresh), UNKNOWN)


def stall_places(both: Both) -> pd.DataFrame:
    """The stalls of the connection, each told by the capture nearer the flow's sender.

    What only the other capture shows is added. Columns: flow, cause, blame, confidence (as
    that capture alone has it), by_client (told by the client's capture), start_ns, end_ns
    (in the client's clock), open, start_row, last_row (of that capture), one column of ns for
    each of `PLACES`, and place: the index of the one where most was spent.
    """
    parts = []
    for flow in (0, 1):
        own = _stalls(both, both.sender(flow), flow)
        other = _stalls(both, both.receiver(flow), flow)
        parts.append(pd.concat([own, other[~_shares_time(other, own)]], ignore_index=True))
    table = pd.concat(parts, ignore_index=True)
    spent = np.zeros((len(table), len(PLACES)), np.int64)
    for flow in (0, 1):
        rows = (table["flow"] == flow).to_numpy()
        if rows.any():
            span = [table[name].to_numpy(np.int64)[rows] for name in ("start_ns", "end_ns")]
            spent[rows] = Places(both, flow).spent_ns(span[0], span[1])
    for place, name in enumerate(PLACES):
        table[name] = spent[:, place]
    table["place"] = spent.argmax(axis=1) if len(table) else np.zeros(0, np.int64)
    return table.sort_values(["start_ns", "flow"], kind="stable", ignore_index=True)


def _stalls(both: Both, end: End, flow: int) -> pd.DataFrame:
    judged = end.facts.judged
    table = judged[judged["flow"] == end.own(flow)]
    table = table[
        ["cause", "blame", "confidence", "start_ns", "end_ns", "open", "start_row", "last_row"]
    ]
    table = table.assign(flow=flow, by_client=end is both.client)
    for name in ("start_ns", "end_ns"):
        table[name] = both.client_ns(end, table[name].to_numpy(np.int64))
    return table


def _shares_time(table: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    """Which stalls overlap one of the others; neither list overlaps itself."""
    starts = np.sort(others["start_ns"].to_numpy(np.int64))
    ends = np.sort(others["end_ns"].to_numpy(np.int64))
    begun = np.searchsorted(starts, table["end_ns"].to_numpy(np.int64))
    over = np.searchsorted(ends, table["start_ns"].to_numpy(np.int64), side="right")
    result: np.ndarray = begun > over
    return result


def _between(total: Ints, times: Ints, at: Ints) -> Ints:
    """A sum that grows evenly between `times`, at these instants."""
    base = times[0]
    result: Ints = np.interp(at - base, times - base, total).astype(np.int64)
    return result


__all__ = ["NEVER", "PLACES", "Places", "stall_places"]
