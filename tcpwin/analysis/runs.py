"""Two different transfers side by side: their numbers, and where the time went in either.

At every instant one limiter holds a flow back, so the seconds under all of them add up to
how long the flow took, and their differences to the difference: what a run took longer is
told limiter by limiter, without a threshold.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.grouped import UNKNOWN, Ints
from tcpwin.analysis.limits import LIMITERS
from tcpwin.analysis.tables import stalls_table

NS: Final = 1e9
RUNS: Final = ("a", "b")
# measure, unit; those of a flow table have its names.
MEASURES: Final = {
    "duration": "s", "bytes": "B", "rate": "bit/s",
    "initial_rtt": "s", "rtt_min": "s", "rtt_median": "s", "rtt_p95": "s",
    "segments": "", "lost_segments": "", "retransmitted_segments": "", "reordered_segments": "",
    "stalls": "", "stalled": "s", "longest_stall": "s",
    "zero_window": "s", "min_window": "B", "max_window": "B", "max_flight": "B",
    "scale": "", "mss": "B",
}  # fmt: skip


def main_flow(a: Facts, b: Facts) -> int:
    """The flow that carried more bytes in both runs together: 0 for client->server."""
    carried = [sum(int(f.flow_tables[flow]["bytes"].iloc[0]) for f in (a, b)) for flow in (0, 1)]
    return int(carried[1] >= carried[0])


def measure_table(a: Facts, b: Facts, flow: int) -> pd.DataFrame:
    """One row per number that both runs of one flow have; each of `Facts` holds ONE stream.

    Columns: measure, unit (``s``, ``B``, ``bit/s``, "" for a count), a, b, more (b - a);
    NaN where a run does not show it.
    """
    values = [_measures(facts, flow) for facts in (a, b)]
    table = pd.DataFrame({"measure": list(MEASURES), "unit": list(MEASURES.values())})
    for name, own in zip(RUNS, values, strict=True):
        table[name] = [own[measure] for measure in MEASURES]
    return table.assign(more=table["b"] - table["a"])


def _measures(facts: Facts, flow: int) -> dict[str, float]:
    row = facts.flow_tables[flow].iloc[0]
    stalls = stalls_table(facts, flow)
    handshake = [int(half[0]) for half in facts.handshake]
    took = float(facts.limits[flow].seconds[0].sum())
    number = {str(name): _number(value) for name, value in row.items()}
    return {
        **number,
        "duration": took,
        "rate": number["bytes"] * 8 / took if took else np.nan,
        "initial_rtt": sum(handshake) / NS if min(handshake) > UNKNOWN else np.nan,
        **{name: number[f"{name}_ms"] / 1e3 for name in ("rtt_min", "rtt_median", "rtt_p95")},
        "stalls": float(len(stalls)),
        "stalled": number["stalled_s"],
        "longest_stall": float((stalls["end_s"] - stalls["start_s"]).max() if len(stalls) else 0),
        "zero_window": number["zero_window_s"],
        **{name: number[f"{name}_bytes"] for name in ("min_window", "max_window", "max_flight")},
        "mss": float(facts.mss[flow][0]),
    }


def _number(value: Any) -> float:
    return np.nan if pd.isna(value) or isinstance(value, str) else float(value)


def limiter_table(a: Facts, b: Facts, flow: int) -> pd.DataFrame:
    """One row per limiter, that which differs most first.

    Columns: limiter, a_s and b_s (seconds under it), more_s (b - a), and for each run the
    frames of the longest spell: a_first, a_last, b_first, b_last (0 where there is none).
    """
    table = pd.DataFrame({"limiter": LIMITERS})
    for name, facts in zip(RUNS, (a, b), strict=True):
        table[f"{name}_s"] = facts.limits[flow].seconds[0]
        table[f"{name}_first"], table[f"{name}_last"] = _longest(facts, flow)
    table["more_s"] = table["b_s"] - table["a_s"]
    order = np.argsort(-np.abs(table["more_s"].to_numpy()), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def _longest(facts: Facts, flow: int) -> tuple[Ints, Ints]:
    """First and last frame of the longest spell under each limiter."""
    spans = facts.limits[flow].spans()
    frame = facts.segments.frame
    lasted = spans["end_ns"] - spans["start_ns"]
    best = spans.assign(lasted=lasted).sort_values("lasted", ascending=False, kind="stable")
    best = best[~best["limiter"].duplicated()]
    ends = np.zeros((2, len(LIMITERS)), np.int64)
    for place, name in enumerate(("first_row", "last_row")):
        ends[place, best["limiter"].to_numpy(np.int64)] = frame[best[name].to_numpy(np.int64)]
    return ends[0], ends[1]
