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
from tcpwin.analysis.state import State

MIN_RTO_S: Final = 0.2
FIRST_RTO_S: Final = 1.0  # RFC 6298 2.1
_NO_TIME: Final = UNKNOWN
_NOTHING: Final = 1e-18


@dataclass(frozen=True)
class Rtt:
    """RTT samples of one flow: the time from a segment to its ACK, at the capture point."""

    state: State

    @cached_property
    def sample_ns(self) -> Ints:
        """For each row that is an ACK the sample it gives, ``UNKNOWN`` elsewhere; shape (n,).

        From the segment that brought the last byte acknowledged (of a segment that offload
        merged, each ACK gives one). Karn: none when anything newly acknowledged was sent
        again or filled a hole, or when SACK had reported some of it before, since then it
        was a filled hole that released the ACK.
        """
        segments, steps = self.state.segments, self.state.steps
        result = np.full(len(segments.frame), _NO_TIME)
        sent = np.flatnonzero(steps.sends & segments.fits & (segments.end > steps.sent_before))
        sent = sent[segments.end[sent] > segments.seq[sent]]
        acks = np.flatnonzero((steps.newly > 0) & steps.acks)
        if not len(sent) or not len(acks):
            return result
        stream = segments.groups.ids
        una = steps.una[acks]
        keys = Keys.over(segments.end[sent], una)
        at = np.searchsorted(keys.of(stream[sent], segments.end[sent]), keys.of(stream[acks], una))
        carrier = sent[np.minimum(at, len(sent) - 1)]
        begins = np.maximum(segments.seq[carrier], steps.sent_before[carrier])
        good = (at < len(sent)) & (stream[carrier] == stream[acks])
        good &= (begins < una) & (carrier < acks)
        good &= (segments.groups.previous(self.state.sacked, 0)[acks] == 0) & ~self._doubtful(acks)
        elapsed = segments.time_ns[acks] - segments.time_ns[carrier]
        good &= elapsed >= 0
        result[acks[good]] = elapsed[good]
        return result

    def _doubtful(self, acks: Ints) -> Bools:
        """Which of the rows `acks` newly acknowledge a byte sent again or into a hole."""
        segments, steps = self.state.segments, self.state.steps
        # What is sent again after its ACK cannot have caused the ACK.
        left = np.maximum(segments.seq, steps.una)
        right = np.minimum(segments.end, steps.sent_before)
        again = np.flatnonzero(steps.sends & segments.fits & (left < right))
        again = again[segments.end[again] > segments.seq[again]]
        stream, una = segments.groups.ids, steps.una[acks]
        before = una - steps.newly[acks]
        keys = Keys.over(left[again], right[again], una, before)
        begun = np.sort(keys.of(stream[again], left[again]))
        ended = np.sort(keys.of(stream[again], right[again]))
        opened = np.searchsorted(begun, keys.of(stream[acks], una))
        closed = np.searchsorted(ended, keys.of(stream[acks], before), side="right")
        return opened > closed

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per sample: row (of `segments`), rtt_s, srtt_s, rttvar_s, rto_s (RFC 6298)."""
        rows = np.flatnonzero(self.sample_ns > _NO_TIME)
        rtt = self.sample_ns[rows] / 1e9
        stream = self.state.segments.groups.ids[rows]
        groups = Groups.of_sorted(stream)
        srtt = _smooth(rtt, groups, 1 / 8)
        deviation = np.abs(groups.previous(srtt, 0.0) - rtt)
        deviation[groups.starts] = rtt[groups.starts] / 2
        rttvar = _smooth(deviation, groups, 1 / 4)
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


def _smooth(values: np.ndarray, groups: Groups, alpha: float) -> np.ndarray:
    """Exponential average within each group: y = (1 - alpha) y + alpha x, beginning with x.

    Each pass doubles how far back a value reaches; what weighs under 1e-18 is left out.
    """
    result = alpha * values
    weight = np.full(len(values), 1 - alpha)
    result[groups.starts], weight[groups.starts] = values[groups.starts], 0
    reach = 1
    while reach < len(values) and (1 - alpha) ** reach > _NOTHING:
        result[reach:] = result[reach:] + weight[reach:] * result[:-reach]
        weight[reach:] = weight[reach:] * weight[:-reach]
        reach *= 2
    return result


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
            np.where(none, _NO_TIME, srtt + far),
            np.where(none, int(FIRST_RTO_S * 1e9), rto + far),
        )
