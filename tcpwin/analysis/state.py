"""The post-dissector: where a flow stands after every packet of either direction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Ints, take
from tcpwin.analysis.progress import Progress, announced, progress
from tcpwin.analysis.sack import sack_blocks, sacked_bytes
from tcpwin.analysis.scale import Scale, window_scale
from tcpwin.analysis.segments import FLOWS, SYN, Segments, prepare


@dataclass(frozen=True)
class State:
    """One flow of every stream after each packet; arrays of shape (n,), sorted as `segments`.

    Values before the first ACK are ``UNKNOWN``. Sequence numbers are unwrapped.
    """

    segments: Segments
    flow: int

    @cached_property
    def steps(self) -> Progress:
        """What was sent and acknowledged."""
        return progress(self.segments, self.flow)

    @cached_property
    def scale(self) -> Scale:
        """The window scale, per stream."""
        return window_scale(self.segments, self.steps)

    @cached_property
    def window(self) -> Ints:
        """The receive window in bytes, from the newest ACK; a SYN's is not scaled."""
        shift = self.scale.shift[self.segments.groups.ids]
        in_syn = take(self.segments.has(SYN), self.steps.window_row, False)
        raw = announced(self.segments, self.steps)
        scaled = np.maximum(raw, 0) << np.where(in_syn, 0, shift)
        return np.where(self.steps.window_row == NEVER, UNKNOWN, scaled)

    @cached_property
    def known(self) -> Bools:
        """Rows from the first ACK on, where the window and una are known."""
        result: Bools = (self.steps.window_row != NEVER) & (self.steps.una > UNKNOWN)
        return result

    @cached_property
    def edge(self) -> Ints:
        """Una + window: the sender may send up to here."""
        return np.where(self.known, self.steps.una + self.window, UNKNOWN)

    @cached_property
    def blocks(self) -> pd.DataFrame:
        """The SACK blocks that report on this flow, see `sack_blocks`."""
        return sack_blocks(self.segments, self.steps)

    @cached_property
    def sacked(self) -> Ints:
        """Bytes above una that SACK reported."""
        return sacked_bytes(self.segments, self.steps, self.blocks)

    @cached_property
    def flight(self) -> Ints:
        """Nxt - una - sacked, never below 0 (RFC 5681 2: FlightSize)."""
        out = np.maximum(self.steps.nxt - self.steps.una - self.sacked, 0)
        return np.where(self.steps.una > UNKNOWN, out, UNKNOWN)

    @cached_property
    def usable(self) -> Ints:
        """Edge - nxt: what the window still allows; negative after a shrink."""
        return np.where(self.known, self.edge - self.steps.nxt, UNKNOWN)


def state_table(
    packets: pd.DataFrame, start_ns: int, states: tuple[State, State] | None = None
) -> pd.DataFrame:
    """One row per packet and flow, sorted by frame: `schema.STATE` up to `usable`.

    Args:
        packets: the table of `schema.COLUMNS`, unwrapped.
        start_ns: the time from which `time_s` counts.
        states: of these packets, where they are worked out already.
    """
    segments = states[0].segments if states else prepare(packets)
    states = states or (State(segments, 0), State(segments, 1))
    n = len(segments.frame)
    back = np.argsort(np.repeat(segments.frame, 2), kind="stable")

    def both(*values: Ints) -> np.ndarray:
        return np.stack(values, axis=1).reshape(-1)[back]

    data: dict[str, object] = {
        "frame": np.repeat(segments.frame, 2)[back].astype(np.uint32),
        "time_s": (np.repeat(segments.time_ns, 2)[back] - start_ns) / 1e9,
        "stream": np.repeat(segments.stream, 2)[back].astype(np.uint32),
        "flow": pd.Categorical.from_codes(np.tile([0, 1], n)[back], categories=pd.Index(FLOWS)),
    }
    for name, read in _COLUMNS.items():
        data[name] = nullable(both(*(read(state) for state in states)))
    return pd.DataFrame(data, copy=False)


def nullable(values: Ints) -> pd.api.extensions.ExtensionArray:
    """`Int64` with NA where the value is ``UNKNOWN``."""
    unknown = values <= UNKNOWN
    return pd.arrays.IntegerArray(np.where(unknown, 0, values), unknown)


_COLUMNS: Final[dict[str, Callable[[State], Ints]]] = {
    "nxt": lambda state: state.steps.nxt,
    "una": lambda state: state.steps.una,
    "window": lambda state: state.window,
    "edge": lambda state: state.edge,
    "sacked": lambda state: state.sacked,
    "flight": lambda state: state.flight,
    "usable": lambda state: state.usable,
}
