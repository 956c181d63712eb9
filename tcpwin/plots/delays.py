"""The chart of one-way delays: how long packets took each way, and when some never came."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cbook import normalize_kwargs
from matplotlib.lines import Line2D

from tcpwin.plots.axes import finish, labels, no_data, numbers, open_axes, resolution
from tcpwin.plots.style import Style
from tcpwin.plots.text import note
from tcpwin.plots.thin import thin_points
from tcpwin.plots.ticks import PlainFormatter


def plot_delays(
    packets: pd.DataFrame, *, ax: Axes | None = None, style: Style | str | None = None,
    **kwargs: Any,
) -> Axes:  # fmt: skip
    """Draw the one-way delay of every packet that came, in milliseconds, over time of sending.

    Packets that were lost stand as crosses at the bottom, those of either direction in its
    own colour; stalls (``attrs["stalls"]``) are shaded.

    Args:
        packets: flow, sent_s [s], delay_s [s], fate.
        ax: draw into these Axes; None makes a figure.
        style: "light" or "dark"; None fits ``ax``.
        **kwargs: for the points (``Axes.plot``).

    Returns:
        The Axes.
    """
    ax, look = open_axes(ax, style)
    frame = packets.rename(columns={"sent_s": "time_s"})
    frame.attrs = dict(packets.attrs)
    delay = numbers(frame, "delay_s") * 1e3
    if not np.isfinite(delay).any():
        no_data(ax, look, "no packet is in both captures")
        return finish(ax, frame, look, ylabel="one-way delay [ms]")
    _draw(ax, frame, delay, look, kwargs)
    if frame.attrs.get("clock"):
        note(ax, str(frame.attrs["clock"]), (0, 0), (0, -50), look, ha="left", va="top", size=7,
             wrap=True)  # fmt: skip
    return finish(ax, frame, look, ylabel="one-way delay [ms]")


def _draw(ax: Axes, frame: pd.DataFrame, delay: Any, style: Style, kwargs: dict[str, Any]) -> None:
    time, flow = numbers(frame, "time_s"), labels(frame, "flow")
    lost = np.isin(labels(frame, "fate"), ("lost", "partly-lost"))
    columns, rows = resolution(ax)
    top = float(np.nanmax(delay))
    low = min(0.0, float(np.nanmin(delay)))
    kinds = (("client->server", "o", style.data, 0.03), ("server->client", "^", style.srtt, 0.07))
    for name, marker, color, down in kinds:
        own = (flow == name) & np.isfinite(delay)
        if own.any():
            shown = thin_points(time[own], delay[own], columns // 2, rows // 2)
            look: dict[str, Any] = {
                "linestyle": "none", "marker": marker, "markersize": 3, "markeredgewidth": 0,
                "color": color, "alpha": 0.75, "label": name,
            }  # fmt: skip
            look |= dict(normalize_kwargs(kwargs, Line2D))
            ax.plot(time[own][shown], delay[own][shown], **look)
        gone = np.unique(time[(flow == name) & lost & np.isfinite(time)])
        if len(gone):
            ax.plot(
                gone, np.full(len(gone), low - down * (top - low)), linestyle="none", marker="x",
                color=color, markersize=5, markeredgewidth=1.4, label=f"{name}, lost",
            )  # fmt: skip
    for stall in frame.attrs.get("stalls", ()):
        ax.axvspan(stall["start_s"], stall["end_s"], color=style.stall, alpha=0.16, linewidth=0)
    ax.set_ylim(low - 0.1 * (top - low or 1.0), top + 0.08 * (top - low or 1.0))
    ax.yaxis.set_major_formatter(PlainFormatter())
