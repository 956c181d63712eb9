"""The window chart: how much the receiver allows, how much is out, and what is left of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tcpwin.plots.axes import columns_of, finish, labels, numbers, open_axes, si_axis
from tcpwin.plots.axes import resolution as resolution_of
from tcpwin.plots.marks import end_of, letters, runs, step
from tcpwin.plots.style import LETTER_P, LETTER_Z, Style
from tcpwin.plots.thin import thin_line, thin_spans


def plot_window(
    window: pd.DataFrame,
    *,
    ax: Axes | None = None,
    log: bool = False,
    style: Style | str | None = None,
    **kwargs: Any,
) -> Axes:
    """Draw window and flight on one scale; the space between them is what may still be sent.

    Args:
        window: one row per packet: time_s [s], window_bytes, flight_bytes [bytes], and if
            there scale_source and kind ("zero", "probe", "update").
        ax: draw into these Axes; None makes a figure.
        log: a logarithmic scale (0 keeps its place at the bottom).
        style: "light" or "dark"; None fits ``ax``.
        **kwargs: for the window's line (``Axes.plot``).

    Returns:
        The Axes.
    """
    ax, look = open_axes(ax, style)
    draw_window(ax, window, look, log=log, **kwargs)
    return finish(ax, window, look, ylabel="window and flight [bytes]")


def draw_window(
    ax: Axes, window: pd.DataFrame, style: Style, *, log: bool = False, **kwargs: Any
) -> None:
    """The artists of the window chart, without title and axes labels."""
    known = columns_of(ax, window, style, "window_bytes", "flight_bytes")
    if known is None:
        return
    size, flight = known
    x = numbers(window, "time_s")
    end = end_of(window, x)
    kind = labels(window, "kind")
    zero = size == 0
    certain = scale_is_certain(window)
    _fill_usable(ax, x, size, flight, end, style, alarm=certain)
    step(
        ax, x, size, end, keep=zero, given=kwargs, color=style.window, linewidth=1.5,
        linestyle="-" if certain else ":", zorder=3,
        label="window" if certain else "window (scale not certain)",
    )  # fmt: skip
    step(ax, x, flight, end, color=style.data, linewidth=1.2, zorder=4, label="flight")
    mss = _draw_mss(ax, window, style) if certain else 0.0
    update = (kind == "update") & np.isfinite(size)
    if update.any():
        # No rim of paper: the rims of many updates would cut a white band into the window.
        letters(
            ax, x[update], size[update], "^", s=20, color=style.window, label="window update",
            path_effects=None,
        )  # fmt: skip
    _draw_zero(ax, x, zero, zero_marks(window), end, style)
    probe = kind == "probe"
    if probe.any():
        level = np.where(np.isfinite(size), size, 0.0)
        letters(
            ax, x[probe], level[probe], LETTER_P, lift=15, color=style.probe, label="probe",
        )  # fmt: skip
    si_axis(ax, float(np.nanmax(np.r_[size, flight, min(mss, 1e5), 1.0])), log=log)


def _fill_usable(
    ax: Axes, x: Any, size: Any, flight: Any, end: float, style: Style, *, alarm: bool
) -> None:
    columns = resolution_of(ax)[0]
    rows = np.union1d(thin_line(x, size, columns, size == 0), thin_line(x, flight, columns))
    at, top, low = np.r_[x[rows], end], size[rows], flight[rows]
    top, low = np.r_[top, top[-1]], np.r_[low, low[-1]]
    with np.errstate(invalid="ignore"):
        room, over = top > low, top < low
    look: dict[str, Any] = {"step": "post", "linewidth": 0, "zorder": 1.5}
    name = "usable" if room.any() else None
    ax.fill_between(at, low, top, where=room, color=style.usable, alpha=0.3, label=name, **look)
    # The window shrank below what is out already; without a scale that is no news.
    if alarm and over.any():
        ax.fill_between(
            at, top, low, where=over, facecolor=style.retransmission, alpha=0.25, hatch="xx",
            label="beyond the window", **look,
        )  # fmt: skip


def _draw_mss(ax: Axes, window: pd.DataFrame, style: Style) -> float:
    """The line is what a window must reach to carry one full segment; returns its height."""
    mss = window.attrs.get("mss")
    if mss is None or pd.isna(mss) or mss <= 0:
        return 0.0
    ax.axhline(
        float(mss), color=style.muted, linewidth=0.8, linestyle=(0, (6, 3)), zorder=2,
        label=f"MSS {int(mss)} B",
    )  # fmt: skip
    return float(mss)


def _draw_zero(ax: Axes, x: Any, zero: Any, marked: Any, end: float, style: Style) -> None:
    if not zero.any():
        return
    left, right = runs(zero, x, end)
    low, high = min(float(x.min()), 0.0), max(float(x.max()), end)
    left, right = thin_spans(left, right, (high - low) / resolution_of(ax)[0])
    # A closed window is a line on the floor of the chart; shade its time so that it is seen.
    across = ax.get_xaxis_transform()
    ax.bar(
        left, 1.0, right - left, align="edge", color=style.zero, alpha=0.13, linewidth=0,
        transform=across, zorder=1, label="zero window",
    )  # fmt: skip
    ax.hlines(np.zeros(len(left)), left, right, color=style.zero, linewidth=3.5, zorder=5)
    letters(ax, x[marked], np.zeros(int(marked.sum())), LETTER_Z, lift=7, color=style.zero)


def zero_marks(window: pd.DataFrame) -> Any:
    """Rows that get a Z, shape (n,): those said to be "zero", and where each zero begins."""
    zero = numbers(window, "window_bytes") == 0
    begins = zero & np.r_[True, ~zero[:-1]][: len(zero)]
    return zero & (begins | (labels(window, "kind") == "zero"))


def scale_is_certain(window: pd.DataFrame) -> bool:
    """Whether both SYNs told the scale; True where nothing is said about it."""
    said = window.attrs.get("scale_source")
    if said is None and "scale_source" in window and len(window):
        said = window["scale_source"].iloc[-1]
    return said is None or bool(pd.isna(said)) or said == "syn"
