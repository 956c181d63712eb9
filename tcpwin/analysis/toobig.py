"""Routers that said that a segment was too big (RFC 1191, RFC 8201)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import NEVER, Bools, Ints, take
from tcpwin.analysis.intervals import Keys
from tcpwin.analysis.mss import MINIMUM
from tcpwin.analysis.pathmtu import too_large
from tcpwin.analysis.tally import outside_ns, rows_table

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts


def path_mtu_told(facts: Facts, flow: int) -> pd.DataFrame:
    """A router said that a segment was too big (RFC 1191, RFC 8201); the cost is recovery.

    Where the losses alone tell it, it is told already.
    """
    marks = _answered_by(facts, flow, *facts.refusals)
    table = rows_table(facts, flow, marks, cause="path-mtu", blame="path", confidence="proven")
    table = table[~too_large(facts, flow)[table["group"]]]
    lost = outside_ns(facts, flow, facts.limits[flow].in_recovery)[table["group"]]
    return table.assign(lost_ns=lost)


def refusals(icmp: pd.DataFrame) -> tuple[Ints, Ints]:
    """Stream number and frame of each error that says "too big", sorted by both."""
    if icmp.empty:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    four, six = (icmp["type"] == 3) & (icmp["code"] == 4), icmp["type"] == 2
    told = icmp[np.where(icmp["is_v6"], six, four).astype(bool) & icmp["stream"].notna()]
    stream, frame = (told[name].to_numpy(np.int64) for name in ("stream", "frame"))
    order = np.lexsort((frame, stream))
    return stream[order], frame[order]


_ENDS: Final = {"src": str, "src_port": np.int64, "dst": str, "dst_port": np.int64}


def place(facts: Facts, icmp: pd.DataFrame) -> pd.DataFrame:
    """`icmp` with the stream of each error by the addresses it quotes, where tshark names none.

    Of several streams between the same ports it is the newest that had begun.
    """
    open_ = icmp["stream"].isna() & icmp["src_port"].notna() & icmp["dst_port"].notna()
    if not open_.any():
        return icmp
    segments, (client, server) = facts.segments, facts.ends
    ends = (client["client"], client["client_port"], server["server"], server["server_port"])
    known = pd.concat(
        pd.DataFrame(
            dict(zip(_ENDS, order, strict=True))
            | {"begin": segments.frame[segments.groups.starts], "named": segments.streams}
        )
        for order in (ends, ends[2:] + ends[:2])
    ).astype(_ENDS)
    asked = icmp.loc[open_, ["frame", *_ENDS]].astype({"frame": np.int64, **_ENDS})
    found = pd.merge_asof(
        asked.reset_index().sort_values("frame"), known.sort_values("begin"),
        left_on="frame", right_on="begin", by=list(_ENDS),
    ).set_index("index")["named"]  # fmt: skip
    return icmp.assign(stream=icmp["stream"].fillna(found.astype("Int64")))


def _answered_by(facts: Facts, flow: int, stream: Ints, frame: Ints) -> Bools:
    """The newest full-size row of the flow before each error that quotes its stream."""
    segments = facts.segments
    result = np.zeros(len(segments.frame), bool)
    group = np.searchsorted(segments.streams, stream)
    group = np.minimum(group, len(segments.groups) - 1)
    mine = segments.streams[group] == stream
    keys = Keys.over(segments.frame)
    at = (
        np.searchsorted(
            keys.of(segments.groups.ids, segments.frame),
            keys.of(group, frame),
        )
        - 1
    )
    large = segments.groups.last(facts.losses[flow].data & (segments.length > MINIMUM))
    row = take(large, np.maximum(at, 0), NEVER)
    good = mine & (row != NEVER) & (segments.groups.ids[np.maximum(row, 0)] == group)
    result[row[good]] = True
    return result
