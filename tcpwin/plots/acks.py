"""The ACK timeline: when ACKs came, what each brought, which were duplicates, how old they were.

Three lanes in one Axes, so that the eye goes straight up from an ACK: a rug with one tick for
every ACK (a gap in the rug is a gap in the ACKs) and a numbered tick for every duplicate; above
it the bytes that each newly acknowledged; on top the round trip times.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tcpwin.plots.axes import figure_of, finish, label_y, no_data, numbers, open_axes, resolution
from tcpwin.plots.marks import bars, end_of, step
from tcpwin.plots.rtt import rtt_label
from tcpwin.plots.style import Style
from tcpwin.plots.thin import Floats, apart, thin_points
from tcpwin.plots.ticks import LaneLocator, PlainFormatter, SiFormatter

# Shares of the height: rug, then bytes; RTT takes the rest, after a little air.
_RUG = 0.15
_BYTES = 0.64
_AIR = 0.06


def plot_acks(
    acks: pd.DataFrame,
    *,
    ax: Axes | None = None,
    style: Style | str | None = None,
    **kwargs: Any,
) -> Axes:
    """Draw the ACKs that came back for the data of a flow.

    Args:
        acks: one row per ACK: time_s [s], newly_acked [bytes], and if there dup_count (which
            duplicate in a row), sack_bytes [bytes], rtt_s [s], NaN where there is no sample.
        ax: draw into these Axes; None makes a figure.
        style: "light" or "dark"; None fits ``ax``.
        **kwargs: for the stems of newly acknowledged bytes (``LineCollection``).

    Returns:
        The Axes with bytes on the left; RTT has a twin axis on the right.
    """
    ax, look = open_axes(ax, style)
    draw_acks(ax, acks, look, **kwargs)
    return finish(ax, acks, look, ylabel="")


def draw_acks(ax: Axes, acks: pd.DataFrame, style: Style, **kwargs: Any) -> None:
    """The artists of the ACK timeline, without title and time axis."""
    x = numbers(acks, "time_s")
    if len(x) == 0:
        no_data(ax, style, "no ACKs in this flow")
        return
    new, sacked = numbers(acks, "newly_acked"), numbers(acks, "sack_bytes")
    rtt, count = numbers(acks, "rtt_s"), numbers(acks, "dup_count")
    timed = bool(np.isfinite(rtt).any())
    lane = (_BYTES if timed else 0.97) - _RUG
    top = float(np.nanmax(np.r_[new, sacked, 1.0])) * 1.05
    if (sacked > 0).any():
        held = np.nan_to_num(sacked)
        line = step(ax, x, held, end_of(acks, x), color=style.sack, linewidth=0.8, zorder=2)
        at, level = (np.asarray(values, dtype=float) for values in line.get_data())
        ax.fill_between(
            at, 0, level, step="post", facecolor=style.sack, alpha=0.22, linewidth=0,
            label="SACKed (above a hole)",
        )  # fmt: skip
    stems = new > 0
    bars(
        ax, x[stems], np.zeros(int(stems.sum())), new[stems], given=kwargs, color=style.ack,
        linewidth=1.1, zorder=3, label="newly acknowledged",
    )  # fmt: skip
    dots = thin_points(x[stems], new[stems], *(side // 3 for side in resolution(ax)))
    ax.plot(
        x[stems][dots], new[stems][dots], linestyle="none", marker="o", markersize=2.4,
        color=style.ack, zorder=3,
    )  # fmt: skip
    ax.set_ylim(-_RUG * top / lane, (1 - _RUG) * top / lane)
    ax.axhline(0, color=style.muted, linewidth=0.8, zorder=2.5)
    ax.yaxis.set_major_locator(LaneLocator(top, integer=True))
    ax.yaxis.set_major_formatter(SiFormatter("B"))
    label_y(ax, "newly acknowledged [bytes]", style, y=_RUG + lane / 2)
    _draw_rug(ax, x, count, style)
    if timed:
        _draw_rtt(ax, x, rtt * 1e3, rtt_label(acks), style)


def _draw_rug(ax: Axes, x: Floats, count: Floats, style: Style) -> None:
    """One tick per ACK at the bottom; duplicates stand out above, with their number."""
    lane = ax.get_xaxis_transform()
    every = thin_points(x, np.zeros(len(x)), resolution(ax)[0], 1)
    ax.vlines(
        x[every], 0.01, 0.05, transform=lane, color=style.ack, linewidth=0.8, label="ACK",
    )  # fmt: skip
    again = count > 0
    if not again.any():
        return
    shown = np.flatnonzero(again)[thin_points(x[again], count[again], resolution(ax)[0], 64)]
    ax.vlines(
        x[shown], 0.01, 0.085, transform=lane, color=style.duplicate, linewidth=1.6,
        label="duplicate ACK",
    )  # fmt: skip
    # The last duplicate of a row tells how many there were; three make a fast retransmission.
    last = np.flatnonzero(again & ~(np.r_[count[1:], 0] > count))
    room = 16.0  # points that a number takes
    points = figure_of(ax).get_figwidth() * ax.get_position().width * 72
    low, high = float(x.min()), float(x.max())
    place = (x[last] - low) / max(high - low, 1e-12) * points
    # Of those that would overlap, the highest count: first in each slot, then beside one another.
    slot = np.floor(place / room)
    order = np.lexsort((-count[last], slot))
    best = order[np.r_[True, np.diff(slot[order]) != 0]]
    best = best[np.argsort(-count[last[best]], kind="stable")]
    best = last[best[apart(place[best], np.zeros(len(best)), room)]]
    for row in best:
        ax.annotate(
            f"{count[row]:.0f}", (x[row], 0.09), xycoords=lane, ha="center", va="bottom",
            fontsize=7.5, color=style.duplicate, annotation_clip=True,
            fontweight="bold" if count[row] >= 3 else "normal",
        )  # fmt: skip


def _draw_rtt(ax: Axes, x: Floats, rtt: Floats, name: str, style: Style) -> None:
    twin = ax.twinx()
    # Behind, so that what is written into the chart stays above the points.
    twin.set_zorder(ax.get_zorder() - 1)
    twin.set_facecolor(ax.get_facecolor())
    ax.patch.set_visible(False)
    for spine in twin.spines.values():
        spine.set_visible(False)
    share = 1 - _BYTES - _AIR
    top = float(np.nanmax(np.r_[rtt, 1e-6])) * 1.1
    twin.set_ylim(-(1 - share) * top / share, top)
    known = np.isfinite(rtt)
    x, rtt = x[known], rtt[known]
    shown = thin_points(x, rtt, *(side // 3 for side in resolution(ax)))
    twin.scatter(x[shown], rtt[shown], s=8, color=style.rtt, alpha=0.8, zorder=3)
    twin.axhline(0, color=style.grid, linewidth=0.8, zorder=1)
    twin.yaxis.set_major_locator(LaneLocator(top, nbins=3))
    twin.yaxis.set_major_formatter(PlainFormatter())
    twin.tick_params(colors=style.rtt, labelsize=8.5)
    label_y(twin, name, style, y=1 - share / 2)
    twin.yaxis.label.set_color(style.rtt)
    # The twin's points have no entry of their own in the legend of ``ax``.
    ax.scatter([], [], s=8, color=style.rtt, label=name.removesuffix(" [ms]"))
