"""The limiter strip: who held the flow back, at every instant."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tcpwin.plots.axes import (
    add_axes,
    figure_of,
    finish,
    labels,
    new_figure,
    no_data,
    numbers,
    resolution,
    time_range,
)
from tcpwin.plots.style import LIMITERS, UNKNOWN_LIMITER, Band, Style, resolve
from tcpwin.plots.text import note
from tcpwin.plots.thin import Floats, thin_spans

_HEIGHT: Final = 0.78  # of a bar, where the next is 1 below


def plot_limits(
    limits: pd.DataFrame,
    *,
    ax: Axes | None = None,
    style: Style | str | None = None,
    **kwargs: Any,
) -> Axes:
    """Draw one band per flow, coloured and hatched by limiter.

    Args:
        limits: one row per stretch: start_s, end_s [s], limiter; with a column flow, one band
            for each of its values.
        ax: draw into these Axes; None makes a figure.
        style: "light" or "dark"; None fits ``ax``.
        **kwargs: for the bars (``Axes.broken_barh``).

    Returns:
        The Axes.
    """
    look = resolve(style, ax)
    if ax is None:
        bands = limits["flow"].nunique() if "flow" in limits else 1
        figure = new_figure(height=1.7 + 0.4 * max(1, bands), style=look)
        ax = add_axes(figure, figure.add_gridspec(1, 1)[0], look)
    draw_limits(ax, limits, look, **kwargs)
    frame = limits[["end_s"]].rename(columns={"end_s": "time_s"}) if len(limits) else limits
    frame.attrs = dict(limits.attrs)
    return finish(ax, frame, look, ylabel="")


def draw_limits(ax: Axes, limits: pd.DataFrame, style: Style, **kwargs: Any) -> None:
    """The artists of the strip, without title and axes labels."""
    if limits.empty:
        no_data(ax, style)
        return
    start, end = numbers(limits, "start_s"), numbers(limits, "end_s")
    if not (end > start).any():
        no_data(ax, style, "all at one instant")
        return
    limiter = labels(limits, "limiter")
    own = str(limits.attrs.get("flow", "limited by"))
    flow = labels(limits, "flow") if "flow" in limits else np.full(len(limits), own, dtype=object)
    names = sorted(dict.fromkeys(flow), key=lambda name: name != own)  # what is drawn above first
    pixel = (max(float(end.max()), 0.0) - min(float(start.min()), 0.0)) / resolution(ax)[0]
    shares = limits.attrs.get("shares", {})
    # Grave limiters last: where they share a pixel with others, they are what is seen.
    for place, (name, band) in enumerate({**LIMITERS, **_strangers(limiter)}.items()):
        for level, owner in enumerate(names):
            rows = np.flatnonzero((limiter == name) & (flow == owner))
            rows = rows[np.argsort(start[rows], kind="stable")]
            left, right = thin_spans(start[rows], end[rows], pixel)
            if len(left) == 0:
                continue
            share = _percent(shares.get(name))
            look: dict[str, Any] = {
                "facecolor": band.color, "hatch": band.hatch, "edgecolor": "#00000066",
                "linewidth": 0.0, "zorder": 2 + place / 10, "label": name + share,
            }  # fmt: skip
            # One artist for all: a bar each takes a second of a chart.
            spells = list(zip(left.tolist(), (right - left).tolist(), strict=True))
            ax.broken_barh(spells, (-level - _HEIGHT / 2, _HEIGHT), **(look | kwargs))
            _name_spells(ax, limits, -level, name, left, right)
    if len(names) > 1 and shares:
        note(ax, f"% of the time of {own}", (1, 1), (0, 4), style, size=8, ha="right", va="bottom")
    ax.set_yticks([-level for level in range(len(names))], names, fontsize=8.5)
    ax.set_ylim(-len(names) + 0.45, 0.55)
    ax.tick_params(axis="y", length=0)


def _name_spells(
    ax: Axes, limits: pd.DataFrame, level: int, name: str, left: Floats, right: Floats
) -> None:
    """Write the limiter into the longest of its spells, where one has room for the word."""
    low, high = time_range(limits.rename(columns={"end_s": "time_s"}))
    longest = int(np.argmax(right - left))
    points = figure_of(ax).get_figwidth() * 72 * 0.85 / max(high - low, 1e-12)
    if (right[longest] - left[longest]) * points > 6 * len(name):
        ax.text(
            (left[longest] + right[longest]) / 2, level, name, fontsize=7.5, ha="center",
            va="center_baseline", color="#1f2328", clip_on=True, zorder=4,
            bbox={"facecolor": "#ffffff", "edgecolor": "none", "alpha": 0.85, "pad": 1.2},
        )  # fmt: skip


def _percent(share: float | None) -> str:
    if not share:
        return ""
    return f" {share:.0%}" if share >= 0.01 else " <1%"


def _strangers(limiter: Any) -> dict[str, Band]:
    return {name: UNKNOWN_LIMITER for name in dict.fromkeys(limiter) if name not in LIMITERS}
