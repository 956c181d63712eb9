"""Which connections two captures have in common, and which of them is meant."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.ends import pairs
from tcpwin.errors import CaptureError, StreamNotFoundError
from tcpwin.model.capture import Capture

NS: Final = 1e9


def connections(a: Capture, b: Capture) -> pd.DataFrame:
    """The connections that both captures have: their numbers in either, see `ends.pairs`.

    Raises:
        CaptureError: there are none.
    """
    table = pairs(a.facts, b.facts)
    if table.empty:
        apart = (
            (b.start_ns - a.end_ns) / NS if b.start_ns > a.end_ns else (a.start_ns - b.end_ns) / NS
        )
        when = f" (they were taken {apart:,.0f} s apart by their clocks)" if apart > 0 else ""
        raise CaptureError(
            f"{a.name} and {b.name} have no connection in common{when}: capture one connection at "
            "both ends at the same time; a proxy between them makes two connections of it. "
            "--runs compares two different transfers"
        )
    numbers = {
        name: capture.facts.segments.streams[table[name].to_numpy(np.int64)]
        for name, capture in (("a", a), ("b", b))
    }
    return table.assign(**numbers)


def chosen(
    common: pd.DataFrame, a: Capture, b: Capture, wanted: int | None, other: int | None
) -> pd.Series[Any]:
    """The row of `connections` with these streams, or that which lost most time.

    Args:
        common: the rows.
        a: the first capture.
        b: the second.
        wanted: the stream's number in `a`, if one was named.
        other: the same in `b`.

    Raises:
        StreamNotFoundError: there is no such stream in `a`, or it is not in both.
    """
    if wanted is None and other is None:
        losses = [
            capture.streams.set_index("stream")["lost_s"].reindex(common[name]).to_numpy()
            for name, capture in (("a", a), ("b", b))
        ]
        order = common.assign(lost_s=np.maximum(*losses)).sort_values(
            ["lost_s", "votes", "a"], ascending=[False, False, True]
        )
        return order.iloc[0]
    if wanted is not None:
        a.stream(wanted)  # says so if there is none
    found = common[
        ((common["a"] == wanted) | (wanted is None)) & ((common["b"] == other) | (other is None))
    ]
    if found.empty:
        name, number = (a.name, wanted) if wanted is not None else (b.name, other)
        known = ", ".join(map(str, sorted(common["a" if wanted is not None else "b"])[:8]))
        raise StreamNotFoundError(
            f"stream {number} of {name} is not in the other capture; of its streams, these are: "
            f"{known}{', …' if len(common) > 8 else ''}"
        )
    return found.iloc[0]
