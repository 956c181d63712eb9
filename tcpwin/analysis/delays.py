"""Delayed ACKs: those that came late because their sender waited for something to say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, take
from tcpwin.analysis.segments import FIN, RST, SYN

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

# Delayed ACKs: the shortest timers in use are 40 ms (Linux), 50 ms after RTT; RFC 9293
# 3.8.6.3 allows up to 500 ms, and to wait for a second full segment.
DELAYED_NS: Final = (30_000_000, 500_000_000)
PROMPT_NS: Final = 5_000_000  # Nagle's algorithm sends at once when the ACK comes


@dataclass(frozen=True)
class Delays:
    """The ACKs of one flow; arrays of shape (n,)."""

    facts: Facts
    flow: int

    @cached_property
    def late(self) -> Bools:
        """Delayed ACKs (RFC 9293 3.8.6.3).

        They end the flow's flight, of less than two segments, so late that their sender waited
        for something to say.
        """
        facts, flow = self.facts, self.flow
        segments, steps, rtt = facts.segments, facts.states[flow].steps, facts.rtts[flow]
        ids = segments.groups.ids
        extra = rtt.sample_ns - rtt.min_ns[ids]
        alone = (steps.una == steps.nxt) & (steps.newly < 2 * facts.mss[flow][ids])
        alone &= ~segments.has(FIN | SYN | RST)
        late = (rtt.sample_ns > UNKNOWN) & (extra >= DELAYED_NS[0]) & (extra <= DELAYED_NS[1])
        result: Bools = alone & late
        return result

    @cached_property
    def released(self) -> Bools:
        """ACKs upon which their receiver sends a small segment at once, of its own accord."""
        facts, flow = self.facts, self.flow
        segments = facts.segments
        groups, time = segments.groups, segments.time_ns
        own, other = facts.losses[flow].next_new, facts.losses[1 - flow].next_new
        first = (own != NEVER) & ((other == NEVER) | (own < other))
        soon = take(time, own, 0) - time <= PROMPT_NS + facts.chokes[flow].lag_ns[groups.ids]
        small = take(segments.length, own, 0) < facts.mss[flow][groups.ids]
        result: Bools = first & soon & small & (segments.length == 0)
        return result
