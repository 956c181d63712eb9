"""What each acknowledgement that comes back for a flow brings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import UNKNOWN, Bools, Ints
from tcpwin.analysis.rtt import Rtt
from tcpwin.analysis.segments import FIN, SYN
from tcpwin.analysis.state import State


def duplicate_acks(state: State) -> Bools:
    """Rows that are duplicate ACKs (RFC 5681 2; with SACK: RFC 6675 2), shape (n,).

    No data, no SYN or FIN, nothing new acknowledged while data is outstanding, the same
    window; an ACK that carries SACK blocks (no mere D-SACK) counts whatever its window says,
    since a receiver that reads while a hole is open changes both.
    """
    segments, steps = state.segments, state.steps
    pure = steps.acks & (segments.length == 0) & ~segments.has(SYN) & ~segments.has(FIN)
    repeats = pure & (segments.ack == steps.una) & (steps.newly == 0)
    outstanding = segments.groups.previous(steps.nxt) > steps.una
    window_before = segments.groups.previous(state.window)
    blocks = state.blocks
    with_sack = np.zeros(len(segments.frame), bool)
    with_sack[blocks["row"].to_numpy()[~blocks["dsack"].to_numpy()]] = True
    again = (window_before == state.window) | with_sack
    seen = segments.groups.previous(steps.una) > UNKNOWN
    result: Bools = repeats & outstanding & again & seen
    return result


def duplicate_count(state: State) -> Ints:
    """How many duplicates of the newest acknowledgement have come, after each row."""
    duplicate = duplicate_acks(state).astype(np.int64)
    total = state.segments.groups.cumsum(duplicate)
    advanced = np.where(state.steps.newly > 0, total, UNKNOWN)
    at_last_advance = state.segments.groups.cummax(advanced)
    return total - np.maximum(at_last_advance, 0)


def ack_table(state: State, rtt: Rtt) -> pd.DataFrame:
    """One row per ACK that comes back for the flow.

    Columns: row, ack, newly_acked, rtt_s (NaN without a sample), dup_count, sack_bytes (above
    una, after this ACK).
    """
    rows = np.flatnonzero(state.steps.acks)
    sample = rtt.sample_ns[rows]
    duplicate = duplicate_acks(state)[rows]
    return pd.DataFrame(
        {
            "row": rows,
            "ack": state.segments.ack[rows],
            "newly_acked": state.steps.newly[rows],
            "rtt_s": np.where(sample > UNKNOWN, sample / 1e9, np.nan),
            "dup_count": np.where(duplicate, duplicate_count(state)[rows], 0),
            "sack_bytes": state.sacked[rows],
        }
    )
