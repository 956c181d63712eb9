"""How far the sequence numbers of two captures of one connection are apart.

tshark counts from the first number that a capture has, and a middlebox may count from
another one of its own. So several answers are tried, and that with the most packets wins.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from tcpwin.analysis.ends.end import End
from tcpwin.analysis.grouped import Ints

_WRAP: Final = 1 << 32
_COLUMNS: Final = ("seq", "len", "raw", "tsval", "tsecr", "ip_id")


def shift(a: End, b: End, flow: int) -> int:
    """What to take off the flow's sequence numbers in `b` to have those of `a`.

    Tried are the raw numbers as they are, the relative ones as they are, and the difference
    that most packets have which share their time stamps, or IP identification, and length.
    """
    ours, theirs = _rows(a, flow), _rows(b, flow)
    if ours.empty or theirs.empty:
        return 0
    tried = [
        _of_raw(ours, theirs),
        _voted(ours, theirs, ["tsval", "tsecr", "len"]),
        _voted(ours, theirs, ["ip_id", "len"]),
        0,
    ]
    scores = [-1 if one is None else _score(ours, theirs, one) for one in tried]
    return tried[int(np.argmax(scores))] or 0


def _rows(end: End, flow: int) -> pd.DataFrame:
    segments, rows = end.segments, end.rows(flow)
    rows = rows[segments.fits[rows]]
    values = (segments.seq, segments.length, *map(segments.column, ("seq_raw", *_COLUMNS[3:])))
    return pd.DataFrame({n: v[rows] for n, v in zip(_COLUMNS, values, strict=True)})


def _of_raw(ours: pd.DataFrame, theirs: pd.DataFrame) -> int | None:
    """From the number at which each capture begins to count."""
    bases = []
    for table in (ours, theirs):
        known = table[table["raw"] >= 0]
        if known.empty:
            return None
        bases.append(int(known["raw"].iloc[0] - known["seq"].iloc[0]))
    return (bases[0] - bases[1] + _WRAP // 2) % _WRAP - _WRAP // 2


def _voted(ours: pd.DataFrame, theirs: pd.DataFrame, by: list[str]) -> int | None:
    once = [
        table[(table[by[0]] > 0) & ~table.duplicated(by, keep=False)] for table in (ours, theirs)
    ]
    both = once[0].merge(once[1], on=by, suffixes=("", "_b"))
    if both.empty:
        return None
    values, counts = np.unique(both["seq_b"] - both["seq"], return_counts=True)
    return int(values[counts.argmax()])


def _score(ours: pd.DataFrame, theirs: pd.DataFrame, tried: int) -> int:
    """Packets that agree in number and length, those whose headers agree too many times more."""
    moved = theirs.assign(seq=theirs["seq"] - tried).drop_duplicates(["seq", "len"])
    both = ours.drop_duplicates(["seq", "len"]).merge(moved, on=["seq", "len"], suffixes=("", "_b"))
    told: Ints = np.zeros(len(both), bool)
    for name in ("tsval", "ip_id"):
        told = told | ((both[name] > 0) & (both[name] == both[f"{name}_b"])).to_numpy()
    return int(len(both) + len(ours) * told.sum())
