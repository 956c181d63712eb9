"""Stalls over the panels of a chart: shaded, numbered, with the first frame of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from tcpwin.plots.axes import figure_of, numbers
from tcpwin.plots.style import Style
from tcpwin.plots.thin import Floats


def shade_stalls(
    panels: Sequence[Axes], stalls: pd.DataFrame | None, end_s: float, style: Style
) -> None:
    """Shade stalls over every panel; number them, with the first frame, over the first one.

    Args:
        panels: Axes on one time axis, topmost first.
        stalls: number, frame, start_s, end_s, open; may be None or empty.
        end_s: end of the capture in seconds, where an open stall runs to.
        style: colours.
    """
    if stalls is None or stalls.empty or not panels:
        return
    start, end = numbers(stalls, "start_s"), numbers(stalls, "end_s")
    is_open = stalls["open"].to_numpy(dtype=bool) if "open" in stalls else np.isnan(end)
    end = np.where(is_open | np.isnan(end), np.fmax(end_s, np.nan_to_num(end)), end)
    for ax in panels:
        across = ax.get_xaxis_transform()
        look: dict[str, Any] = {"transform": across, "linewidth": 0, "zorder": 0.6}
        for left, right, endless in zip(start, end, is_open, strict=True):
            # Patches, not axvspan: shading must not move the view of a close-up.
            at, width = (float(left), 0.0), float(right - left)
            ax.add_patch(Rectangle(at, width, 1.0, color=style.stall, alpha=0.14, **look))
            if endless:
                hatch: dict[str, Any] = {
                    "fill": False,
                    "hatch": "//",
                    "edgecolor": style.stall,
                    "alpha": 0.35,
                }
                ax.add_patch(Rectangle(at, width, 1.0, **hatch, **look))
    _number_stalls(panels[0], stalls, start, end, style)


def _number_stalls(
    ax: Axes, stalls: pd.DataFrame, start: Floats, end: Floats, style: Style
) -> None:
    """Labels for the longest stalls first; shorter or none where they would overlap."""
    low, high = ax.get_xlim()
    points = figure_of(ax).get_figwidth() * 72 * 0.85 / (high - low)
    number = stalls["number"] if "number" in stalls else pd.Series(range(1, len(stalls) + 1))
    taken: list[tuple[float, float]] = []
    # A handful of labels fit; stalls beyond the 200 longest could not be told apart anyway.
    for row in np.argsort(start - end, kind="stable")[:200]:
        short = f"{int(number.iloc[row])}"
        full = f"{short} · frame {int(stalls['frame'].iloc[row])}" if "frame" in stalls else short
        middle = (np.clip(start[row], low, high) + np.clip(end[row], low, high)) / 2 * points
        for text in (full, short):
            half = 2.6 * len(text) + 3
            if all(middle + half < left or middle - half > right for left, right in taken):
                taken.append((middle - half, middle + half))
                ax.annotate(
                    text, (middle / points, 1), xycoords=("data", "axes fraction"),
                    xytext=(0, -2), textcoords="offset points", ha="center", va="top",
                    fontsize=8, fontweight="bold", color=style.ink, clip_on=True, zorder=9,
                    bbox={"facecolor": style.paper, "edgecolor": "none", "alpha": 0.75, "pad": 1},
                )  # fmt: skip
                break
