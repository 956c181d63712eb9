"""The findings of all streams in one table, and the verdict of each stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.costs import PER_FLOW
from tcpwin.analysis.resets import reset
from tcpwin.analysis.tally import active_ns

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

CAUSES: Final = (
    "zero-window", "small-window", "receive-window", "window-update-lost", "reopened-silent",
    "sender-idle", "peer-idle", "complete-waiting", "loss", "rto", "tail-loss", "path-silent",
    "acks-lost", "path-mtu", "delayed-ack", "queueing", "reordering", "connect", "reset",
    "healthy", "unknown",
)  # fmt: skip
COLUMNS: Final = (
    "group", "flow", "cause", "blame", "confidence", "start_ns", "end_ns", "open", "lost_ns",
    "first_row", "last_row", "count", "stall",
)  # fmt: skip
NS: Final = 1e9
# Less than the shortest stall is not noticed [TAPO]; beyond that, a single second is, and
# else a twentieth of the time in which there was something to do.
NOTICED_S: Final = 0.2
ALWAYS_S: Final = 1.0
SHARE: Final = 0.05


def findings_table(facts: Facts) -> pd.DataFrame:
    """One row per finding, sorted by stream and start.

    Columns `COLUMNS`, and the features of the stall, where it is one.
    """
    judged = facts.judged
    stalls = judged.rename(columns={"start_row": "first_row"}).assign(count=1, stall=True)
    parts = [stalls]
    parts += [find(facts, flow).assign(stall=False) for find in PER_FLOW for flow in (0, 1)]
    parts.append(reset(facts).assign(stall=False))
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    table = table.astype({"lost_ns": np.int64, "open": bool, "stall": bool, "flow": np.int64})
    table = _settle_window(facts, table)
    return table.sort_values(["group", "start_ns"], kind="stable", ignore_index=True)


def _settle_window(facts: Facts, table: pd.DataFrame) -> pd.DataFrame:
    """Where a deep queue fills the window, more window would only make the queue longer."""
    key = table["group"] * 2 + table["flow"]
    deep = set(key[table["cause"] == "queueing"])
    excused = (table["cause"] == "receive-window") & key.isin(deep)
    return table[~excused]


def verdict_table(facts: Facts, findings: pd.DataFrame) -> pd.DataFrame:
    """The verdict of every stream, one row each.

    Columns: group, cause, blame, flow, lost_ns, share, confidence, finding (its index in
    `findings`, -1 for healthy). The cause that cost the most time, all findings of it
    together, or what ended the stream.
    """
    groups = facts.segments.groups
    total = (facts.end_ns - groups.min(facts.segments.time_ns)) / NS
    active = np.maximum(active_ns(facts, 0), active_ns(facts, 1)) / NS
    verdict = pd.DataFrame(
        {
            "group": np.arange(len(groups)),
            "cause": "healthy",
            "blame": "none",
            "flow": -1,
            "lost_ns": 0,
            "share": 0.0,
            "confidence": "likely",
            "finding": -1,
        }
    )
    if findings.empty:
        return verdict
    costs = findings.assign(index=findings.index, lost_s=findings["lost_ns"] / NS)
    by_cause = costs.sort_values("lost_ns", kind="stable").groupby(
        ["group", "cause", "flow"], as_index=False, sort=False
    )
    sums = by_cause.agg(
        lost_s=("lost_s", "sum"), longest=("lost_s", "max"), any_open=("open", "max"),
        finding=("index", "last"), end_ns=("end_ns", "max"), silent=("stall", "any"),
    )  # fmt: skip
    group = sums["group"].to_numpy()
    noticed = (sums["lost_s"] >= NOTICED_S) & (
        (sums["longest"] >= ALWAYS_S) | (sums["lost_s"] >= SHARE * active[group]) | sums["any_open"]
    )
    ended = sums["cause"] == "reset"
    # A silence that ended in a reset is what the reset was about.
    late = noticed & sums["silent"] & (sums["end_ns"] >= facts.end_ns[group] - 1_000_000)
    after_stall = ended & sums["group"].isin(sums["group"][late])
    rank = np.select(
        [ended & ~after_stall, sums["cause"] == "peer-idle"], [2, 0], 1
    )  # thinking clients explain a wait only where nothing else does
    best = (
        sums[noticed | ended]
        .assign(rank=rank[noticed | ended])
        .sort_values(["group", "rank", "lost_s"], kind="stable")
        .groupby("group")
        .last()
    )
    at = best.index.to_numpy()
    chosen = findings.loc[best["finding"]]
    for name in ("cause", "blame", "flow", "confidence"):
        values = verdict[name].to_numpy(dtype=object, copy=True)
        values[at] = chosen[name].to_numpy()
        verdict[name] = values
    lost = np.zeros(len(groups))
    lost[at] = best["lost_s"]
    finding = np.full(len(groups), -1)
    finding[at] = best["finding"]
    share = np.minimum(lost / np.maximum(total, 1e-9), 1.0)
    return verdict.assign(
        lost_ns=(lost * NS).astype(np.int64), share=share, finding=finding
    ).astype({"flow": np.int64})
