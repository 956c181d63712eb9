"""Who holds a flow back, at every instant.

The tests are taken in the order of the definitions page; the classes follow T-RAT (Zhang et
al., SIGCOMM 2002), Siekkinen et al. (2005) and Linux's tcp_chrono.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Ints, take
from tcpwin.analysis.loss import NEW
from tcpwin.analysis.segments import SYN

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

LIMITERS: Final = ("zero-window", "receive-window", "recovery", "network", "sender", "idle")
ZERO, WINDOW, RECOVERY, NETWORK, SENDER, IDLE = range(len(LIMITERS))


@dataclass(frozen=True)
class Limits:
    """The limiter of one flow from each row to the next; arrays of shape (n,)."""

    facts: Facts
    flow: int

    @cached_property
    def hold_ns(self) -> Ints:
        """How long the state after each row lasts: to the next row, or the stream's end."""
        segments = self.facts.segments
        clock = segments.groups.cummax(segments.time_ns)
        following = np.append(clock[1:], 0)
        following[segments.groups.ends] = np.maximum(self.facts.end_ns, clock[segments.groups.ends])
        return following - clock

    @cached_property
    def limiter(self) -> Ints:
        """Index into `LIMITERS` after each row."""
        facts, flow = self.facts, self.flow
        choke, state = facts.chokes[flow], facts.states[flow]
        outstanding = (state.steps.una > UNKNOWN) & (state.steps.nxt > state.steps.una)
        moving = outstanding | self._under_way
        # An update takes `lag_ns` to get to the sender and data back; after that, allowing as
        # much again, the window is open.
        soon = self.hold_ns <= 2 * choke.lag_ns[facts.segments.groups.ids]
        full = choke.full & ((state.usable < choke.needed) | soon)
        return np.select(
            [
                choke.zero,
                full & (moving | self._waits),
                self.in_recovery,
                moving,
                self._waits,
            ],
            [ZERO, WINDOW, RECOVERY, NETWORK, SENDER],
            IDLE,
        )

    @cached_property
    def in_recovery(self) -> Bools:
        """From a hole or a retransmission until una passes the highest byte sent by then."""
        facts, flow = self.facts, self.flow
        loss, steps = facts.losses[flow], facts.states[flow].steps
        event = loss.needed | loss.holes
        point = facts.segments.groups.cummax(np.where(event, steps.nxt, UNKNOWN))
        return (point > UNKNOWN) & (steps.una < point)

    @cached_property
    def _next_data(self) -> Ints:
        """The next row with new data of either flow."""
        facts = self.facts
        fresh = (facts.losses[0].kind == NEW) | (facts.losses[1].kind == NEW)
        return facts.segments.groups.next(fresh)

    @cached_property
    def _waits(self) -> Bools:
        """This flow's sender has the word: the next new data is its own, or owed."""
        sends = self.facts.segments.sends(self.flow)
        own = take(sends, self._next_data, False)
        if self.flow == 1:
            own = own | ((self._next_data == NEVER) & (self.facts.owed > 0))
        return own

    @cached_property
    def _under_way(self) -> Bools:
        """Nothing outstanding here, but more comes within the time of a round trip.

        An ACK must get to the sender and data back: so far from the sender, bytes under way
        are not seen.
        """
        facts = self.facts
        segments, choke = facts.segments, facts.chokes[self.flow]
        moved = facts.losses[self.flow].kind == NEW
        moved = moved | (facts.states[self.flow].steps.newly > 0)
        begin = segments.groups.last(moved & ~segments.has(SYN))
        gap = take(segments.time_ns, self._next_data, 0) - take(segments.time_ns, begin, 0)
        known = (begin != NEVER) & (self._next_data != NEVER)
        # A delayed ACK or the pace of a slow link adds to the round trip: allow as much again.
        result: Bools = known & self._waits & (gap <= 2 * choke.lag_ns[segments.groups.ids])
        return result

    @cached_property
    def seconds(self) -> np.ndarray:
        """Time under each limiter, shape (streams, limiters)."""
        groups = self.facts.segments.groups
        key = groups.ids * len(LIMITERS) + self.limiter
        total = np.bincount(key, weights=self.hold_ns / 1e9, minlength=len(groups) * len(LIMITERS))
        return total.reshape(len(groups), len(LIMITERS))

    def spans(self) -> pd.DataFrame:
        """Spells under one limiter.

        Columns: group, start_ns, end_ns, limiter (index), first_row, last_row.
        """
        segments = self.facts.segments
        clock = segments.groups.cummax(segments.time_ns)
        change = np.ones(len(clock), bool)
        change[1:] = (self.limiter[1:] != self.limiter[:-1]) | (
            segments.groups.ids[1:] != segments.groups.ids[:-1]
        )
        first = np.flatnonzero(change)
        last = np.append(first[1:], len(clock)) - 1
        return pd.DataFrame(
            {
                "group": segments.groups.ids[first],
                "start_ns": clock[first],
                "end_ns": clock[last] + self.hold_ns[last],
                "limiter": self.limiter[first],
                "first_row": first,
                "last_row": last,
            }
        )
