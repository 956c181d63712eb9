"""The throughput chart: how fast data are sent, and how much of that arrives for good."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tcpwin.plots.axes import finish, no_data, numbers, open_axes, resolution, si_axis
from tcpwin.plots.marks import end_of, step
from tcpwin.plots.style import Style
from tcpwin.plots.thin import thin_line
from tcpwin.units import format_duration


def plot_throughput(
    throughput: pd.DataFrame,
    *,
    ax: Axes | None = None,
    style: Style | str | None = None,
    **kwargs: Any,
) -> Axes:
    """Draw throughput as an area and goodput as a line; between them is what was sent in vain.

    Args:
        throughput: a row where a rate changes: time_s [s], throughput_bps, goodput_bps [bit/s],
            and if there window_s [s], what is averaged over.
        ax: draw into these Axes; None makes a figure.
        style: "light" or "dark"; None fits ``ax``.
        **kwargs: for the line of the throughput (``Axes.plot``).

    Returns:
        The Axes.
    """
    ax, look = open_axes(ax, style)
    draw_throughput(ax, throughput, look, **kwargs)
    return finish(ax, throughput, look, ylabel="rate of payload [bit/s]")


def draw_throughput(ax: Axes, throughput: pd.DataFrame, style: Style, **kwargs: Any) -> None:
    """The artists of the throughput chart, without title and axes labels."""
    x, sent = numbers(throughput, "time_s"), numbers(throughput, "throughput_bps")
    good = numbers(throughput, "goodput_bps")
    if len(x) == 0:
        no_data(ax, style, "no data in this flow, or all at one instant: there is no rate")
        return
    end = end_of(throughput, x)
    if x[0] > 0:  # nothing had come yet
        x, sent, good = np.r_[0.0, x], np.r_[0.0, sent], np.r_[0.0 * good[0], good]
    shown = thin_line(x, sent, resolution(ax)[0])
    ax.fill_between(
        np.r_[x[shown], end], 0, np.r_[sent[shown], sent[-1]], step="post", color=style.data,
        alpha=0.2, linewidth=0,
    )  # fmt: skip
    step(
        ax, x, sent, end, given=kwargs, color=style.data, linewidth=1.9, zorder=3,
        label=f"throughput (retransmissions included{_average(throughput)})",
    )  # fmt: skip
    if np.isfinite(good).any():
        step(
            ax, x, good, end, color=style.ack, linewidth=1.0, zorder=4, linestyle=(0, (5, 2)),
            label="goodput (newly acknowledged)",
        )  # fmt: skip
    si_axis(ax, float(np.nanmax(np.r_[sent, good, 1.0])), "bit/s")


def _average(throughput: pd.DataFrame) -> str:
    over = numbers(throughput, "window_s")
    return f"; average over {format_duration(over[0])}" if np.isfinite(over[:1]).any() else ""
