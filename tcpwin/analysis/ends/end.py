"""One of the two captures, seen as an end of the connection."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.grouped import UNKNOWN, Bools, Ints
from tcpwin.analysis.segments import ACK, FIN, RST, SYN, Segments
from tcpwin.analysis.state import State


@dataclass(frozen=True)
class End:
    """The facts of the ONE stream that a capture has of the connection.

    `flip`: this capture took the server for the client (it has no SYN), the other knows
    better. `shift` is what to take off this capture's sequence numbers, for each flow of the
    connection, to have those of the other capture. `start_ns` and `end_ns` are the first and
    the last frame of the file, of whatever protocol: in between, the capture was running.
    """

    facts: Facts
    start_ns: int
    end_ns: int
    flip: bool = False
    shift: tuple[int, int] = (0, 0)

    @property
    def segments(self) -> Segments:
        """Its packets, copies left out; rows are those of this table."""
        return self.facts.segments

    def own(self, flow: int) -> int:
        """What this capture calls flow 0 (client->server) or 1 of the connection."""
        return flow ^ self.flip

    def state(self, flow: int) -> State:
        """Where a flow of the connection stands after each row, in this capture's numbers."""
        return self.facts.states[self.own(flow)]

    def rows(self, flow: int) -> Ints:
        """The rows that the flow's sender sent, shape (k,)."""
        return np.flatnonzero(self.segments.sends(self.own(flow)))

    @cached_property
    def numbers(self) -> tuple[Ints, Ints, Ints]:
        """Seq, seq+len and ack of each row in the numbers of the other capture."""
        segments = self.segments
        up = segments.sends(self.own(0))
        mine = np.where(up, self.shift[0], self.shift[1])
        peer = np.where(up, self.shift[1], self.shift[0])
        ack = np.where(segments.has(ACK), segments.ack - peer, 0)
        return segments.seq - mine, segments.end - mine, ack

    def una(self, flow: int) -> Ints:
        """Highest acknowledgement of the flow after each row, in common numbers."""
        una = self.state(flow).steps.una
        return np.where(una > UNKNOWN, una - self.shift[flow], UNKNOWN)

    @cached_property
    def marks(self) -> Ints:
        """The flags that no middlebox touches: SYN, FIN and RST."""
        return self.segments.flags & (SYN | FIN | RST)

    def takes(self, rows: Ints) -> Bools:
        """Which rows take sequence numbers: data, SYN, FIN."""
        result: Bools = self.segments.end[rows] > self.segments.seq[rows]
        return result
