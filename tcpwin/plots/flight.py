"""The flight chart: bytes sent and not yet acknowledged, ours beside tshark's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tcpwin.plots.axes import columns_of, finish, numbers, open_axes, resolution, si_axis
from tcpwin.plots.marks import end_of, step
from tcpwin.plots.style import Style
from tcpwin.plots.thin import thin_line, thin_points


def plot_flight(
    flight: pd.DataFrame,
    *,
    ax: Axes | None = None,
    log: bool = False,
    style: Style | str | None = None,
    **kwargs: Any,
) -> Axes:
    """Draw the bytes in flight as a step that falls when ACKs come, not at the next data.

    Args:
        flight: one row per packet of either direction: time_s [s], flight_bytes [bytes], and
            if there tshark_bytes_in_flight [bytes], NA where tshark gives none.
        ax: draw into these Axes; None makes a figure.
        log: a logarithmic scale (0 keeps its place at the bottom).
        style: "light" or "dark"; None fits ``ax``.
        **kwargs: for the line of the flight (``Axes.plot``).

    Returns:
        The Axes.
    """
    ax, look = open_axes(ax, style)
    draw_flight(ax, flight, look, log=log, **kwargs)
    return finish(ax, flight, look, ylabel="in flight [bytes]")


def draw_flight(
    ax: Axes, flight: pd.DataFrame, style: Style, *, log: bool = False, **kwargs: Any
) -> None:
    """The artists of the flight chart, without title and axes labels."""
    known = columns_of(ax, flight, style, "flight_bytes", "tshark_bytes_in_flight")
    if known is None:
        return
    ours, theirs = known
    x = numbers(flight, "time_s")
    end = end_of(flight, x)
    columns, rows = resolution(ax)
    shown = thin_line(x, ours, columns)
    held = np.r_[ours[shown], ours[shown][-1:]]
    ax.fill_between(
        np.r_[x[shown], end], 0, held, step="post", color=style.data, alpha=0.12, linewidth=0,
    )  # fmt: skip
    step(
        ax, x, ours, end, given=kwargs, color=style.data, linewidth=1.3, zorder=3,
        label="flight (falls with every ACK)",
    )  # fmt: skip
    # Points, not a line: tshark knows the value at data packets only.
    dots = thin_points(x, theirs, columns // 4, rows // 4)
    if len(dots):
        ax.plot(
            x[dots], theirs[dots], linestyle="none", marker="o", markersize=3.2,
            markerfacecolor="none", markeredgecolor=style.duplicate, markeredgewidth=0.8,
            zorder=4, label="tshark's bytes_in_flight",
        )  # fmt: skip
    si_axis(ax, float(np.nanmax(np.r_[ours, theirs, 1.0])), log=log)
