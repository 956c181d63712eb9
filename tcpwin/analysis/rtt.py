"""Round trips: samples, their smoothing, and the RTT of the whole path at any vantage.

Sources: Karn and Partridge, SIGCOMM 1987; RFC 6298 (SRTT, RTTVAR, RTO); the floor of 200 ms
is Linux's TCP_RTO_MIN.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Groups, Ints, take
from tcpwin.analysis.intervals import Keys
from tcpwin.analysis.segments import RST
from tcpwin.analysis.state import State

MIN_RTO_S: Final = 0.2
FIRST_RTO_S: Final = 1.0  # RFC 6298 2.1
_NO_TIME: Final = UNKNOWN


@dataclass(frozen=True)
class Rtt:
    """RTT samples of one flow: the time from a segment to its ACK, at the capture point."""

    state: State

    @cached_property
    def sample_ns(self) -> Ints:
        """For each row that is an ACK the sample it gives, ``UNKNOWN`` elsewhere; shape (n,).

        Karn: an ACK gives none when anything it newly acknowledges was sent twice, or when
        SACK had reported part of it before, since then a filled hole released it.
        """
        segments, steps = self.state.segments, self.state.steps
        result = np.full(len(segments.frame), _NO_TIME)
        fresh = self._new
        sent = np.flatnonzero(fresh)
        acks = np.flatnonzero((steps.newly > 0) & steps.acks)
        if not len(sent) or not len(acks):
            return result
        stream = segments.groups.ids
        keys = Keys.over(segments.end[sent], steps.una[acks])
        at = np.searchsorted(keys.of(stream[sent], segments.end[sent]),
                             keys.of(stream[acks], steps.una[acks]), side="right") - 1  # fmt: skip
        segment = np.where(at >= 0, sent[np.maximum(at, 0)], NEVER)
        before = steps.una[acks] - steps.newly[acks]
        good = (segment != NEVER) & (take(stream, segment, -1) == stream[acks])
        good &= (take(segments.end, segment, 0) > before) & (segment < acks)
        sacked_before = segments.groups.previous(self.state.sacked, 0)[acks]
        again = np.cumsum(self._sent_twice)
        first = np.searchsorted(keys.of(stream[sent], segments.end[sent]),
                                keys.of(stream[acks], before), side="right")  # fmt: skip
        first_row = sent[np.minimum(first, len(sent) - 1)]
        twice = take(again, segment, 0) - again[first_row] + self._sent_twice[first_row]
        good &= (sacked_before == 0) & (twice == 0)
        elapsed = segments.time_ns[acks] - take(segments.time_ns, segment, 0)
        good &= elapsed >= 0
        result[acks[good]] = elapsed[good]
        return result

    @cached_property
    def _new(self) -> Bools:
        """Rows of the flow that go beyond everything sent before."""
        segments, steps = self.state.segments, self.state.steps
        moves = steps.sends & ~segments.has(RST)
        return moves & (segments.end > steps.sent_before) & (segments.end > segments.seq)

    @cached_property
    def _sent_twice(self) -> Bools:
        """New rows of which some part is sent again later."""
        segments, steps = self.state.segments, self.state.steps
        marks = np.zeros(len(segments.frame) + 1, np.int64)
        sent = np.flatnonzero(self._new)
        again = np.flatnonzero(
            steps.sends
            & ~segments.has(RST)
            & (segments.end > segments.seq)
            & (segments.seq < steps.sent_before)
        )
        if len(again) and len(sent):
            stream = segments.groups.ids
            keys = Keys.over(segments.end[sent], segments.seq[again], segments.end[again])
            ends = keys.of(stream[sent], segments.end[sent])
            first = np.searchsorted(ends, keys.of(stream[again], segments.seq[again]), "right")
            last = np.searchsorted(ends, keys.of(stream[again], segments.end[again]), "left")
            first, last = np.minimum(first, len(sent) - 1), np.minimum(last, len(sent) - 1)
            np.add.at(marks, sent[first], 1)
            np.add.at(marks, sent[last] + 1, -1)
        return (np.cumsum(marks)[:-1] > 0) & self._new

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per sample: row (of `segments`), rtt_s, srtt_s, rttvar_s, rto_s (RFC 6298)."""
        rows = np.flatnonzero(self.sample_ns > _NO_TIME)
        rtt = self.sample_ns[rows] / 1e9
        stream = self.state.segments.groups.ids[rows]
        srtt = _smooth(rtt, stream, 1 / 8)
        groups = Groups.of_sorted(stream)
        deviation = np.abs(groups.previous(srtt, 0.0) - rtt)
        deviation[groups.starts] = rtt[groups.starts] / 2
        rttvar = _smooth(deviation, stream, 1 / 4)
        return pd.DataFrame(
            {
                "row": rows,
                "rtt_s": rtt,
                "srtt_s": srtt,
                "rttvar_s": rttvar,
                "rto_s": srtt + np.maximum(MIN_RTO_S, 4 * rttvar),
            }
        )

    @cached_property
    def min_ns(self) -> Ints:
        """The smallest sample per stream, ``UNKNOWN`` without one."""
        huge = np.iinfo(np.int64).max
        sample = np.where(self.sample_ns > _NO_TIME, self.sample_ns, huge)
        low = self.state.segments.groups.min(sample)
        return np.where(low < huge, low, _NO_TIME)


def _smooth(values: np.ndarray, stream: Ints, alpha: float) -> np.ndarray:
    """Exponential average within runs of one stream."""
    if not len(values):
        return values
    series = pd.Series(values).groupby(stream, sort=False)
    return series.ewm(alpha=alpha, adjust=False).mean().to_numpy()


@dataclass(frozen=True)
class Path:
    """The round trip of the whole path, per stream, put together from its two halves.

    At a capture point each flow's samples measure the way from there to the flow's receiver
    and back; their sum is the path's RTT wherever the capture was taken.
    """

    rtts: tuple[Rtt, Rtt]

    @cached_property
    def min_ns(self) -> Ints:
        """The smallest RTT of the path, ``UNKNOWN`` when no half was ever measured.

        With one half only (no data the other way) it is a lower bound.
        """
        halves = [rtt.min_ns for rtt in self.rtts]
        known = [half > _NO_TIME for half in halves]
        total = sum(np.where(k, half, 0) for k, half in zip(known, halves, strict=True))
        return np.where(known[0] | known[1], total, _NO_TIME)

    def srtt_ns(self, flow: int) -> tuple[Ints, Ints]:
        """SRTT and RTO of the path as the sender of `flow` has them, after each row.

        Its own samples smoothed, plus what the other half takes at least. Without a sample
        SRTT is ``UNKNOWN`` and RTO one second.
        """
        rtt, other = self.rtts[flow], self.rtts[1 - flow].min_ns
        segments = rtt.state.segments
        table = rtt.table
        at = np.full(len(segments.frame), NEVER)
        at[table["row"].to_numpy()] = np.arange(len(table))
        newest = segments.groups.last(at != NEVER)
        index = take(at, newest, NEVER)
        far = np.where(other > _NO_TIME, other, 0)[segments.groups.ids]
        srtt = take((table["srtt_s"].to_numpy() * 1e9).astype(np.int64), index, _NO_TIME)
        rto = take((table["rto_s"].to_numpy() * 1e9).astype(np.int64), index, 0)
        none = index == NEVER
        return (
            np.where(none, np.where(far > 0, far, _NO_TIME), srtt + far),
            np.where(none, int(FIRST_RTO_S * 1e9), rto + far),
        )
