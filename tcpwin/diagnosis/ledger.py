"""What is known of every stream of a capture as plain lists: made once, for all at once.

A capture may hold 50,000 streams; to ask a table for each row of each would take minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from tcpwin.analysis import LIMITERS, VANTAGES, Facts
from tcpwin.units import format_endpoint

NS: Final = 1e9
_RTT: Final = ("min", "median", "p95")


@dataclass(frozen=True, eq=False)
class Ledger:
    """Lists in the order of the streams; `facts` is where they come from."""

    facts: Facts

    @cached_property
    def streams(self) -> list[int]:
        """Numbers, as in ``tcp.stream``."""
        result: list[int] = self.facts.segments.streams.tolist()
        return result

    @cached_property
    def ends(self) -> list[tuple[str, str]]:
        """Client and server as ``address:port``."""
        client, server = self.facts.ends
        names = [
            map(format_endpoint, end[name], end[f"{name}_port"].tolist())
            for end, name in ((client, "client"), (server, "server"))
        ]
        return list(zip(*names, strict=True))

    @cached_property
    def packets(self) -> list[int]:
        """Packets in the capture, copies included."""
        result: list[int] = self.facts.all_segments.groups.sizes.tolist()
        return result

    @cached_property
    def begin_ns(self) -> list[int]:
        """When the stream began, ns since 1970 UTC."""
        result: list[int] = self.facts.segments.groups.min(self.facts.segments.time_ns).tolist()
        return result

    @cached_property
    def duration_s(self) -> list[float]:
        """To the end of the capture for a stream that was not closed, else to its last packet."""
        result: list[float] = ((self.facts.end_ns - np.array(self.begin_ns)) / NS).tolist()
        return result

    @cached_property
    def vantages(self) -> list[str]:
        """Where the capture was taken."""
        result: list[str] = np.array(VANTAGES, object)[self.facts.vantage].tolist()
        return result

    @cached_property
    def verdicts(self) -> list[Any]:
        """Rows of ``facts.verdicts`` as named tuples."""
        return list(self.facts.verdicts.itertuples(index=False))

    @cached_property
    def findings(self) -> list[list[Any]]:
        """Rows of ``facts.findings`` as named tuples, for each stream."""
        return self._by_stream(self.facts.findings)

    @cached_property
    def first_finding(self) -> list[int]:
        """Number of the first finding of each stream in ``facts.findings``."""
        result: list[int] = self._starts(self.facts.findings)[:-1].tolist()
        return result

    @cached_property
    def artefacts(self) -> list[list[Any]]:
        """Rows of ``facts.artefacts`` as named tuples, for each stream."""
        return self._by_stream(self.facts.artefacts)

    @cached_property
    def flows(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The numbers of both flows, with the keys of the definitions page."""
        up, down = self.facts.flow_tables
        return _flows(up), _flows(down)

    def _starts(self, table: pd.DataFrame) -> np.ndarray:
        """Where each stream begins in a table that is sorted by group, and where the last ends."""
        return table["group"].to_numpy(np.int64).searchsorted(np.arange(len(self.streams) + 1))

    def _by_stream(self, table: pd.DataFrame) -> list[list[Any]]:
        rows = list(table.itertuples(index=False))
        starts = self._starts(table).tolist()
        return [rows[first:stop] for first, stop in pairwise(starts)]


def _flows(table: pd.DataFrame) -> list[dict[str, Any]]:
    counts = [str(n) for n in table if not str(n).startswith(("rtt_", "limit_", "stalled_"))]
    columns = zip(*(plain(table[name]) for name in counts), strict=True)
    rtt = zip(*(plain(table[f"rtt_{name}_ms"]) for name in _RTT), strict=True)
    seconds = np.column_stack([table[f"limit_{name}"].to_numpy() for name in LIMITERS])
    shares = seconds / np.maximum(seconds.sum(axis=1, keepdims=True), 1e-12)
    limits = zip(shares.round(6).tolist(), seconds.round(9).tolist(), strict=True)
    return [
        {
            **dict(zip(counts, row, strict=True)),
            "rtt_ms": dict(zip(_RTT, times, strict=True)),
            "stalled_s": stalled,
            "limits": {
                name: {"share": share, "seconds": held}
                for name, share, held in zip(LIMITERS, *limit, strict=True)
            },
        }
        for row, times, stalled, limit in zip(
            columns, rtt, plain(table["stalled_s"]), limits, strict=True
        )
    ]


def plain(column: pd.Series) -> list[Any]:
    """Values for JSON: no numpy types, None for what is not known, floats to 9 digits."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind != "f":
        return column.tolist()
    if isinstance(column.dtype, np.dtype):
        column = column.round(9)
    values = column.to_numpy(object, copy=True)
    values[column.isna().to_numpy()] = None
    result: list[Any] = values.tolist()
    return result
