"""Two runs on one time axis: bytes acknowledged, window, RTT, and who held either back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tcpwin.plots.axes import (
    add_axes,
    label_y,
    legend,
    new_figure,
    no_data,
    numbers,
    resolution,
    si_axis,
    time_axis,
)
from tcpwin.plots.limits import draw_limits
from tcpwin.plots.style import Style, resolve
from tcpwin.plots.text import head, note
from tcpwin.plots.thin import Floats, thin_line, thin_points
from tcpwin.plots.ticks import PlainFormatter

Parts = Mapping[str, pd.DataFrame]
_PANELS: Final = ("acknowledged [bytes]", "window [bytes]", "RTT [ms]")


def plot_runs(
    a: Parts,
    b: Parts,
    *,
    title: str = "",
    figure: Figure | None = None,
    style: Style | str | None = None,
) -> Figure:
    """Draw two transfers, each from its own start, under one another on one time axis.

    Args:
        a: the tables of a flow of the first run by name: window, rtt, limits.
        b: those of the second.
        title: what differs, in bold.
        figure: draw into this empty figure; None makes one.
        style: "light" or "dark".

    Returns:
        The figure; its Axes are acknowledged bytes, window, RTT, and the limiters of both.
    """
    look = resolve(style)
    if figure is None:
        figure = new_figure(11.0, 8.4, style=look)
    grid = figure.add_gridspec(4, 1, height_ratios=[2.6, 1.8, 1.5, 0.8])
    panels: list[Axes] = []
    for row in range(4):
        panels.append(add_axes(figure, grid[row], look, sharex=panels[0] if panels else None))
    names = _names(a, b)
    for parts, name, color, dash, marker in (
        (a, names[0], look.data, "-", "o"),
        (b, names[1], look.srtt, (0, (5, 1.5)), "^"),
    ):
        window, rtt = parts["window"], parts["rtt"]
        una = numbers(window, "una")
        known = una[np.isfinite(una)]
        done = una - known[0] if len(known) else una
        kwargs: dict[str, Any] = {"color": color, "linestyle": dash, "label": name}
        time = numbers(window, "time_s")
        _step(panels[0], time, np.fmax.accumulate(done) if len(done) else done, kwargs)
        _step(panels[1], time, numbers(window, "window_bytes"), kwargs)
        points = {"color": color, "marker": marker, "label": name}
        _points(panels[2], numbers(rtt, "time_s"), numbers(rtt, "rtt_s") * 1e3, points)
    limits = pd.concat(
        [parts["limits"].assign(flow=name) for parts, name in zip((a, b), names, strict=True)],
        ignore_index=True,
    )
    limits.attrs = {"flow": names[0]}
    draw_limits(panels[3], limits, look)
    frame = pd.DataFrame({"time_s": [0.0]})
    frame.attrs["end_s"] = max(float(p["window"].attrs.get("end_s", 0.0)) for p in (a, b))
    for place, ax in enumerate(panels):
        time_axis(ax, frame, look, label=place == 3)
        ax.tick_params(labelbottom=place == 3)
        if place < 3:
            label_y(ax, _PANELS[place], look)
            if not ax.lines:
                no_data(ax, look, "no run has any")
    panels[3].set_xlabel("time since start of each stream [s]", fontsize=9, color=look.ink)
    for ax in panels[:2]:
        si_axis(ax, ax.get_ylim()[1])
        ax.set_ylim(bottom=-0.02 * ax.get_ylim()[1])  # a window of 0 is not the frame's line
    panels[2].set_ylim(bottom=0)
    panels[2].yaxis.set_major_formatter(PlainFormatter())
    legend(panels[0], look)
    legend(panels[3], look)
    figure.align_ylabels(panels[:3])
    head(figure, title, str(a["window"].attrs.get("flow", "")), look)
    filters = [
        f"{name}: {parts['window'].attrs.get('filter', '')}"
        for parts, name in zip((a, b), names, strict=True)
    ]
    note(panels[3], "Wireshark: " + "  |  ".join(filters), (1, 0), (0, -36), look, ha="right",
         va="top", size=7.5)  # fmt: skip
    return figure


def _names(a: Parts, b: Parts) -> tuple[str, str]:
    names = [str(parts["window"].attrs.get("capture", "")) for parts in (a, b)]
    if names[0] == names[1]:
        names = [f"{name} #{parts['window'].attrs.get('stream', '')}"
                 for name, parts in zip(names, (a, b), strict=True)]  # fmt: skip
    return f"a: {names[0]}", f"b: {names[1]}"


def _step(ax: Axes, time: Floats, values: Floats, kwargs: dict[str, Any]) -> None:
    known = np.isfinite(values)
    if not known.any():
        return
    time, values = time[known], values[known]
    shown = thin_line(time, values, resolution(ax)[0])
    ax.plot(time[shown], values[shown], drawstyle="steps-post", linewidth=1.3, alpha=0.9, **kwargs)


def _points(ax: Axes, time: Floats, values: Floats, kwargs: dict[str, Any]) -> None:
    columns, rows = resolution(ax)
    shown = thin_points(time, values, columns // 2, rows // 2)
    if len(shown):
        look: dict[str, Any] = {
            "linestyle": "none",
            "markersize": 3,
            "markeredgewidth": 0,
            "alpha": 0.75,
        }
        ax.plot(time[shown], values[shown], **look, **kwargs)
