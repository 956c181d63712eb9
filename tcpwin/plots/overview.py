"""The overview: one stream's flow on one time axis, the stalls over every panel."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tcpwin.plots.axes import (
    add_axes,
    label_y,
    legend,
    new_figure,
    time_axis,
    time_range,
)
from tcpwin.plots.limits import draw_limits
from tcpwin.plots.rtt import draw_rtt, rtt_label
from tcpwin.plots.sequence import draw_sequence
from tcpwin.plots.shade import shade_stalls
from tcpwin.plots.style import Style, resolve
from tcpwin.plots.text import footer, head, note, subtitle_of, title_of
from tcpwin.plots.window import draw_window

_EMPTY = pd.DataFrame({"time_s": pd.Series(dtype="float64")})


def plot_overview(
    parts: Mapping[str, pd.DataFrame],
    *,
    figure: Figure | None = None,
    log: bool = False,
    style: Style | str | None = None,
) -> Figure:
    """Draw sequence, window and flight, RTT and the limiter strip under one another.

    Args:
        parts: the tables of one flow by name: segments, window, acks, sacks, rtt, and if
            there limits and stalls.
        figure: draw into this empty figure; None makes one.
        log: logarithmic scale for window and RTT.
        style: "light" or "dark".

    Returns:
        The figure; its Axes are in the order of the panels.
    """
    look = resolve(style)
    limits = parts.get("limits")
    heights = [3.2, 2.2, 1.3] + ([0.4] if limits is not None else [])
    if figure is None:
        figure = new_figure(11.0, round(1.6 + 1.15 * sum(heights), 1), style=look)
    grid = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    panels: list[Axes] = []
    for row in range(len(heights)):
        panels.append(add_axes(figure, grid[row], look, sharex=panels[0] if panels else None))
    tables = [parts.get(name, _EMPTY) for name in ("segments", "window", "acks", "sacks", "rtt")]
    segments, window, acks, sacks, rtt = tables
    draw_sequence(panels[0], segments, window, acks, sacks, look)
    draw_window(panels[1], window, look, log=log)
    draw_rtt(panels[2], rtt, look, log=log)
    if limits is not None:
        draw_limits(panels[3], limits, look)
    frame = pd.DataFrame({"time_s": [edge for table in tables for edge in time_range(table)]})
    frame.attrs = {key: value for table in tables for key, value in table.attrs.items()}
    names = ("sequence number [bytes]", "window and flight [bytes]", rtt_label(rtt), "")
    for ax, name in zip(panels, names, strict=False):
        last = ax is panels[-1]
        time_axis(ax, frame, look, label=last)
        ax.tick_params(labelbottom=last)
        label_y(ax, name, look)
        rows = legend(ax, look)
        if ax is panels[0] and (text := subtitle_of(frame.attrs)):
            note(ax, text, (0, 1), (0, 4 + 14 * rows), look, ha="left", va="bottom", size=8.5)
    # The names of the bands are longer than any number: they would push the labels aside.
    figure.align_ylabels(panels[:3])
    shade_stalls(panels, parts.get("stalls"), time_range(frame)[1], look)
    head(figure, str(frame.attrs.get("verdict") or ""), title_of(frame.attrs), look)
    footer(panels[-1], frame, look)
    return figure
