"""What each data segment is: new, late, sent again, a probe; and what happened to it.

Decided from sequence numbers, IP identification, time stamps, SACK and times, never from
tshark's labels, whose "out of order" and "retransmission" are told apart by a clock.

Sources: RFC 2018, RFC 2883 (D-SACK), RFC 6675, RFC 8985; Paxson, tcpanaly, SIGCOMM 1997.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Groups, Ints, take
from tcpwin.analysis.intervals import Keys, covered_bytes, first_cells
from tcpwin.analysis.mss import mss
from tcpwin.analysis.order import sent_earlier
from tcpwin.analysis.segments import FIN, PSH, SYN
from tcpwin.analysis.state import State

KINDS: Final = ("other", "new", "late", "retransmission", "probe", "keep-alive")
OTHER, NEW, LATE, AGAIN, PROBE, KEEP_ALIVE = range(len(KINDS))


@dataclass(frozen=True)
class Loss:
    """The fate of the segments of one flow, all streams; arrays of shape (n,).

    A row that is no segment of the flow, or carries nothing, is ``OTHER``.
    """

    state: State
    min_rtt_ns: Ints  # per stream, of the whole path, ``UNKNOWN`` where there is none

    @cached_property
    def data(self) -> Bools:
        """Rows that carry payload of the flow (a SYN's payload is left aside)."""
        segments, steps = self.state.segments, self.state.steps
        carries = steps.sends & (segments.length > 0)
        return carries & ~segments.has(SYN) & segments.fits

    @cached_property
    def poke(self) -> Bools:
        """Segments of 0 or 1 byte that bring nothing: window probes and keep-alives.

        At una-1 (Linux probes and all keep-alives), or one byte into a closed window
        (BSD, Windows; RFC 9293 3.8.6.1). The byte of a keep-alive is not pushed (RFC 9293
        3.8.4); that of a keystroke sent again, because its ACK was lost, is.
        """
        segments, steps = self.state.segments, self.state.steps
        before_una = self._una_before
        tiny = steps.sends & (segments.length <= 1) & ~segments.has(SYN) & segments.fits
        below = tiny & (before_una > UNKNOWN) & (segments.seq == before_una - 1)
        below &= (segments.end <= before_una) & ~segments.has(FIN)
        below &= (segments.length == 0) | ~segments.has(PSH)
        one = tiny & (segments.length == 1) & (segments.seq >= before_una)
        result: Bools = below | (one & self.closed_before)
        return result

    @cached_property
    def _una_before(self) -> Ints:
        groups = self.state.segments.groups
        return groups.previous(self.state.steps.una)

    @cached_property
    def closed_before(self) -> Bools:
        """The window stood at 0 before the row (and the flow's own rows do not change it)."""
        result: Bools = self.state.known & (self.state.window == 0) & self.state.steps.sends
        return result

    @cached_property
    def choked_before(self) -> Bools:
        """The window was too small to be used: silly window avoidance waits, and probes.

        RFC 9293 3.8.6.2.1: a sender waits while usable < MSS and < half the largest window.
        """
        state = self.state
        groups = state.segments.groups
        half = groups.cummax(state.window) // 2
        small = np.minimum(mss(state)[groups.ids], half)
        return state.known & (state.window < small) & state.steps.sends

    @cached_property
    def holes(self) -> Bools:
        """Rows that begin beyond the highest byte seen: something before them is missing.

        An ACK without data shows it too: it carries the number that its sender has reached.
        """
        segments, before = self.state.segments, self.state.steps.sent_before
        sends = self.state.steps.sends & segments.fits
        return sends & (before > UNKNOWN) & (segments.seq > before)

    @cached_property
    def kind(self) -> Ints:
        """One of `KINDS` for each row."""
        segments, before = self.state.segments, self.state.steps.sent_before
        kind = np.full(len(segments.frame), OTHER)
        data = self.data
        kind[data] = NEW
        rows = np.flatnonzero(data & (before > UNKNOWN) & (segments.seq < before))
        kind[rows] = np.where(self.fills[rows] & self._is_late(rows), LATE, AGAIN)
        kind[self.poke] = np.where(self.choked_before | self.closed_before, PROBE, KEEP_ALIVE)[
            self.poke
        ]
        return kind

    @cached_property
    def next_new(self) -> Ints:
        """The first row after each that carries new data; ``NEVER`` if none."""
        return self.state.segments.groups.next(self.kind == NEW)

    @cached_property
    def fills(self) -> Bools:
        """Rows that bring bytes below the highest seen which were never seen before."""
        segments, before = self.state.segments, self.state.steps.sent_before
        late = np.flatnonzero(self.data & (before > UNKNOWN) & (segments.seq < before))
        result = np.zeros(len(segments.frame), bool)
        if not len(late):
            return result
        stream = segments.groups.ids
        hole = np.flatnonzero(self.holes)
        # What lies before the first number seen was sent before the capture, or is late.
        sends = self.state.steps.sends & segments.fits
        first = segments.groups.first_where(sends)
        begun = np.flatnonzero(first != NEVER)
        start = segments.seq[first[begun]]
        holes = (
            np.concatenate([stream[hole], begun]),
            np.concatenate([before[hole], start - (1 << 31)]),
            np.concatenate([segments.seq[hole], start]),
        )
        spans = (stream[late], segments.seq[late], segments.end[late])
        # Of each byte that came late only the first copy can fill a hole.
        span, end, size = first_cells(spans)
        filled = covered_bytes(holes, (spans[0][span], end - size, end)) > 0
        result[late[span[filled]]] = True
        return result

    def _is_late(self, rows: Ints) -> Bools:
        """Whether a segment that fills a hole was sent before the one that opened it."""
        opener = self.opener[rows]
        by_header, told = sent_earlier(self.state.segments, self.state.steps.sends, rows, opener)
        segments = self.state.segments
        waited = segments.time_ns[rows] - take(segments.time_ns, opener, 0)
        # A retransmission answers a duplicate ACK: it cannot come within a path RTT of the
        # segment that opened the hole, seen anywhere on the path before the receiver.
        rtt = self.min_rtt_ns[segments.groups.ids[rows]]
        early = (rtt > 0) & (waited < rtt * 3 // 4)
        result: Bools = np.where(told, by_header, early) & (opener != NEVER)
        return result

    @cached_property
    def needless(self) -> Bools:
        """Data sent again of which this capture shows every byte acknowledged before."""
        again = self.data & (self.state.segments.end <= self._una_before)
        result: Bools = again & (self.kind == AGAIN)
        return result

    @cached_property
    def spurious(self) -> Bools:
        """Data sent again though it had arrived: acknowledged before, or reported by D-SACK.

        A receiver sends one D-SACK for each copy too many (RFC 2883 4); of several
        transmissions of a segment the newest ones are those.
        """
        segments, blocks = self.state.segments, self.state.blocks
        result = self.needless.copy()
        twice = blocks[blocks["dsack"].to_numpy(bool)]
        again = np.flatnonzero(self.kind == AGAIN)
        if twice.empty or not len(again):
            return result
        ids = segments.groups.ids
        rows, left = twice["row"].to_numpy(), twice["left"].to_numpy()
        keys = Keys.over(left, segments.seq[again])
        reported = np.sort(keys.of(ids[rows], left))
        own = keys.of(ids[again], segments.seq[again])
        order = np.lexsort((again, own))
        runs = Groups.of_sorted(own[order])
        copies = np.searchsorted(reported, own[order], "right") - np.searchsorted(
            reported, own[order]
        )
        from_end = runs.first + np.repeat(runs.sizes, runs.sizes) - 1 - np.arange(runs.rows)
        result[again[order][from_end < copies]] = True
        return result

    @cached_property
    def needed(self) -> Bools:
        """Data sent again that had not arrived, as far as this capture tells."""
        result: Bools = (self.kind == AGAIN) & ~self.spurious
        return result

    @cached_property
    def opener(self) -> Ints:
        """For each row the segment beyond it that came first: the row that showed the hole."""
        segments = self.state.segments
        rows = np.flatnonzero(self.data & (segments.seq < self.state.steps.sent_before))
        result = np.full(len(segments.frame), NEVER)
        hole = np.flatnonzero(self.holes)
        if not len(hole) or not len(rows):
            return result
        # Holes open at ever higher numbers, so the first that opens beyond the row's first
        # byte is the one it lies in.
        ids = segments.groups.ids
        keys = Keys.over(segments.seq[hole], segments.seq[rows])
        opened = keys.of(ids[hole], segments.seq[hole])
        at = np.searchsorted(opened, keys.of(ids[rows], segments.seq[rows]), side="right")
        inside = at < len(hole)
        candidate = hole[np.minimum(at, len(hole) - 1)]
        same = inside & (ids[candidate] == ids[rows])
        result[rows] = np.where(same & (candidate < rows), candidate, NEVER)
        return result
