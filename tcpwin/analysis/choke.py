"""When the window chokes a flow: closed, or too small to be used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Ints
from tcpwin.analysis.intervals import Keys
from tcpwin.analysis.scale import SOURCES
from tcpwin.analysis.state import State

_INFERRED: Final = SOURCES.index("inferred")
_TOUCHES: Final = 3  # by chance data ends at the edge once in as many bytes as a segment has
_BURSTS: Final = 8


@dataclass(frozen=True)
class Choke:
    """The window of one flow against what its sender needs; arrays of shape (n,)."""

    state: State
    mss: Ints  # per stream
    lag_ns: Ints  # per stream: from the capture point to the sender and back

    @cached_property
    def zero(self) -> Bools:
        """The window is 0 after the row."""
        result: Bools = self.state.known & (self.state.window == 0)
        return result

    @cached_property
    def certain(self) -> Bools:
        """Streams whose windows can be told in bytes, per stream.

        A lower bound of the scale makes the window just large enough for the data, so that
        it looks full by itself; unless data ended several times to the byte at its edge, or
        most bursts within a segment of it, as only those of a sender do that waits for it.
        """
        state = self.state
        groups = state.segments.groups
        sent = state.steps.sends & (state.segments.length > 1) & (state.window > 0) & state.known
        touched = groups.sum(sent & (state.usable == 0))
        paused = sent & ~np.append(state.steps.sends[1:], False)[: groups.rows]
        near = groups.sum(paused & (self.usable >= 0) & (self.usable < self.needed))
        full = (near >= _BURSTS) & (2 * near >= groups.sum(paused))
        return (state.scale.source <= _INFERRED) | (touched >= _TOUCHES) | full

    @cached_property
    def needed(self) -> Ints:
        """What must be usable for a sender to send: RFC 9293 3.8.6.2.1, min(MSS, ½ max window)."""
        groups = self.state.segments.groups
        half = np.maximum(groups.cummax(self.state.window), 0) // 2
        result: Ints = np.maximum(np.minimum(self.mss[groups.ids], half), 1)
        return result

    @cached_property
    def shut(self) -> Bools:
        """The window as a whole is less than what a sender waits for."""
        window = self.state.window
        tiny = (window < self.needed) & self.certain[self.state.segments.groups.ids]
        result: Bools = self.state.known & ((window == 0) | tiny)
        return result

    @cached_property
    def small(self) -> Bools:
        """0 < window < MSS; of windows that never were larger, too."""
        state = self.state
        groups = state.segments.groups
        mss = self.mss[groups.ids]
        never_larger = groups.max(state.window)[groups.ids] < mss
        tiny = (state.window < mss) & (never_larger | self.shut)
        return state.known & (state.window > 0) & tiny & self.certain[groups.ids]

    @cached_property
    def usable(self) -> Ints:
        """What the window allowed the sender when it sent what is seen here, bytes.

        The sender of data that passes the capture point now had seen no ACK that passed it
        less than `lag_ns` ago; at the sender this is the usable window itself.
        """
        state = self.state
        groups, time = state.segments.groups, state.segments.time_ns
        lag = self.lag_ns[groups.ids]
        if not len(time) or not lag.any():
            return state.usable
        clock = groups.cummax(time)
        keys = Keys.over(clock, clock - lag)
        own = keys.of(groups.ids, clock)
        at = np.searchsorted(own, keys.of(groups.ids, clock - lag), side="right") - 1
        # Without a lag, packets of the same time that follow do not count yet.
        then = np.clip(at, groups.first, np.arange(len(time)))
        edge = np.where(state.known[then], state.edge[then], state.edge)
        return np.where(state.known, edge - state.steps.nxt, UNKNOWN)

    @cached_property
    def full(self) -> Bools:
        """Less is usable than a sender waits for: what was sent has filled the window."""
        full = (self.usable < self.needed) & self.certain[self.state.segments.groups.ids]
        result: Bools = self.state.known & (full | (self.state.window == 0))
        return result

    @cached_property
    def opens(self) -> Bools:
        """Rows after which the window is usable again, and was not before."""
        groups = self.state.segments.groups
        result: Bools = ~self.shut & groups.previous(self.shut, False) & self.state.known
        return result

    @cached_property
    def since(self) -> Ints:
        """Row at which the present shut spell began (``NEVER`` where it is not shut)."""
        groups = self.state.segments.groups
        begins = self.shut & ~groups.previous(self.shut, False)
        return np.where(self.shut, groups.last(begins), NEVER)

    @cached_property
    def next_open(self) -> Ints:
        """The first row after each at which the window is usable; ``NEVER`` if none."""
        return self.state.segments.groups.next(~self.shut & self.state.known)
