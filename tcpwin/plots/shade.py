"""Stalls over the panels of a chart: shaded, numbered, with the first frame of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from tcpwin.plots.axes import figure_of, numbers, resolution
from tcpwin.plots.style import Style
from tcpwin.plots.thin import Floats, thin_spans


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
    order = np.argsort(start, kind="stable")
    pixel = float(np.ptp(panels[0].get_xlim())) / resolution(panels[0])[0]
    spans = list(zip(*thin_spans(start[order], end[order], pixel), strict=True))
    hatch: dict[str, Any] = {"fill": False, "hatch": "/", "edgecolor": style.stall, "alpha": 0.3}
    for ax in panels:
        look: dict[str, Any] = {
            "transform": ax.get_xaxis_transform(),
            "linewidth": 0,
            "zorder": 0.6,
        }
        # Patches, not axvspan: shading must not move the view of a close-up.
        for left, right in spans:
            at, width = (float(left), 0.0), float(right - left)
            ax.add_patch(Rectangle(at, width, 1.0, color=style.stall, alpha=0.14, **look))
        if is_open.any():
            left, right = float(start[is_open].min()), float(end.max())
            ax.add_patch(Rectangle((left, 0.0), right - left, 1.0, **hatch, **look))
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
        texts = _names(int(number.iloc[row]), stalls.iloc[row])
        middle = (np.clip(start[row], low, high) + np.clip(end[row], low, high)) / 2 * points
        for text in texts:
            half = 2.6 * len(text) + 3
            if text == texts[0] and 2 * half > (end[row] - start[row]) * points:
                continue  # would hide what is beside the stall
            if all(middle + half < left or middle - half > right for left, right in taken):
                taken.append((middle - half, middle + half))
                ax.annotate(
                    text, (middle / points, 1), xycoords=("data", "axes fraction"),
                    xytext=(0, -2), textcoords="offset points", ha="center", va="top",
                    fontsize=8, fontweight="bold", color=style.ink, clip_on=True, zorder=9,
                    bbox={"facecolor": style.paper, "edgecolor": "none", "alpha": 0.75, "pad": 1},
                )  # fmt: skip
                break


def _names(number: int, stall: pd.Series[Any]) -> list[str]:
    """What a stall can be called, from the longest to the shortest."""
    frame = [f"frame {int(stall['frame'])}"] if "frame" in stall else []
    cause = [str(stall["cause"])] if "cause" in stall and pd.notna(stall["cause"]) else []
    named = [f"stall {number}", *cause, *frame], [str(number), *frame]
    return [*(" · ".join(parts) for parts in named), str(number)]
