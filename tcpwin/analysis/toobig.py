"""Routers that said that a segment was too big (RFC 1191, RFC 8201)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import NEVER, Bools, take
from tcpwin.analysis.intervals import Keys
from tcpwin.analysis.limits import RECOVERY
from tcpwin.analysis.mss import MINIMUM
from tcpwin.analysis.tally import outside_ns, rows_table

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts


def path_mtu_told(facts: Facts, flow: int) -> pd.DataFrame:
    """A router said that a segment was too big (RFC 1191, RFC 8201); the cost is recovery."""
    segments, icmp = facts.segments, facts.icmp
    marks = np.zeros(len(segments.frame), bool)
    if not icmp.empty:
        four, six = (icmp["type"] == 3) & (icmp["code"] == 4), icmp["type"] == 2
        told = icmp[np.where(icmp["is_v6"], six, four).astype(bool)]
        marks = _answered_by(facts, flow, told)
    table = rows_table(facts, flow, marks, cause="path-mtu", blame="path", confidence="proven")
    lost = outside_ns(facts, flow, facts.limits[flow].limiter == RECOVERY)[table["group"]]
    return table.assign(lost_ns=lost)


def _answered_by(facts: Facts, flow: int, told: pd.DataFrame) -> Bools:
    """The newest full-size row of the flow before each error that quotes its stream."""
    segments = facts.segments
    result = np.zeros(len(segments.frame), bool)
    known = told[told["stream"].notna()]
    group = np.searchsorted(segments.streams, known["stream"].to_numpy(np.int64))
    group = np.minimum(group, len(segments.groups) - 1)
    mine = segments.streams[group] == known["stream"].to_numpy(np.int64)
    keys = Keys.over(segments.frame)
    at = (
        np.searchsorted(
            keys.of(segments.groups.ids, segments.frame),
            keys.of(group, known["frame"].to_numpy(np.int64)),
        )
        - 1
    )
    large = segments.groups.last(facts.losses[flow].data & (segments.length > MINIMUM))
    row = take(large, np.maximum(at, 0), NEVER)
    good = mine & (row != NEVER) & (segments.groups.ids[np.maximum(row, 0)] == group)
    result[row[good]] = True
    return result
