"""The ladder: both ends as time lines, the packets between them, lost ones ending in a cross."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from tcpwin.plots.axes import add_axes, figure_of, labels, legend, new_figure, no_data, numbers
from tcpwin.plots.rungs import MOST, Scale, interesting, rung_labels
from tcpwin.plots.style import Style, resolve
from tcpwin.plots.text import head, note, title_of
from tcpwin.plots.thin import Floats

_MIDWAY: Final = 0.55  # where the line of a lost packet ends
_LOST: Final = ("lost", "partly-lost")
_SIDE: Final = 0.62  # room beside each time line, for frame, time and size


def plot_ladder(
    packets: pd.DataFrame, *, ax: Axes | None = None, style: Style | str | None = None,
    most: int = MOST, **kwargs: Any,
) -> Axes:  # fmt: skip
    """Draw the packets of one connection between its two ends, time running down.

    A long connection is thinned to what matters: the packets around begin and end of
    ``attrs["focus"]`` (seconds from, to), where there is one, and around the first loss.
    Pauses are drawn short, with their length beside them; stalls (``attrs["stalls"]``) are shaded.

    Args:
        packets: frame_sent, frame_received, flow, sent_s, received_s, len, flags, fate;
            in the order of time.
        ax: draw into these Axes; None makes a figure.
        style: "light" or "dark"; None fits ``ax``.
        most: how many packets to draw at most.
        **kwargs: for the lines (``LineCollection``).

    Returns:
        The Axes.
    """
    look = resolve(style, ax)
    shown = interesting(packets, most)
    if ax is None:
        figure = new_figure(width=9.5, height=2.6 + 0.21 * max(len(shown), 8), style=look)
        ax = add_axes(figure, figure.add_gridspec(1, 1)[0], look)
    if shown.empty:
        no_data(ax, look, "no packets")
        return ax
    times = np.concatenate([numbers(shown, "sent_s"), numbers(shown, "received_s")])
    scale = Scale.of(times)
    _draw(ax, shown, scale, look, kwargs)
    for side in (0, 1):
        _label(ax, shown, side, scale, look)
    _shade(ax, packets, scale, look)
    _pauses(ax, scale, look)
    _dress(ax, packets, shown, look)
    return ax


def _draw(
    ax: Axes, shown: pd.DataFrame, scale: Scale, style: Style, kwargs: dict[str, Any]
) -> None:
    up, fate = labels(shown, "flow") == "client->server", labels(shown, "fate")
    x, y, gone, alone = _lines(shown, up, scale)
    bad = np.isin(fate, _LOST)
    odd = ~bad & (fate != "both")
    data = numbers(shown, "len") > 0
    kinds: tuple[tuple[str, Any, Any, Any, float], ...] = (
        ("data", ~bad & ~odd & data, style.data, "-", 1.6),
        ("without data", ~bad & ~odd & ~data, style.ack, "-", 0.9),
        ("lost on the way", bad, style.retransmission, "-", 1.6),
        ("in one capture only, not known to be lost", odd, style.muted, (0, (3, 2)), 1.2),
    )
    for label, rows, color, dash, width in kinds:
        if rows.any():
            lines = list(np.stack([x[rows], y[rows]], axis=2))
            look: dict[str, Any] = {
                "colors": color, "linestyles": [dash], "linewidths": width, "label": label,
            }  # fmt: skip
            ax.add_collection(LineCollection(lines, **(look | kwargs)))
    for rows, marker, color in ((bad, "x", style.retransmission), (odd, "o", style.muted)):
        # What came in part has its cross halfway, what did not come where its line ends.
        end = np.where(alone, 0, 1)
        at = [np.where(gone | alone, np.take_along_axis(v, end[:, None], 1)[:, 0], v.mean(axis=1))
              for v in (x, y)]  # fmt: skip
        ax.plot(at[0][rows], at[1][rows], linestyle="none", marker=marker, color=color,
                markersize=7, markeredgewidth=1.8, fillstyle="none")  # fmt: skip
    ax.set_xlim(-_SIDE, 1 + _SIDE)
    low, high = float(np.nanmin(y)), float(np.nanmax(y))
    ax.set_ylim(high + 1.2, low - 1.6)


def _lines(shown: pd.DataFrame, up: Any, scale: Scale) -> tuple[Floats, Floats, Any, Any]:
    """Both ends of every line, shape (n, 2), and which packets did not come, or were not sent."""
    sent, came = numbers(shown, "sent_s"), numbers(shown, "received_s")
    start, end = scale.place(sent), scale.place(came)
    gone, alone = ~np.isfinite(came), ~np.isfinite(sent)
    fall = (end - start)[~gone & ~alone]
    usual = float(np.clip(np.median(fall), 0.4, 12.0)) if len(fall) else 1.0
    left = np.where(up, 0.0, 1.0)
    way = np.where(up, 1.0, -1.0)
    x = np.stack([np.where(alone, left + way * (1 - _MIDWAY), left),
                  np.where(gone, left + way * _MIDWAY, left + way)], axis=1)  # fmt: skip
    y = np.stack([np.where(alone, end - usual * _MIDWAY, start),
                  np.where(gone, start + usual * _MIDWAY, end)], axis=1)  # fmt: skip
    return x, y, gone, alone


def _label(ax: Axes, shown: pd.DataFrame, side: int, scale: Scale, style: Style) -> None:
    page = max(figure_of(ax).get_figheight() * 72 - 130, 72)
    room = 9.5 * max(float(np.ptp(scale.down)), 1.0) / page
    for y, text in rung_labels(shown, side, scale, room):
        ax.annotate(
            text, (side, y), xytext=(-6 if side == 0 else 6, 0), textcoords="offset points",
            ha="right" if side == 0 else "left", va="center", fontsize=7.2, color=style.ink,
            annotation_clip=False, parse_math=False,
        )  # fmt: skip


def _shade(ax: Axes, packets: pd.DataFrame, scale: Scale, style: Style) -> None:
    low, high = ax.get_ylim()[1], ax.get_ylim()[0]
    for stall in packets.attrs.get("stalls", ()):
        span = np.array([stall["start_s"], stall["end_s"]])
        if span[1] < scale.at[0] or span[0] > scale.at[-1]:
            continue
        top, bottom = scale.place(span)
        if stall["end_s"] > scale.at[-1]:
            bottom = high
        ax.axhspan(max(top, low), bottom, color=style.stall, alpha=0.13, linewidth=0, zorder=0)
        ax.annotate(
            str(stall["cause"]), (1 + _SIDE, max(top, low)), xytext=(-2, -2), va="top", ha="right",
            textcoords="offset points", fontsize=7.5, color=style.ink, parse_math=False,
        )  # fmt: skip


def _pauses(ax: Axes, scale: Scale, style: Style) -> None:
    for y, seconds in scale.pauses():
        text = f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"
        ax.axhline(y, color=style.grid, linewidth=3, zorder=0.5)
        ax.annotate(
            f"⋮ {text}", (-_SIDE, y), xytext=(2, 0), textcoords="offset points", ha="left",
            va="center", fontsize=7.2, color=style.muted,
            bbox={"facecolor": style.paper, "edgecolor": "none", "pad": 0.8},
        )  # fmt: skip


def _dress(ax: Axes, packets: pd.DataFrame, shown: pd.DataFrame, style: Style) -> None:
    attrs = packets.attrs
    for x in (0, 1):
        ax.axvline(x, color=style.ink, linewidth=1.4)
    names = attrs.get("captures", ("", ""))
    for x, side, name in zip((0, 1), ("client", "server"), names, strict=True):
        note(ax, f"{side}\n{name}", ((x + _SIDE) / (1 + 2 * _SIDE), 1), (0, 4), style, size=8.5,
             ha="center", va="bottom", color=style.ink)  # fmt: skip
    ax.set_axis_off()
    legend(ax, style)
    box = ax.get_legend()
    if box is not None:
        box.set_loc("upper center")
        box.set_bbox_to_anchor((0.5, -0.005), transform=ax.transAxes)
    figure = figure_of(ax)
    if len(figure.axes) == 1:
        head(figure, str(attrs.get("verdict") or ""), title_of(attrs), style)
    left = len(packets) - len(shown)
    filters = attrs.get("filters")
    words = (
        f"{len(shown):,} of {len(packets):,} packets, around what matters" if left else "",
        "seconds by the client's clock; pauses are drawn short",
        f"Wireshark: {filters[0]} | {filters[1]}" if filters else "",
    )
    note(ax, "  ·  ".join(filter(None, words)), (0.5, 0), (0, -26), style, ha="center", va="top",
         size=7.5)  # fmt: skip
