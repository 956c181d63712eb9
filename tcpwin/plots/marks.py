"""Letters and steps that several charts draw alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cbook import normalize_kwargs
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.transforms import offset_copy

from tcpwin.plots.axes import figure_of, resolution
from tcpwin.plots.thin import Bools, Floats, apart, thin_bars, thin_line, thin_points


def step(
    ax: Axes,
    x: Floats,
    y: Floats,
    end: float,
    *,
    keep: Bools | None = None,
    given: dict[str, Any] | None = None,
    **kwargs: Any,
) -> Line2D:
    """A value that holds to the right until the next row, and from the last row to ``end``.

    Args:
        ax: where to draw.
        x: times in seconds, shape (n,).
        y: values, shape (n,), NaN where not known.
        end: the last value is drawn to here, in seconds.
        keep: rows that must not be thinned away, shape (n,).
        given: what the caller of the chart asked for; goes over ``kwargs``.
        **kwargs: for ``Axes.plot``.

    Returns:
        The line.
    """
    rows = thin_line(x, y, resolution(ax)[0], keep)
    x, y = x[rows], y[rows]
    if len(x) and end > x[-1]:
        x, y = np.r_[x, end], np.r_[y, y[-1]]
    wanted = kwargs | dict(normalize_kwargs(given or {}, Line2D))
    if not np.isfinite(y).any():
        wanted["label"] = None  # nothing is known: no word of it in the legend
    if len(x) and x[-1] == x[0]:  # a step without any width would not be seen
        wanted = {"marker": "o", "markersize": 4, **wanted}
    (line,) = ax.plot(x, y, **{"drawstyle": "steps-post", **wanted})
    return line


def bars(
    ax: Axes,
    x: Floats,
    low: Floats,
    high: Floats,
    *,
    given: dict[str, Any] | None = None,
    **kwargs: Any,
) -> LineCollection:
    """Vertical bars from ``low`` to ``high`` bytes at their times, merged where pixels are."""
    x, low, high = thin_bars(x, low, high, *resolution(ax))
    ends = np.stack([np.stack([x, low], axis=1), np.stack([x, high], axis=1)], axis=1)
    wanted = kwargs | dict(normalize_kwargs(given or {}, LineCollection))
    if len(x) == 0:
        wanted["label"] = None
    collection = LineCollection(list(ends), **{"capstyle": "butt", **wanted})
    ax.add_collection(collection, autolim=True)
    # Since matplotlib 3.9 or so a collection does not move the view by itself.
    ax.autoscale_view()
    return collection


def letters(
    ax: Axes,
    x: Floats,
    y: Floats,
    letter: Any,
    *,
    lift: float = 0.0,
    room: float = 7.0,
    sparse: bool = False,
    **kwargs: Any,
) -> None:
    """Markers, at most one for every ``room`` points each way, ``lift`` points above ``y``.

    ``sparse`` is for what is seen without its marker too: none overlaps another by the scale of
    all that is drawn before. Other marks must be there when somebody zooms in.
    """
    if len(x) == 0:
        return
    figure, place = figure_of(ax), ax.get_position()
    width, height = figure.get_figwidth() * place.width, figure.get_figheight() * place.height
    columns, rows = (max(2, int(inches * 72 / room)) for inches in (width, height))
    # Big marks would hide lines and each other.
    if sparse:
        left, right = _range(x, ax.dataLim.intervalx)
        bottom, top = _range(y, ax.dataLim.intervaly)
        shown = thin_points(x, y, columns, rows, few=1, span=(left, right, bottom, top))
        across = (x[shown] - left) / max(right - left, 1e-12) * width * 72
        up = (y[shown] - bottom) / max(top - bottom, 1e-12) * height * 72
        shown = shown[apart(across, up, room)]
    else:
        shown = thin_points(x, y, columns, rows, few=1)
    # A rim in the colour of the paper: a single Z stays readable on a thousand lines.
    rim = [withStroke(linewidth=1.6, foreground=ax.get_facecolor())]
    look = {"s": 34, "linewidths": 0, "zorder": 6, "path_effects": rim, **kwargs}
    ax.scatter(
        x[shown],
        y[shown],
        marker=letter,
        transform=offset_copy(ax.transData, fig=figure, y=lift, units="points"),
        **look,
    )


def _range(values: Floats, drawn: Floats) -> tuple[float, float]:
    """Lowest and highest of the values and of what is drawn already."""
    both = np.r_[values, drawn]
    both = both[np.isfinite(both)]
    return (float(both.min()), float(both.max())) if len(both) else (0.0, 0.0)


def runs(mask: Bools, x: Floats, end: float) -> tuple[Floats, Floats]:
    """Begins and ends, in seconds, of the stretches in which a stepped condition holds."""
    change = np.flatnonzero(np.diff(np.r_[False, mask, False].astype(np.int8)))
    after = np.r_[x, max(end, float(x[-1])) if len(x) else end]
    return after[change[0::2]], after[change[1::2]]


def end_of(frame: pd.DataFrame, x: Floats) -> float:
    """Where steps end: ``attrs["end_s"]``, else the last packet; in seconds."""
    last = float(x[-1]) if len(x) else 0.0
    end = frame.attrs.get("end_s")
    return last if end is None else max(last, float(end))
