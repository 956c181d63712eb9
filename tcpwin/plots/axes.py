"""What all charts share: a figure without pyplot, the dress of the axes, stall shading.

A chart opens with :func:`open_axes`, draws, and closes with :func:`finish`. Nothing of
matplotlib's global state is read for the looks or written at all.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tcpwin.plots.live import live_bundle
from tcpwin.plots.style import Style, resolve
from tcpwin.plots.text import footer, note, subtitle_of, title_of, two_lines
from tcpwin.plots.thin import Floats
from tcpwin.plots.ticks import SiFormatter, TimeFormatter, TimeLocator, time_unit

# Pixel columns drawn for each pixel of the figure: enough for a screen of twice the dpi.
OVERSAMPLE = 2
_ROW = 14  # points, height of a row of legend or subtitle


class ChartFigure(Figure):
    """A Figure that shows itself in a notebook although pyplot never heard of it."""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any] | None:
        return live_bundle(self)

    def _repr_png_(self) -> bytes:
        target = io.BytesIO()
        self.savefig(target, format="png")
        return target.getvalue()


class ChartAxes(Axes):
    """Axes that show their figure in a notebook, so that ``plot_x()`` may end a cell."""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any] | None:
        figure = self.figure
        return live_bundle(figure) if isinstance(figure, ChartFigure) else None

    def _repr_png_(self) -> bytes | None:
        figure = self.figure
        return figure._repr_png_() if isinstance(figure, ChartFigure) else None


def new_figure(width: float = 10.0, height: float = 4.8, *, style: Style) -> ChartFigure:
    """A figure with its own Agg canvas; ``width`` and ``height`` in inches at 100 dpi."""
    figure = ChartFigure(figsize=(width, height), dpi=100, layout="constrained")
    figure.set_facecolor(style.paper)
    FigureCanvasAgg(figure)
    return figure


def add_axes(figure: Any, place: Any, style: Style, **kwargs: Any) -> Axes:
    """Axes of ours at one place of a grid, dressed in ``style``."""
    ax: Axes = figure.add_subplot(place, axes_class=ChartAxes, **kwargs)
    ax.set_facecolor(style.paper)
    ax.tick_params(colors=style.ink, labelsize=8.5)
    for name, spine in ax.spines.items():
        spine.set_color(style.muted)
        spine.set_visible(name in ("left", "bottom"))
    return ax


def open_axes(ax: Axes | None, style: Style | str | None) -> tuple[Axes, Style]:
    """The caller's Axes, or new ones in a figure of their own, and the style for them."""
    look = resolve(style, ax)
    if ax is None:
        figure = new_figure(style=look)
        ax = add_axes(figure, figure.add_gridspec(1, 1)[0], look)
    return ax, look


def finish(ax: Axes, frame: pd.DataFrame, style: Style, *, ylabel: str) -> Axes:
    """Labels, time axis, legend, title and footer of a chart that stands alone."""
    time_axis(ax, frame, style)
    if ylabel:
        label_y(ax, ylabel, style)
    rows = legend(ax, style)
    attrs = frame.attrs
    first, second = str(attrs.get("verdict") or ""), title_of(attrs)
    below = subtitle_of(attrs)
    if first or second:
        pad = 6 + _ROW * (rows + bool(below))
        title = ax.set_title("", loc="left", pad=pad, parse_math=False)
        two_lines(ax, title, first, second, int(figure_of(ax).get_figwidth() * 9), style)
    if below:
        note(ax, below, (0, 1), (0, 4 + _ROW * rows), style, ha="left", va="bottom", size=8.5)
    footer(ax, frame, style)
    return ax


def time_axis(ax: Axes, frame: pd.DataFrame, style: Style, *, label: bool = True) -> None:
    """Seconds from the start of the stream to its end, the same on every panel."""
    low, high = time_range(frame)
    if low == high:  # one packet, or all at one instant: the millisecond that follows
        high = low + 0.001
    pad = 0.01 * (high - low)
    shared = ax.get_xlim() if not ax.get_autoscalex_on() else (low, high)
    ax.set_xlim(min(low - pad, *shared), max(high + pad, *shared))
    time_ticks(ax, time_unit(low, high), style, label=label)


def time_ticks(ax: Axes, unit: str, style: Style, *, label: bool = True, most: int = 9) -> None:
    """Ticks and grid of a time axis, and under the lowest panel its name with the unit."""
    ax.xaxis.set_major_locator(TimeLocator(unit, most))
    ax.xaxis.set_major_formatter(TimeFormatter(unit))
    ax.grid(True, color=style.grid, linewidth=0.7)
    ax.set_axisbelow(True)
    if label:
        ax.set_xlabel(f"time since start of stream [{unit}]", fontsize=9, color=style.ink)


def time_range(frame: pd.DataFrame) -> tuple[float, float]:
    """First and last instant to show, in seconds: 0 and ``end_s`` where they are known."""
    times = numbers(frame, "time_s")
    times = times[np.isfinite(times)]
    end = frame.attrs.get("end_s")
    ends = [0.0, *([float(end)] if end is not None and np.isfinite(float(end)) else [])]
    if len(times):
        ends += [float(times.min()), float(times.max())]
    return min(ends), max(ends)


def label_y(ax: Axes, text: str, style: Style, **kwargs: Any) -> None:
    """Name and unit of the y axis."""
    ax.set_ylabel(text, fontsize=9, color=style.ink, **kwargs)


def si_axis(ax: Axes, top: float, unit: str = "B", *, log: bool = False) -> None:
    """From 0 to a little above ``top``, SI ticks in ``unit``; what is in view already stays so.

    On a log axis 0 keeps a place of its own at the bottom.
    """
    seen = 0.0 if ax.get_autoscaley_on() else ax.get_ylim()[1]
    if log:
        ax.set_yscale("symlog", linthresh=100, linscale=0.4)
    else:
        ax.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10], integer=True))
    ax.yaxis.set_major_formatter(SiFormatter(unit, each=log))
    ax.set_ylim(0, max(seen, top * (2.0 if log else 1.08)))


def legend(ax: Axes, style: Style, *, size: float = 8.0, beside: Sequence[Axes] = ()) -> int:
    """A legend above the axes, where it hides no data; returns the number of its rows.

    It tells what is drawn in the axes to the right, `beside`, too, but takes no room there.
    """
    unique: dict[Any, Any] = {}
    for panel in (*beside, ax):
        handles, labels = panel.get_legend_handles_labels()
        unique |= dict(zip(labels, handles, strict=True))
    if not unique:
        return 0
    room = figure_of(ax).get_figwidth() * 72 * ax.get_position().width
    widths = [0.58 * size * len(label) + 4.2 * size for label in unique]
    rows = min(len(unique), max(1, int(np.ceil(sum(widths) / room))))
    ax.legend(
        unique.values(),
        unique.keys(),
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=int(np.ceil(len(unique) / rows)),
        fontsize=size,
        labelcolor=style.ink,
        frameon=False,
        handlelength=1.7,
        columnspacing=1.3,
        borderaxespad=0.1,
        borderpad=0.2,
    )
    return rows


def no_data(ax: Axes, style: Style, text: str = "no data in this flow") -> None:
    """Say calmly that there is nothing to draw."""
    ax.set_yticks([])
    ax.set_ylim(0, 1)
    note(ax, text, (0.5, 0.5), (0, 0), style, size=10.5, ha="center", va="center")


def numbers(frame: pd.DataFrame, name: str) -> Floats:
    """A column as float64, NA as NaN; all NaN where the frame has no such column."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    return frame[name].to_numpy(dtype=np.float64, na_value=np.nan)


def columns_of(
    ax: Axes, frame: pd.DataFrame, style: Style, *names: str
) -> tuple[Floats, ...] | None:
    """The columns of numbers to draw; None, and a word of it in ``ax``, where nothing is known."""
    values = tuple(numbers(frame, name) for name in names)
    if any(np.isfinite(one).any() for one in values):
        return values
    no_data(
        ax, style, "no ACK of this flow in the capture" if len(frame) else "no data in this flow"
    )
    return None


def labels(frame: pd.DataFrame, name: str) -> np.ndarray:
    """A text column as an array of str, NA as ""."""
    if name not in frame:
        return np.full(len(frame), "", dtype=object)
    return frame[name].astype(object).where(frame[name].notna(), "").to_numpy(dtype=object)


def figure_of(ax: Axes) -> Figure:
    """The figure that ``ax`` is in, also from inside a subfigure."""
    return ax.figure.figure


def resolution(ax: Axes) -> tuple[int, int]:
    """Columns and rows to thin out to: the pixels of the figure, oversampled."""
    figure = figure_of(ax)
    width, height = figure.get_figwidth() * figure.dpi, figure.get_figheight() * figure.dpi
    return max(2000, int(width * OVERSAMPLE)), max(1000, int(height * OVERSAMPLE))
