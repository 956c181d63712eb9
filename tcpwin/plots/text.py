"""The words on a chart: title, start, where the scale comes from, the Wireshark filter."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties, findfont, get_font

from tcpwin.plots.style import Style


def footer(ax: Axes, frame: pd.DataFrame, style: Style) -> None:
    """The capture and the display filter, small, under the right end of the time axis."""
    parts = [frame.attrs.get("capture")]
    if frame.attrs.get("filter"):
        parts.append(f"Wireshark: {frame.attrs['filter']}")
    text = "  ·  ".join(str(part) for part in parts if part)
    if text:
        note(ax, text, (1, 0), (0, -36), style, ha="right", va="top", size=7.5)


def note(
    ax: Axes,
    text: str,
    at: tuple[float, float],
    offset: tuple[float, float],
    style: Style,
    *,
    size: float,
    **kwargs: Any,
) -> None:
    """Small grey text at a place of the axes (fractions), moved by ``offset`` points."""
    ax.annotate(
        printable(text),
        at,
        xycoords="axes fraction",
        xytext=offset,
        textcoords="offset points",
        fontsize=size,
        annotation_clip=False,
        **{"color": style.muted, "parse_math": False, **kwargs},
    )


def title_of(attrs: dict[Any, Any]) -> str:
    """``stream 3 · client → server · server->client``; parts that are not known are left out."""
    parts = [f"stream {attrs['stream']}"] if "stream" in attrs else []
    if "client" in attrs and "server" in attrs:
        parts.append(f"{attrs['client']} → {attrs['server']}")
    if attrs.get("flow"):
        parts.append(str(attrs["flow"]))
    return " · ".join(parts)


def subtitle_of(attrs: dict[Any, Any]) -> str:
    """The absolute start in UTC, and where the window scale comes from unless from the SYNs."""
    parts = []
    start = attrs.get("start")
    if start is not None and not pd.isna(start):
        moment = pd.Timestamp(start)
        moment = moment.tz_convert("UTC") if moment.tzinfo else moment
        parts.append(f"starts {moment.strftime('%Y-%m-%d %H:%M:%S.%f')} UTC")
    said = {
        "inferred": "window scale inferred (no SYN seen)",
        "lower_bound": "window scale is a lower bound (no SYN seen): the window may be larger",
        "unknown": "window scale unknown (no SYN seen): windows as sent, unscaled",
    }.get(str(attrs.get("scale_source")))
    return "  ·  ".join([*parts, *([said] if said else [])])


def printable(text: str) -> str:
    """The text with signs that the font lacks replaced, as a missing glyph only warns."""
    font = get_font(findfont(FontProperties()))
    return "".join(c if c == "\n" or font.get_char_index(ord(c)) else "?" for c in text)
