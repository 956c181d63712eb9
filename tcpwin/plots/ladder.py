"""The ladder: both ends as time lines, the packets between them, lost ones ending in a cross."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from tcpwin.plots.axes import add_axes, figure_of, labels, legend, new_figure, no_data, numbers
from tcpwin.plots.style import Style, resolve
from tcpwin.plots.text import head, note, title_of
from tcpwin.plots.thin import Floats

MOST: Final = 48  # packets that a page can show one by one
_BREAK: Final = 6  # a pause is drawn as long as so many usual gaps, and says how long it is
_MIDWAY: Final = 0.55  # where the line of a lost packet ends


def plot_ladder(
    packets: pd.DataFrame, *, ax: Axes | None = None, style: Style | str | None = None,
    most: int = MOST, **kwargs: Any,
) -> Axes:  # fmt: skip
    """Draw the packets of one connection between its two ends, time running down.

    A long connection is thinned to what matters: the packets around begin and end of
    ``attrs["focus"]`` (seconds from, to), where there is one. Pauses are drawn short, with
    their length beside them, so that the slope of the lines elsewhere is the delay.

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
    shown = interesting(packets, packets.attrs.get("focus"), most)
    if ax is None:
        figure = new_figure(width=9.5, height=2.6 + 0.21 * max(len(shown), 8), style=look)
        ax = add_axes(figure, figure.add_gridspec(1, 1)[0], look)
    if shown.empty:
        no_data(ax, look, "no packets")
        return ax
    _draw(ax, shown, look, kwargs)
    _dress(ax, packets, shown, look)
    return ax


def interesting(packets: pd.DataFrame, focus: tuple[float, float] | None, most: int) -> pd.DataFrame:
    """At most `most` packets: those around begin and end of the focus, else around the first loss."""
    if len(packets) <= most:
        return packets
    sent = numbers(packets, "sent_s")
    time = np.where(np.isfinite(sent), sent, numbers(packets, "received_s"))
    lost = np.flatnonzero(np.isin(labels(packets, "fate"), ("lost", "partly-lost")))
    if focus is None and len(lost):
        focus = (float(time[lost[0]]), float(time[lost[0]]))
    if focus is None:
        return packets.iloc[:most]
    first = int(np.searchsorted(time, focus[0]))
    last = int(np.searchsorted(time, focus[1], side="right"))
    if last - first <= most * 2 // 3:
        begin = max(0, min(first - (most - (last - first)) // 2, len(packets) - most))
        return packets.iloc[begin : begin + most]
    half, lead = most // 2, most // 8
    ends = np.r_[max(first - lead, 0) : max(first - lead, 0) + half, last - half + lead : last + lead]
    return packets.iloc[np.unique(np.clip(ends, 0, len(packets) - 1))]


def _draw(ax: Axes, shown: pd.DataFrame, style: Style, kwargs: dict[str, Any]) -> None:
    sent, came = numbers(shown, "sent_s"), numbers(shown, "received_s")
    up = labels(shown, "flow") == "client->server"
    fate, length = labels(shown, "fate"), numbers(shown, "len")
    place = _places(np.concatenate([sent, came]))
    start, end = place(sent), place(came)
    left = np.where(up, 0.0, 1.0)
    gone = ~np.isfinite(came)
    alone = ~np.isfinite(sent)
    x = np.stack([np.where(alone, _along(left, 1 - _MIDWAY), left),
                  np.where(gone, _along(left, _MIDWAY), 1 - left)], axis=1)  # fmt: skip
    slope = _usual_fall(start, end)
    y = np.stack([np.where(alone, end - slope * _MIDWAY, start),
                  np.where(gone, start + slope * _MIDWAY, end)], axis=1)  # fmt: skip
    bad = np.isin(fate, ("lost", "partly-lost"))
    odd = ~bad & (fate != "both")
    kinds = (
        ("data", ~bad & ~odd & (length > 0), style.data, "-", 1.6),
        ("without data", ~bad & ~odd & (length == 0), style.ack, "-", 0.9),
        ("lost on the way", bad, style.retransmission, "-", 1.6),
        ("seen by one capture only", odd, style.muted, (0, (3, 2)), 1.2),
    )
    for label, rows, color, dash, width in kinds:
        if not rows.any():
            continue
        lines = np.stack([x[rows], y[rows]], axis=2)
        look = {"colors": color, "linestyles": [dash], "linewidths": width, "label": label}
        ax.add_collection(LineCollection(list(lines), **(look | kwargs)))
    for rows, marker, color in ((bad, "x", style.retransmission), (odd, "o", style.muted)):
        where = rows & (gone | alone)
        end_x = np.where(gone, x[:, 1], x[:, 0])[where]
        end_y = np.where(gone, y[:, 1], y[:, 0])[where]
        ax.plot(end_x, end_y, linestyle="none", marker=marker, color=color, markersize=7,
                markeredgewidth=1.8, fillstyle="none")  # fmt: skip
    whole = bad & ~gone
    ax.plot(0.5 * (x[whole, 0] + x[whole, 1]), y[whole].mean(axis=1), "x", color=style.retransmission)
    for side in (0, 1):
        _labels(ax, shown, side, up, place, style)
    _pauses(ax, np.concatenate([sent, came]), place, style)
    ax.set_xlim(-0.62, 1.62)
    low, high = np.nanmin(np.r_[start, end]), np.nanmax(np.r_[y[:, 1], start, end])
    ax.set_ylim(high + 1.2, low - 1.6)


def _along(left: Floats, share: float) -> Floats:
    return np.where(left == 0, share, 1 - share)


def _usual_fall(start: Floats, end: Floats) -> float:
    """How far down a packet commonly goes on its way, for those that did not come."""
    fall = (end - start)[np.isfinite(end - start)]
    return float(np.clip(np.median(fall), 0.4, 12.0)) if len(fall) else 1.0


def _places(times: Floats) -> Any:
    """From seconds to places down the page: a usual gap is 1, pauses are cut to `_BREAK`."""
    at = np.unique(times[np.isfinite(times)])
    gaps = np.diff(at)
    usual = float(np.median(gaps)) if len(gaps) and np.median(gaps) > 0 else 1.0
    steps = np.minimum(gaps / usual, _BREAK)
    down = np.append(0.0, np.cumsum(np.maximum(steps, 0.05)))

    def place(seconds: Floats) -> Floats:
        return np.where(np.isfinite(seconds), np.interp(np.nan_to_num(seconds), at, down), np.nan)

    return place


def _labels(ax: Axes, shown: pd.DataFrame, side: int, up: Any, place: Any, style: Style) -> None:
    """Frame and time beside each time line; where they would overlap, the first of them."""
    here = up == (side == 0)
    frames = np.where(here, shown["frame_sent"].to_numpy(float, na_value=np.nan),
                      shown["frame_received"].to_numpy(float, na_value=np.nan))  # fmt: skip
    seconds = np.where(here, numbers(shown, "sent_s"), numbers(shown, "received_s"))
    y = place(seconds)
    length, flags = numbers(shown, "len"), numbers(shown, "flags").astype(int)
    drawn = -np.inf
    page = float(np.nanmax(y) - np.nanmin(y)) if np.isfinite(y).any() else 1.0
    room = max(page, 1.0) / max(figure_of(ax).get_figheight() * 72 - 130, 72) * 9.5
    for row in np.argsort(y):
        if not np.isfinite(y[row]) or not np.isfinite(frames[row]) or y[row] < drawn + room:
            continue
        drawn = y[row]
        what = f"  {_what(int(flags[row]), int(length[row]))}" if here[row] else ""
        text = f"#{int(frames[row]):,}  {seconds[row]:.4f} s{what}"
        ax.annotate(
            text, (side, y[row]), xytext=(-6 if side == 0 else 6, 0), textcoords="offset points",
            ha="right" if side == 0 else "left", va="center", fontsize=7.2, color=style.ink,
            annotation_clip=False,
        )  # fmt: skip


def _what(flags: int, length: int) -> str:
    names = [name for bit, name in ((2, "SYN"), (1, "FIN"), (4, "RST")) if flags & bit]
    if length:
        names.append(f"{length:,} B")
    return " ".join(names) or "ACK"


def _pauses(ax: Axes, times: Floats, place: Any, style: Style) -> None:
    at = np.unique(times[np.isfinite(times)])
    if len(at) < 3:
        return
    gaps = np.diff(at)
    cut = np.flatnonzero(gaps > _BREAK * np.median(gaps))
    for row in cut[np.argsort(-gaps[cut])[:12]]:
        y = float(place(np.array([(at[row] + at[row + 1]) / 2]))[0])
        text = f"{gaps[row]:.3g} s" if gaps[row] >= 1 else f"{gaps[row] * 1e3:.3g} ms"
        ax.axhline(y, color=style.grid, linewidth=3, zorder=0)
        ax.annotate(f"⋮ {text}", (0.5, y), ha="center", va="center", fontsize=7.5, color=style.muted)


def _dress(ax: Axes, packets: pd.DataFrame, shown: pd.DataFrame, style: Style) -> None:
    attrs = packets.attrs
    for x in (0, 1):
        ax.axvline(x, color=style.ink, linewidth=1.4)
    names = attrs.get("captures", ("", ""))
    for x, side, name in zip((0, 1), ("client", "server"), names, strict=True):
        ax.annotate(
            f"{side}\n{name}", (x, 1), xycoords=("data", "axes fraction"), xytext=(0, 4),
            textcoords="offset points", ha="center", va="bottom", fontsize=8.5, color=style.ink,
            annotation_clip=False, parse_math=False,
        )  # fmt: skip
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
    words: Iterable[str] = (
        f"{len(shown):,} of {len(packets):,} packets, around what matters" if left else "",
        "pauses are drawn short",
        f"Wireshark: {attrs['filters'][0]} | {attrs['filters'][1]}" if "filters" in attrs else "",
    )
    note(ax, "  ·  ".join(filter(None, words)), (0.5, 0), (0, -26), style, ha="center", va="top",
         size=7.5)  # fmt: skip
