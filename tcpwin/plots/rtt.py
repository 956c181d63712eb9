"""The RTT chart: how long each ACK took, and the smoothed value a sender would hold."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cbook import normalize_kwargs
from matplotlib.lines import Line2D

from tcpwin.plots.axes import finish, no_data, numbers, open_axes, resolution
from tcpwin.plots.marks import step
from tcpwin.plots.style import Style
from tcpwin.plots.thin import thin_points
from tcpwin.plots.ticks import PlainFormatter

_MANY: Final = 300  # points that would hide one another if they were larger
# What a sample measures depends on where the capture was taken.
_SAMPLE: Final = {
    "receiver": "time this host took to acknowledge (captured here: not the path's RTT)",
    "middle": "RTT sample, from the capture point to the receiver and back",
}


def plot_rtt(
    rtt: pd.DataFrame,
    *,
    ax: Axes | None = None,
    log: bool = False,
    style: Style | str | None = None,
    **kwargs: Any,
) -> Axes:
    """Draw RTT samples as points in milliseconds and SRTT as a line.

    Args:
        rtt: one row per sample: time_s [s], rtt_s [s], and if there srtt_s [s];
            ``attrs["near"]`` is where it was captured: ``sender``, ``receiver``, ``middle``.
        ax: draw into these Axes; None makes a figure.
        log: a logarithmic scale.
        style: "light" or "dark"; None fits ``ax``.
        **kwargs: for the points (``Axes.plot``).

    Returns:
        The Axes.
    """
    ax, look = open_axes(ax, style)
    draw_rtt(ax, rtt, look, log=log, **kwargs)
    return finish(ax, rtt, look, ylabel=rtt_label(rtt))


def rtt_name(frame: pd.DataFrame) -> str:
    """What is called RTT: at the receiver, data and ACK meet, and only its delay is left."""
    return "ACK delay" if frame.attrs.get("near") == "receiver" else "RTT"


def rtt_label(frame: pd.DataFrame) -> str:
    """`rtt_name` on an axis."""
    return f"{rtt_name(frame)} [ms]"


def draw_rtt(
    ax: Axes, rtt: pd.DataFrame, style: Style, *, log: bool = False, **kwargs: Any
) -> None:
    """The artists of the RTT chart, without title and axes labels."""
    x, sample = numbers(rtt, "time_s"), numbers(rtt, "rtt_s") * 1e3
    smooth = numbers(rtt, "srtt_s") * 1e3
    if not np.isfinite(sample).any():
        no_data(ax, style, "no RTT samples in this flow")
        return
    near = str(rtt.attrs.get("near"))
    columns, rows = resolution(ax)
    shown = thin_points(x, sample, columns // 4, rows // 4)
    look: dict[str, Any] = {
        "linestyle": "none", "marker": "o", "markersize": 2.6 if len(shown) > _MANY else 4.0,
        "markeredgewidth": 0, "color": style.rtt, "alpha": 0.75,
        "label": _SAMPLE.get(near, "RTT sample"),
    }  # fmt: skip
    ax.plot(x[shown], sample[shown], **(look | dict(normalize_kwargs(kwargs, Line2D))))
    known = np.isfinite(smooth)
    if known.any():
        step(
            ax, x[known], smooth[known], float(x[known][-1]), color=style.srtt, linewidth=1.2,
            label="smoothed" if near == "receiver" else "SRTT", zorder=3,
        )  # fmt: skip
    positive = sample[np.isfinite(sample) & (sample > 0)]
    if log and len(positive):
        ax.set_yscale("log")
        ax.set_ylim(positive.min() / 1.5, positive.max() * 1.5)
    else:
        ax.set_ylim(0, max(ax.get_ylim()[1], float(np.nanmax(np.r_[sample, 1e-6])) * 1.08))
    # The axis is in ms whatever the size, so that charts of two streams can be compared.
    ax.yaxis.set_major_formatter(PlainFormatter(each=log))
