"""What the page's own charts draw of a flow: rows that change something, whole numbers only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from tcpwin.model import Flow
from tcpwin.plots.axes import labels, numbers
from tcpwin.plots.rtt import rtt_name
from tcpwin.plots.style import LIMITERS
from tcpwin.plots.thin import Bools, Floats, Ints, thin_bars, thin_line, thin_points
from tcpwin.plots.window import scale_is_certain
from tcpwin.report.page_pack import Column, pack

NS: Final = 1e9
MARKS: Final = ("", "zero", "update", "probe")
KINDS: Final = (
    "new", "retransmission", "out-of-order", "probe", "keep-alive", "syn", "fin", "rst"
)  # fmt: skip
# Rows of a page: 400,000 packets are some 10 MB, what a mail server and a telephone still take.
MOST: Final = 400_000


def fair_limit(sizes: Sequence[int], total: int = MOST) -> int:
    """The number of rows that each may have so that all together stay within `total`."""
    ordered = np.sort(np.asarray(sizes, dtype=np.int64))
    before = np.r_[0, np.cumsum(ordered)[:-1]] if len(ordered) else ordered
    share = (total - before) // np.arange(len(ordered), 0, -1)
    short = ordered > share
    return int(share[short][0]) if short.any() else total


def series(flow: Flow, limit: int) -> dict[str, Any]:
    """The flow for the script: its names and ends, and the columns, see `page_pack.pack`.

    Times are nanoseconds from the start of the stream, in ascending order. Above `limit` rows,
    a table is thinned by what the eye can see (`plots.thin`); ``thinned`` says so.
    """
    parts = flow.parts()
    window, segments, acks = parts["window"], parts["segments"], parts["acks"]
    tables = {
        "state": _state(window, limit),
        "segments": _segments(segments, limit),
        "sacks": _table(parts["sacks"], limit, "right", "left", "dsack"),
        "again": _table(acks[numbers(acks, "dup_count") > 0], limit, "ack"),
        "rtt": _rtt(parts["rtt"], limit),
        "limits": _limits(parts["limits"], limit),
    }
    return {
        "flow": flow.name,
        "end": float(window.attrs["end_s"]),
        "mss": int(window.attrs["mss"]),
        "certain": scale_is_certain(window),
        "rtt_name": rtt_name(parts["rtt"]),
        "packets": len(window),
        "thinned": max(len(window), len(segments)) > limit,
        "stalls": parts["stalls"][["number", "frame", "start_s", "end_s", "cause"]].to_dict(
            "records"
        ),
        **pack(tables),
    }


def _state(window: pd.DataFrame, limit: int) -> dict[str, Column]:
    """Rows after which ACK, window or flight are others than before, and the last."""
    una, size, flight = (numbers(window, name) for name in ("una", "window_bytes", "flight_bytes"))
    mark = _codes(labels(window, "kind"), MARKS)
    rows = np.flatnonzero(_changes(una) | _changes(size) | _changes(flight) | (mark > 0))
    rows = np.union1d(rows, [0, len(window) - 1])
    x = numbers(window, "time_s")[rows]
    if len(rows) > limit:
        lines = [una, una + size, size, flight]
        columns = max(1, limit // (5 * len(lines)))
        kept = [thin_line(x, line[rows], columns, mark[rows] > 0) for line in lines]
        rows = rows[np.unique(np.concatenate(kept))]
    values = {"una": una[rows], "window": size[rows], "flight": flight[rows], "mark": mark[rows]}
    return _in_time(window.iloc[rows], values)


def _segments(segments: pd.DataFrame, limit: int) -> dict[str, Column]:
    """Each segment; of very many, those without news of a kind are merged where they touch."""
    x, seq, size = (numbers(segments, name) for name in ("time_s", "seq", "len"))
    kind = _codes(labels(segments, "kind"), KINDS)
    fresh, rest = np.flatnonzero(kind == 0), np.flatnonzero(kind > 0)
    rest = rest[thin_points(x[rest], seq[rest], limit // 8, 4, few=limit // 2)]
    rows = np.concatenate([fresh, rest])
    if len(rows) > limit:
        grid = max(1, limit // 8)
        at, low, high = thin_bars(x[fresh], seq[fresh], (seq + size)[fresh], grid, 4)
        first = fresh[np.searchsorted(x[fresh], at).clip(0, len(fresh) - 1)]
        rows = np.concatenate([first, rest])
        seq, size = np.r_[low, seq[rest]], np.r_[high - low, size[rest]]
    else:
        seq, size = seq[rows], size[rows]
    return _in_time(segments.iloc[rows], {"seq": seq, "len": size, "kind": kind[rows]})


def _rtt(rtt: pd.DataFrame, limit: int) -> dict[str, Column]:
    x = numbers(rtt, "time_s")
    sample, smooth = (np.rint(numbers(rtt, name) * NS) for name in ("rtt_s", "srtt_s"))
    rows = _few([thin_line(x, y, max(1, limit // 8)) for y in (sample, smooth)], len(rtt), limit)
    return _in_time(rtt.iloc[rows], {"rtt": sample[rows], "srtt": smooth[rows]})


def _limits(limits: pd.DataFrame, limit: int) -> dict[str, Column]:
    code = _codes(labels(limits, "limiter"), tuple(LIMITERS))
    x = numbers(limits, "time_s")
    rows = _few([thin_line(x, code, max(1, limit // 4))], len(limits), limit)
    return _in_time(limits.iloc[rows], {"limiter": code[rows]})


def _table(table: pd.DataFrame, limit: int, *names: str) -> dict[str, Column]:
    x, y = numbers(table, "time_s"), numbers(table, names[0])
    rows = thin_points(x, y, max(1, limit // 8), 4, few=limit)
    return _in_time(table.iloc[rows], {name: numbers(table, name)[rows] for name in names})


def _in_time(rows: pd.DataFrame, values: dict[str, Floats]) -> dict[str, Column]:
    """Time and frame put before the values, and all of it in the order of time."""
    time = np.rint(numbers(rows, "time_s") * NS)
    order = np.argsort(time, kind="stable")  # a clock may have been set back
    columns = {"t": time, "frame": numbers(rows, "frame"), **values}
    return {name: column[order] for name, column in columns.items()}


def _few(chosen: list[Ints], count: int, limit: int) -> Ints:
    every: Ints = np.arange(count, dtype=np.int64)
    return every if count <= limit else np.unique(np.concatenate(chosen))


def _changes(values: Floats) -> Bools:
    """Whether a value differs from the one in the row before; NaN is like NaN."""
    same = (values[1:] == values[:-1]) | (np.isnan(values[1:]) & np.isnan(values[:-1]))
    first: Bools = np.ones(min(len(values), 1), dtype=np.bool_)
    return np.concatenate([first, ~same])


def _codes(names: Any, known: tuple[str, ...]) -> Floats:
    """The place of each name in `known`, 0 for any other."""
    result: Floats = np.select([names == name for name in known], range(len(known)), 0).astype(
        np.float64
    )
    return result
