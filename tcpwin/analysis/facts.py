"""Everything worked out about the streams of a capture, each part when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Ints, take
from tcpwin.analysis.loss import Loss
from tcpwin.analysis.mss import mss
from tcpwin.analysis.rtt import Path, Rtt
from tcpwin.analysis.segments import ACK, FIN, RST, SYN, Segments, prepare
from tcpwin.analysis.state import State
from tcpwin.analysis.twins import twins


@dataclass(frozen=True)
class Facts:
    """The facts of all streams in `packets` (unwrapped). Pairs are (client->server, server->client).

    `all_segments` has every row; `segments` leaves out packets that were captured twice, and
    is what all but the state table is worked out from.
    """

    packets: pd.DataFrame

    @cached_property
    def all_segments(self) -> Segments:
        """Every row."""
        return prepare(self.packets)

    @cached_property
    def twins(self) -> Bools:
        """Rows of `all_segments` that are copies of an earlier one."""
        return twins(self.all_segments)

    @cached_property
    def segments(self) -> Segments:
        """The rows that are no copies."""
        return self.all_segments.keep(~self.twins) if self.twins.any() else self.all_segments

    @cached_property
    def states(self) -> tuple[State, State]:
        """Where each flow stands after each packet."""
        return State(self.segments, 0), State(self.segments, 1)

    @cached_property
    def rtts(self) -> tuple[Rtt, Rtt]:
        """RTT samples of each flow."""
        return Rtt(self.states[0]), Rtt(self.states[1])

    @cached_property
    def path(self) -> Path:
        """The round trip of the whole path."""
        return Path(self.rtts)

    @cached_property
    def losses(self) -> tuple[Loss, Loss]:
        """What each segment is, and its fate."""
        return (
            Loss(self.states[0], self.path.min_ns),
            Loss(self.states[1], self.path.min_ns),
        )

    @cached_property
    def mss(self) -> tuple[Ints, Ints]:
        """Largest segment of each flow, bytes, per stream."""
        return mss(self.states[0]), mss(self.states[1])

    @cached_property
    def handshake(self) -> tuple[Ints, Ints]:
        """SYN to SYN/ACK and SYN/ACK to ACK in ns per stream, ``UNKNOWN`` where not seen.

        Counted from the newest SYN before the SYN/ACK and from the newest SYN/ACK before
        the first ACK: an older one may have been lost.
        """
        segments = self.segments
        groups = segments.groups
        syn, ack = segments.has(SYN), segments.has(ACK)
        answer = groups.first_where(syn & ack & ~segments.from_client)
        opened = take(groups.last(syn & ~ack & segments.from_client), answer, NEVER)
        confirms = segments.from_client & ack & ~syn & ~segments.has(RST)
        answered = groups.last(syn & ack & ~segments.from_client)
        confirmed = groups.first_where(confirms & (answered != NEVER))
        before = take(answered, confirmed, NEVER)
        time = segments.time_ns

        def between(start: Ints, stop: Ints) -> Ints:
            seen = (start != NEVER) & (stop != NEVER)
            return np.where(seen, take(time, stop, 0) - take(time, start, 0), UNKNOWN)

        return between(opened, answer), between(before, confirmed)

    @cached_property
    def closed(self) -> Bools:
        """Streams that ended: an RST, or a FIN each way; shape (streams,)."""
        segments = self.segments
        fin = segments.has(FIN)
        both = [segments.groups.max(fin & segments.sends(flow)) for flow in (0, 1)]
        return segments.groups.max(segments.has(RST)) | (both[0] & both[1])
