"""Which streams of two captures are the same connection.

Addresses may be translated, sequence numbers shifted, and either capture may lack the
handshake; what survives of a packet is asked in turn: sequence number and length, time
stamps, IP identification. Every packet that both captures have, and have once, is a vote.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.segments import SYN, Segments

# A vote is an accident of 2**-32 or less with raw numbers or stamps, but of 2**-16 with an
# IP identification: such votes must be as many as make it one of 2**-48.
_ENOUGH: Final = (1, 1, 3)
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: Knuth, TAOCP 3, 6.4


def pairs(a: Facts, b: Facts) -> pd.DataFrame:
    """The connections that both captures have, those with the most packets in common first.

    Columns: a, b (index of the stream's group in each), votes (packets that both have, as
    far as their headers tell), flip (client and server are the other way round in b).
    Each stream is in one row at most.
    """
    found = pd.DataFrame({"a": [], "b": [], "votes": [], "flipped": []}, dtype=np.int64)
    for kind, enough in enumerate(_ENOUGH):
        votes = _votes(_prints(a.segments, kind), _prints(b.segments, kind))
        votes = votes[~votes["a"].isin(found["a"]) & ~votes["b"].isin(found["b"])]
        found = pd.concat([found, _settle(votes[votes["votes"] >= enough])])
    found = found.sort_values(["votes", "a"], ascending=[False, True], ignore_index=True)
    return found.assign(flip=2 * found["flipped"] > found["votes"]).drop(columns="flipped")


def _prints(segments: Segments, kind: int) -> pd.DataFrame:
    """A number for each packet that stands once in the capture: group, up, key."""
    length, marks = segments.length, segments.flags & 7
    stamp, echo = segments.column("tsval"), segments.column("tsecr")
    if kind == 0:
        raw = segments.column("seq_raw")
        parts, known = (raw, length, marks, stamp), raw >= 0
    elif kind == 1:
        parts, known = (stamp, echo, length, marks), (stamp > 0) & (echo > 0)
    else:
        ids = segments.column("ip_id")
        known = (ids > 0) & ((length > 0) | segments.has(SYN))
        parts = (ids, length, marks, segments.window)
    key = np.zeros(len(length), np.uint64)
    for part in parts:
        key = (key ^ part.astype(np.uint64)) * _MIX
        key ^= key >> np.uint64(29)
    table = pd.DataFrame({"group": segments.groups.ids, "up": segments.from_client, "key": key})
    table = table[known]
    return table[~table["key"].duplicated(keep=False)]


def _votes(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    both = a.merge(b, on="key", suffixes=("_a", "_b"))
    both["flipped"] = (both["up_a"] != both["up_b"]).astype(np.int64)
    counts = both.groupby(["group_a", "group_b"], as_index=False).agg(
        votes=("flipped", "size"), flipped=("flipped", "sum")
    )
    return counts.rename(columns={"group_a": "a", "group_b": "b"})


def _settle(votes: pd.DataFrame) -> pd.DataFrame:
    """The pairs of which each is the other's best."""
    ordered = votes.sort_values(["votes", "a", "b"], ascending=[False, True, True])
    best = ~ordered["a"].duplicated() & ~ordered["b"].duplicated()
    return ordered[best]
