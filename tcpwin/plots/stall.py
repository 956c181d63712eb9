"""The close-up of a stall: what happened just before it and just after, with frame numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tcpwin.plots.axes import (
    add_axes,
    label_y,
    labels,
    new_figure,
    numbers,
    time_range,
    time_ticks,
)
from tcpwin.plots.axes import legend as add_legend
from tcpwin.plots.overview import _EMPTY
from tcpwin.plots.sequence import draw_sequence, set_view
from tcpwin.plots.shade import shade_stalls
from tcpwin.plots.style import Style, resolve
from tcpwin.plots.text import footer, head, note, title_of
from tcpwin.plots.ticks import time_unit
from tcpwin.plots.window import draw_window

_RTTS = 5.0
# Frame numbers shown in one panel: more could not be read.
_NUMBERS = 40


def plot_stall(
    parts: Mapping[str, pd.DataFrame],
    stall: pd.Series[Any],
    *,
    figure: Figure | None = None,
    style: Style | str | None = None,
) -> Figure:
    """Draw ± 5 RTT around the start and the end of a stall; one view where the two meet.

    Args:
        parts: the tables of one flow by name: segments, window, acks, sacks, rtt.
        stall: one row of the stalls table: number, frame, start_s, end_s, lost_s, open, cause;
            rtt_s, if there, is the round trip time to show it by.
        figure: draw into this empty figure; None makes one.
        style: "light" or "dark".

    Returns:
        The figure: sequence above, window below, the start on the left and the end on the right.
    """
    look = resolve(style)
    if figure is None:
        figure = new_figure(11.0, 6.4, style=look)
    views = stall_views(parts, stall)
    widest = max(high - low for low, high in views)
    unit = time_unit(views[-1][1] - widest, views[-1][1])
    grid = figure.add_gridspec(2, len(views), height_ratios=[3, 2])
    rows: list[list[Axes]] = [[], []]
    for column, (low, high) in enumerate(views):
        cut = {name: _cut(parts.get(name, _EMPTY), low, high) for name in
               ("segments", "window", "acks", "sacks")}  # fmt: skip
        above = add_axes(figure, grid[0, column], look)
        rows[0].append(above)
        below = add_axes(figure, grid[1, column], look, sharex=above)
        draw_sequence(above, cut["segments"], cut["window"], cut["acks"], cut["sacks"], look)
        draw_window(below, cut["window"], look)
        rows[1].append(below)
        for ax in (above, below):
            ax.set_xlim(low, high)
            time_ticks(ax, unit, look, label=ax is below, most=5)
        above.tick_params(labelbottom=False)
        telling = _telling(cut["window"], stall)
        number_frames(above, cut["segments"], cut["acks"], look, telling=telling)
        shade_stalls([above, below], stall.to_frame().T, min(high, _end(parts)), look)
    segments, window = (_within(parts.get(name, _EMPTY), views) for name in ("segments", "window"))
    set_view(rows[0], segments, window, look)
    for row, name in zip(
        rows, ("sequence number [bytes]", "window and flight [bytes]"), strict=True
    ):
        _level(row)
        label_y(row[0], name, look)
        add_legend(row[0], look, beside=row[1:])
    footer(rows[1][-1], _known(parts), look)
    if bool(stall.get("open", False)) and views[-1][1] < _end(parts):
        note(
            rows[0][-1], _rest(parts, views[-1][1]), (0.995, 0), (0, 6), look, size=8.5,
            ha="right", va="bottom",
        )  # fmt: skip
    head(figure, _words(stall), title_of(_known(parts).attrs), look)
    return figure


def number_frames(
    ax: Axes,
    segments: pd.DataFrame,
    acks: pd.DataFrame,
    style: Style,
    *,
    telling: Sequence[float] = (),
) -> None:
    """Write frame numbers beside packets: above data, below ACKs, the telling ones first."""
    low, high = ax.get_xlim()
    gap = (high - low) / _NUMBERS
    for table, level, side in ((segments, "seq", 1), (acks, "ack", -1)):
        x, y, frame = (numbers(table, name) for name in ("time_s", level, "frame"))
        if side > 0:
            y = y + np.nan_to_num(numbers(table, "len"))
        inside = (x >= low + gap / 4) & (x <= high - gap / 4)  # else the edge cuts the number
        rows = np.flatnonzero(inside & np.isfinite(y) & np.isfinite(frame))
        plain = np.isin(labels(table, "kind"), ["", "new"]) & ~(numbers(table, "dup_count") > 0)
        plain &= ~np.isin(frame, telling)
        shown = _apart(x, rows, plain, gap)
        for row in shown:
            ax.annotate(
                f"{frame[row]:.0f}", (x[row], y[row]), xytext=(0, 14 * side),
                textcoords="offset points", rotation=90, fontsize=7, ha="center", clip_on=True,
                va="bottom" if side > 0 else "top", color=style.data if side > 0 else style.ack,
                zorder=8, annotation_clip=True,
                bbox={"facecolor": style.paper, "edgecolor": "none", "alpha": 0.7, "pad": 0.5},
            )  # fmt: skip


def _telling(window: pd.DataFrame, stall: pd.Series[Any]) -> list[float]:
    """Frames that must be numbered: where the window closes or opens, and the stall's own."""
    marked = numbers(window, "frame")[labels(window, "kind") != ""]
    return [*marked, *(float(stall[name]) for name in ("frame", "last_frame") if name in stall)]


def _apart(x: Any, rows: Any, plain: Any, gap: float) -> list[int]:
    """Rows to number: what is special first, then first and last, then what still has room."""
    if len(rows) == 0:
        return []
    ends = np.isin(rows, [rows[0], rows[-1]])
    order = rows[np.lexsort((rows, ~ends, plain[rows]))]
    taken = np.empty(0)
    shown: list[int] = []
    for row in order[: 50 * _NUMBERS]:
        if not np.any(np.abs(taken - x[row]) < gap):
            taken = np.append(taken, x[row])
            shown.append(int(row))
    return shown


def _level(row: Sequence[Axes]) -> None:
    """One scale for the start and the end, with air for the frame numbers above and below."""
    limits = [ax.get_ylim() for ax in row]
    low, high = min(low for low, _ in limits), max(high for _, high in limits)
    air = 0.0 if low == 0 else 0.16 * (high - low)
    for ax in row:
        ax.set_ylim(low - air, high + air)
        ax.tick_params(labelleft=ax is row[0])


def stall_views(
    parts: Mapping[str, pd.DataFrame], stall: pd.Series[Any]
) -> list[tuple[float, float]]:
    """Where to look: around the start and the end of a stall, in seconds; one view if they meet."""
    start, end = float(stall["start_s"]), float(stall["end_s"])
    if not np.isfinite(end):
        end = max(_end(parts), start)
    given = stall.get("rtt_s")
    if given is None or pd.isna(given):
        samples = numbers(parts.get("rtt", _EMPTY), "rtt_s")
        samples = samples[np.isfinite(samples)]
        # Near the acking host samples are microseconds: never zoom closer than the stall bears.
        given = max(float(np.median(samples)) if len(samples) else 0.0, (end - start) / 200)
    around = max(_RTTS * float(given), 1e-6)
    after = 0.1 * around if bool(stall.get("open", False)) else around  # nothing comes after
    late = max(end - around, start + around)
    if bool(stall.get("open", False)) and not _packets(parts, late):
        return [(start - around, start + around)]
    if end - start <= 4 * around:
        return [(start - around, end + after)]
    return [(start - around, start + around), (end - around, end + after)]


def _packets(parts: Mapping[str, pd.DataFrame], since: float) -> int:
    """How many packets of either direction come at or after this time."""
    return int((numbers(parts.get("window", _EMPTY), "time_s") >= since).sum())


def _rest(parts: Mapping[str, pd.DataFrame], since: float) -> str:
    """What comes after the view of an open stall."""
    count = _packets(parts, since)
    more = "nothing more" if count == 0 else f"{count:,} more packet{'s' if count > 1 else ''}"
    return f"{more} in {_duration(_end(parts) - since)} to the end of the capture →"


def _end(parts: Mapping[str, pd.DataFrame]) -> float:
    return time_range(parts.get("window", _EMPTY))[1]


def _cut(table: pd.DataFrame, low: float, high: float) -> pd.DataFrame:
    """Rows in view, and the one before them, whose step reaches into the view."""
    if table.empty:
        return table
    x = numbers(table, "time_s")
    inside = (x >= low) & (x <= high)
    before = np.flatnonzero(x < low)
    if len(before):
        inside[before[-1]] = True
    cut = table[inside]
    cut.attrs = {**table.attrs, "end_s": min(float(table.attrs.get("end_s", x.max())), high)}
    return cut


def _within(table: pd.DataFrame, views: Sequence[tuple[float, float]]) -> pd.DataFrame:
    """All rows that one of the views shows."""
    return pd.concat([_cut(table, low, high) for low, high in views])


def _known(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return next((table for table in parts.values() if table.attrs), _EMPTY)


def _words(stall: pd.Series[Any]) -> str:
    seconds = float(stall.get("lost_s", stall["end_s"] - stall["start_s"]))
    words = [f"stall {int(stall.get('number', 1))} · {_duration(seconds)}"]
    if bool(stall.get("open", False)):
        words.append("open: it lasts to the end of the capture")
    if stall.get("cause"):
        words.append(str(stall["cause"]))
    if "frame" in stall:
        words.append(f"first frame {int(stall['frame'])}")
    return " · ".join(words)


def _duration(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:,.2f} s"
