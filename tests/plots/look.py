"""What the tests of the charts look at: labels, lines, and whether a figure can be drawn."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation


def labels(ax: Axes) -> list[str]:
    return ax.get_legend_handles_labels()[1]


def artist(ax: Axes, label: str) -> Any:
    handles, names = ax.get_legend_handles_labels()
    return handles[names.index(label)]


def line(ax: Axes, label: str) -> Line2D:
    found = artist(ax, label)
    assert isinstance(found, Line2D)
    return found


def notes(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts if isinstance(text, Annotation)]


def bars_of(ax: Axes, label: str) -> list[list[list[float]]]:
    return [np.asarray(bar).tolist() for bar in artist(ax, label).get_segments()]


def render(figure: Figure | Any) -> bytes:
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=60)
    assert target.getvalue().startswith(b"\x89PNG")
    return target.getvalue()
