"""The sequence chart in the manner of tcptrace: data in the band between ACKs and window edge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tcpwin.plots.axes import finish, labels, no_data, numbers, open_axes, si_axis
from tcpwin.plots.axes import resolution as resolution_of
from tcpwin.plots.marks import bars, end_of, letters, step
from tcpwin.plots.style import LETTER_P, LETTER_R, LETTER_Z, Style
from tcpwin.plots.text import note
from tcpwin.plots.thin import thin_line
from tcpwin.plots.window import scale_is_certain, zero_marks

# A window many times what was ever sent would press the data flat: leave it out of view.
_CROWDED = 3.0
_FAR = "far ceiling"


def plot_sequence(
    segments: pd.DataFrame,
    window: pd.DataFrame,
    acks: pd.DataFrame | None = None,
    sacks: pd.DataFrame | None = None,
    *,
    ax: Axes | None = None,
    style: Style | str | None = None,
    **kwargs: Any,
) -> Axes:
    """Draw data as vertical bars, the ACK line below them and the window's edge above.

    Data that touches the top of the band is limited by the window; white space under the
    ceiling means that the window is not the limit.

    Args:
        segments: one row per segment: time_s [s], seq, len [bytes], kind.
        window: one row per packet: time_s [s], una, edge, window_bytes [bytes].
        acks: one row per ACK: time_s [s], ack [byte], dup_count; None leaves duplicates out.
        sacks: one row per SACK block: time_s [s], left, right [byte], dsack; may be None.
        ax: draw into these Axes; None makes a figure.
        style: "light" or "dark"; None fits ``ax``.
        **kwargs: for the bars of new data (``LineCollection``).

    Returns:
        The Axes.
    """
    ax, look = open_axes(ax, style)
    draw_sequence(ax, segments, window, acks, sacks, look, **kwargs)
    frame = pd.concat([segments[["time_s"]], window[["time_s"]]])
    frame.attrs = {**segments.attrs, **window.attrs}
    return finish(ax, frame, look, ylabel="sequence number [bytes]")


def draw_sequence(
    ax: Axes,
    segments: pd.DataFrame,
    window: pd.DataFrame,
    acks: pd.DataFrame | None,
    sacks: pd.DataFrame | None,
    style: Style,
    **kwargs: Any,
) -> None:
    """The artists of the sequence chart, without title and axes labels."""
    if segments.empty and not np.isfinite(numbers(window, "una")).any():
        no_data(ax, style)
        return
    _draw_band(ax, window, style)
    _draw_data(ax, segments, style, kwargs)
    if acks is not None:
        x, y, count = (numbers(acks, name) for name in ("time_s", "ack", "dup_count"))
        again = count > 0
        letters(
            ax, x[again], y[again], "|", lift=-3.3, s=44, linewidths=1.2, room=2,
            path_effects=None, color=style.duplicate, label="duplicate ACK",
        )  # fmt: skip
    if sacks is not None and len(sacks):
        _draw_sacks(ax, sacks, style)
    si_axis(ax, 1.0)
    set_view([ax], segments, window, style)


def _draw_band(ax: Axes, window: pd.DataFrame, style: Style) -> None:
    x, una, edge = (numbers(window, name) for name in ("time_s", "una", "edge"))
    if len(x) == 0:
        return
    end = end_of(window, x)
    zero = numbers(window, "window_bytes") == 0
    columns = resolution_of(ax)[0]
    rows = np.union1d(thin_line(x, una, columns), thin_line(x, edge, columns, zero))
    known = rows[np.isfinite(una[rows]) & np.isfinite(edge[rows])]
    if len(known):
        at, low, high = np.r_[x[known], end], una[known], edge[known]
        ax.fill_between(
            at, np.r_[low, low[-1]], np.r_[high, high[-1]], step="post", linewidth=0,
            color=style.usable, alpha=0.16, zorder=1,
        )  # fmt: skip
    certain = scale_is_certain(window)
    step(
        ax, x, edge, end, keep=zero, color=style.window, linewidth=1.3, zorder=3,
        linestyle="-" if certain else ":",
        label="window edge" if certain else "window edge (scale not certain)",
    )  # fmt: skip
    step(ax, x, una, end, color=style.ack, linewidth=1.3, zorder=3, label="ACK")
    marked = zero_marks(window) & np.isfinite(edge)
    letters(
        ax, x[marked], edge[marked], LETTER_Z, lift=7, color=style.zero, label="zero window"
    )  # fmt: skip


def _draw_data(ax: Axes, segments: pd.DataFrame, style: Style, given: dict[str, Any]) -> None:
    x, seq, size = (numbers(segments, name) for name in ("time_s", "seq", "len"))
    kind = labels(segments, "kind")
    special = {"retransmission", "out-of-order", "probe", "keep-alive", "syn", "fin", "rst"}
    late = kind == "retransmission"
    early = kind == "out-of-order"
    fresh = ~np.isin(kind, list(special)) & (size > 0)
    fresh |= np.isin(kind, ["syn", "fin"]) & (size > 0)  # a SYN or FIN may carry data
    # Projecting caps: on a long chart a segment is less than a pixel high and would fade.
    bars(
        ax, x[fresh], seq[fresh], (seq + size)[fresh], given=given, color=style.data,
        linewidth=1.7, capstyle="projecting", zorder=4, label="data",
    )  # fmt: skip
    if early.any():
        bars(
            ax, x[early], seq[early], (seq + size)[early], color=style.out_of_order,
            linewidth=2.2, zorder=5,
        )  # fmt: skip
        letters(
            ax, x[early], (seq + size)[early], "v", lift=5, s=26, sparse=True,
            color=style.out_of_order, label="out of order",
        )  # fmt: skip
    if late.any():
        bars(
            ax, x[late], seq[late], (seq + size)[late], color=style.retransmission,
            linewidth=2.2, zorder=5.5,
        )  # fmt: skip
        letters(
            ax, x[late], (seq + size)[late], LETTER_R, lift=6, room=11, sparse=True,
            color=style.retransmission, label="retransmission"
        )  # fmt: skip
    # Probes hang below the ACK line: above it stands the Z of the answer.
    for name, letter, lift, label in (
        ("probe", LETTER_P, -9, "probe"),
        ("keep-alive", r"$\mathbf{K}$", -9, "keep-alive"),
        ("syn", r"$\mathbf{S}$", 8, "SYN"),
        ("fin", r"$\mathbf{F}$", 8, "FIN"),
        ("rst", r"$\mathbf{X}$", 8, "RST"),
    ):
        rows = kind == name
        color = style.retransmission if name == "rst" else style.probe
        letters(
            ax, x[rows], (seq + size)[rows], letter, lift=lift, s=30, color=color,
            label=label
        )  # fmt: skip


def _draw_sacks(ax: Axes, sacks: pd.DataFrame, style: Style) -> None:
    x, left, right = (numbers(sacks, name) for name in ("time_s", "left", "right"))
    again = sacks["dsack"].to_numpy(dtype=bool) if "dsack" in sacks else np.zeros(len(x), bool)
    fine = np.isfinite(left) & np.isfinite(right)
    rows = fine & ~again
    if rows.any():
        bars(
            ax, x[rows], left[rows], right[rows], color=style.sack, linewidth=1.6, alpha=0.7,
            zorder=3.5, label="SACK",
        )  # fmt: skip
    rows = fine & again
    letters(
        ax, x[rows], right[rows], "D", s=20, color=style.sack, label="D-SACK"
    )  # fmt: skip


def set_view(
    row: Sequence[Axes], segments: pd.DataFrame, window: pd.DataFrame, style: Style
) -> None:
    """Show the data and the band on one scale in a row of panels; a far ceiling stays outside."""
    for ax in row:
        for old in [text for text in ax.texts if text.get_gid() == _FAR]:
            old.remove()
    seq, size = numbers(segments, "seq"), numbers(segments, "len")
    una, edge = numbers(window, "una"), numbers(window, "edge")
    data = np.r_[seq, seq + size, una]
    data = data[np.isfinite(data)]
    if len(data) == 0:
        return
    low, top = float(data.min()), float(data.max())
    ceiling = float(np.nanmax(np.r_[edge, top]))
    span = max(top - low, 1.0)
    if ceiling - top > _CROWDED * span:
        high = top + 0.6 * span
        text = "↑ the window's edge is far above"
        note(row[-1], text, (0.995, 1), (0, -16), style, size=8.5, ha="right", va="top",
             color=style.window, gid=_FAR)  # fmt: skip
    else:
        high = ceiling
    high = max(high, low + 10)  # a SYN alone: no ticks at parts of a byte, or below 0
    pad = 0.04 * (high - low)
    for ax in row:
        ax.set_ylim(low - pad, high + 2 * pad)
