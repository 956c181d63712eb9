"""The numbers of every flow of every stream: what `diagnose --json` tells of a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tcpwin.analysis.artefacts import unfilled_bytes
from tcpwin.analysis.grouped import UNKNOWN, Groups, take
from tcpwin.analysis.limits import LIMITERS
from tcpwin.analysis.loss import AGAIN, LATE, PROBE
from tcpwin.analysis.scale import SOURCES
from tcpwin.analysis.segments import SYN

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

NS = 1e9


def flow_table(facts: Facts, flow: int) -> pd.DataFrame:
    """One row per stream, in the order of its groups.

    Columns: bytes (payload seen), segments (that carry payload), retransmitted_segments,
    retransmitted_bytes, lost_segments (sent again and needed, and holes that were never
    filled), reordered_segments, zero_window_s, zero_window_episodes, probes,
    min_window_bytes, max_window_bytes (NA without an ACK), max_flight_bytes, scale (shift),
    scale_source, rtt_min_ms, rtt_median_ms, rtt_p95_ms (of the whole path, NaN without a
    sample), stalled_s, and seconds under each limiter as ``limit_<limiter>``.
    """
    segments, state, loss = facts.segments, facts.states[flow], facts.losses[flow]
    groups = segments.groups
    kind, data = loss.kind, loss.data & (loss.kind != PROBE)
    again = kind == AGAIN
    in_syn = take(segments.has(SYN), state.steps.window_row, True)
    scaled = state.known & ~in_syn
    zero = facts.chokes[flow].zero
    begins = zero & ~groups.previous(zero, False)
    low = np.where(scaled, state.window, np.iinfo(np.int64).max)
    high = np.where(scaled, state.window, UNKNOWN)
    any_window = groups.max(scaled)
    hold = facts.limits[flow].hold_ns
    table: dict[str, Any] = {
        "bytes": groups.sum(np.where(data, segments.length, 0)),
        "segments": groups.sum(data),
        "retransmitted_segments": groups.sum(again),
        "retransmitted_bytes": groups.sum(np.where(again, segments.length, 0)),
        "lost_segments": groups.sum(loss.needed) + _never_filled(facts, flow),
        "reordered_segments": groups.sum(kind == LATE),
        "zero_window_s": groups.sum(np.where(zero, hold, 0)) / NS,
        "zero_window_episodes": groups.sum(begins),
        "probes": groups.sum(kind == PROBE),
        "min_window_bytes": _known(groups.min(low), any_window),
        "max_window_bytes": _known(groups.max(high), any_window),
        "max_flight_bytes": np.maximum(groups.max(state.flight), 0),
        "scale": state.scale.shift,
        "scale_source": np.array(SOURCES, object)[state.scale.source],
        **_rtt(facts, flow),
        "stalled_s": groups.sum(np.where(facts.stalled[flow], hold, 0)) / NS,
    }
    seconds = facts.limits[flow].seconds
    table |= {f"limit_{name}": seconds[:, n] for n, name in enumerate(LIMITERS)}
    return pd.DataFrame(table)


def _known(values: np.ndarray, known: np.ndarray) -> Any:
    return pd.arrays.IntegerArray(np.where(known, values, 0), ~known)


def _never_filled(facts: Facts, flow: int) -> np.ndarray:
    """Segments of holes that stood open at the end, as many as their bytes need."""
    segments, loss, steps = facts.segments, facts.losses[flow], facts.states[flow].steps
    groups = segments.groups
    holes = np.flatnonzero(loss.holes)
    left = np.maximum(steps.sent_before[holes], groups.max(steps.una)[groups.ids[holes]])
    holes, left = holes[left < segments.seq[holes]], left[left < segments.seq[holes]]
    size = unfilled_bytes(facts, flow, (groups.ids[holes], left, segments.seq[holes]))
    mss = np.maximum(facts.mss[flow], 1)[groups.ids[holes]]
    count = np.bincount(groups.ids[holes], -(-size // mss), minlength=len(groups))
    return np.where(facts.one_sided, 0, count).astype(np.int64)


def _rtt(facts: Facts, flow: int) -> dict[str, np.ndarray]:
    """Smallest, middle and 95th percentile of the path's RTT, in ms."""
    groups = facts.segments.groups
    rows = np.flatnonzero(facts.rtts[flow].sample_ns > UNKNOWN)
    sample = facts.rtts[flow].sample_ns[rows] + facts.halves[1 - flow][groups.ids[rows]]
    order = np.lexsort((sample, groups.ids[rows]))
    runs = Groups.of_sorted(groups.ids[rows][order])
    found = groups.ids[rows][order][runs.starts] if len(rows) else np.zeros(0, np.int64)
    result = {}
    for name, at in (("min", 0.0), ("median", 0.5), ("p95", 0.95)):
        values = np.full(len(groups), np.nan)
        place = runs.starts + np.minimum((runs.sizes - 1) * at, runs.sizes - 1).astype(np.int64)
        values[found] = sample[order][place] / 1e6
        result[f"rtt_{name}_ms"] = values
    return result
