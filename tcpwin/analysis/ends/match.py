"""The packets of one flow in two captures, matched.

A packet is known again by its sequence range, its acknowledgement and its flags, and by what
else the path leaves as it was: time stamps (RFC 7323) and IP identification, where the path
carries them. Copies that all this does not tell apart are told by time: a copy came from the
one whose journey takes as long as those of its neighbours. What network cards merged or
split is matched cell by cell, a cell being what no end of a segment cuts any further.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tcpwin.analysis.ends.copies import assign
from tcpwin.analysis.ends.end import End
from tcpwin.analysis.grouped import Bools, Ints

# A header field counts as carried when nine in ten of the packets that are known without it
# have it unchanged: NAT and firewalls rewrite it in all or in none.
_CARRIED: Final = 0.9
_PLAIN: Final = ("seq", "end", "ack", "marks")
_STAMPS: Final = ("tsval", "tsecr")


@dataclass(frozen=True)
class Links:
    """Which rows of two captures are the same packet, for one flow; arrays of one length.

    `a` and `b` are rows of the captures' segments; `bytes` is what of the packet (0 without
    payload, SYN and FIN count 1). A row that was merged or split stands in several links.
    `ids` and `stamps`: whether the path carries IP identifications and time stamps.
    """

    a: Ints
    b: Ints
    bytes: Ints
    ids: bool
    stamps: bool


def match(a: End, b: End, flow: int) -> Links:
    """Match what the flow's sender sent; both captures use the numbers of `a`."""
    ours, theirs = _table(a, flow), _table(b, flow)
    ids = _carried(ours, theirs, ["ip_id"])
    stamps = _carried(ours, theirs, [*_STAMPS])
    told = [*(["ip_id"] if ids else []), *(_STAMPS if stamps else [])]
    found = _Found(ours, theirs)
    for by in ([*_PLAIN, "window", *told], [*_PLAIN, *told]):
        found.add(by)
    found.add_cells([*(_STAMPS if stamps else [])], ids=ids)
    parts = pd.concat(found.links, ignore_index=True)
    links: pd.DataFrame = parts.groupby(["i", "j"], as_index=False).agg(bytes=("bytes", "sum"))
    return Links(
        a=ours["row"].to_numpy()[links["i"]],
        b=theirs["row"].to_numpy()[links["j"]],
        bytes=links["bytes"].to_numpy(),
        ids=ids,
        stamps=stamps,
    )


def _table(end: End, flow: int) -> pd.DataFrame:
    segments, rows = end.segments, end.rows(flow)
    seq, stop, ack = end.numbers
    columns = {
        "row": np.arange(len(segments.frame)), "seq": seq, "end": stop, "ack": ack,
        "marks": end.marks, "window": segments.window, "time": segments.time_ns,
    }  # fmt: skip
    columns |= {name: segments.column(name) for name in ("ip_id", *_STAMPS)}
    return pd.DataFrame({name: values[rows] for name, values in columns.items()})


def _carried(ours: pd.DataFrame, theirs: pd.DataFrame, names: list[str]) -> bool:
    """Whether packets that both captures have once have these fields in both, unchanged."""
    by = [*_PLAIN, "window"]
    once = [table[~table.duplicated(by, keep=False)] for table in (ours, theirs)]
    both = once[0].merge(once[1], on=by, suffixes=("", "_b"))
    if both.empty or (both[names[0]] <= 0).all():
        return False
    same = np.all([both[name] == both[f"{name}_b"] for name in names], axis=0)
    return bool(same.mean() >= _CARRIED)


class _Found:
    """The links so far; rows are counted within the flow's two tables."""

    def __init__(self, ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
        self.ours, self.theirs = ours, theirs
        self.links: list[pd.DataFrame] = [_links(np.zeros(0, np.int64), np.zeros(0, np.int64), 0)]

    def add(self, by: list[str]) -> None:
        """Whole packets that agree in these columns."""
        mine, yours = self._left()
        keys = _keys(mine, yours, by)
        i, j = self._assign(keys, mine, yours)
        self.links.append(_links(i, j, (self.ours["end"] - self.ours["seq"]).to_numpy()[i]))

    def add_cells(self, by: list[str], *, ids: bool) -> None:
        """Pieces of segments that were cut or merged on the way or by a network card."""
        mine, yours = (t[t["end"] > t["seq"]] for t in self._left())
        if mine.empty or yours.empty:
            return
        edges = np.unique(np.concatenate([t[n] for t in (mine, yours) for n in ("seq", "end")]))
        mine, yours = _cells(mine, edges), _cells(yours, edges)
        i, j = self._assign(_keys(mine, yours, ["cell", *by]), mine, yours)
        if ids:  # the same segment under another identification is another copy
            same = np.ones(len(i), bool)
            for name in ("seq", "end"):
                same &= self.ours[name].to_numpy()[i] == self.theirs[name].to_numpy()[j]
            differ = self.ours["ip_id"].to_numpy()[i] != self.theirs["ip_id"].to_numpy()[j]
            i, j = i[~(same & differ)], j[~(same & differ)]
        size = np.minimum(self.ours["end"].to_numpy()[i], self.theirs["end"].to_numpy()[j])
        size -= np.maximum(self.ours["seq"].to_numpy()[i], self.theirs["seq"].to_numpy()[j])
        table = _links(i, j, size).drop_duplicates(["i", "j"])
        self.links.append(table)

    def _left(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        taken = pd.concat(self.links)
        return (
            self.ours[~self.ours.index.isin(taken["i"])],
            self.theirs[~self.theirs.index.isin(taken["j"])],
        )

    def _assign(
        self, keys: tuple[Ints, Ints], mine: pd.DataFrame, yours: pd.DataFrame
    ) -> tuple[Ints, Ints]:
        known = pd.concat(self.links)
        sent = self.ours["time"].to_numpy()[known["i"].to_numpy()]
        came = self.theirs["time"].to_numpy()[known["j"].to_numpy()]
        times = mine["time"].to_numpy(), yours["time"].to_numpy()
        i, j = assign(keys, times, (sent, came))
        return mine.index.to_numpy()[i], yours.index.to_numpy()[j]


def _links(i: Ints, j: Ints, size: Ints | int) -> pd.DataFrame:
    return pd.DataFrame({"i": i, "j": j, "bytes": size}).astype(np.int64)


def _keys(mine: pd.DataFrame, yours: pd.DataFrame, by: list[str]) -> tuple[Ints, Ints]:
    """One number for each row: equal where all columns of `by` are."""
    both = pd.concat([mine[by], yours[by]], ignore_index=True)
    keys = both.groupby(by, sort=False).ngroup().to_numpy()
    numbers: Ints = keys.astype(np.int64)
    return numbers[: len(mine)], numbers[len(mine) :]


def _cells(table: pd.DataFrame, edges: Ints) -> pd.DataFrame:
    """A row for each piece between two edges, with the index of its segment."""
    start = np.searchsorted(edges, table["seq"].to_numpy())
    count = np.searchsorted(edges, table["end"].to_numpy()) - start
    place = np.repeat(np.arange(len(table)), count)
    first = np.repeat(np.cumsum(count) - count, count)
    cells = table.iloc[place]
    return cells.assign(cell=np.arange(len(place)) - first + np.repeat(start, count))


def sole(links: Links) -> Bools:
    """Links of packets that were neither merged nor split."""
    alone = [np.bincount(rows)[rows] == 1 for rows in (links.a, links.b) if len(rows)]
    return np.logical_and(*alone) if alone else np.zeros(0, bool)
