"""The words on a chart: title, start, where the scale comes from, the Wireshark filter."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.text import Text

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


def head(figure: Figure, first: str, second: str, style: Style) -> None:
    """What matters in bold at the top left of a figure, and below it what it is about."""
    if first or second:
        room = int(figure.get_figwidth() * 72 / 7)
        title = figure.suptitle("", x=0.01, ha="left", parse_math=False)
        two_lines(figure.axes[0], title, first, second, room, style)


def two_lines(ax: Axes, title: Text, first: str, second: str, room: int, style: Style) -> None:
    """Fill a title: `first` in bold, `second` under it; `second` alone where there is no first.

    Args:
        ax: where the second line is noted down.
        title: the title's artist, aligned to the left.
        first: broken after `room` characters, two lines at most.
        second: may be empty.
        room: characters of bold text that fit.
        style: colours.
    """
    lines = textwrap.wrap(printable(first), room)[:2]
    # The empty line keeps the room into which the second text, which is not bold, is drawn.
    title.set_text("\n".join([*lines, " "] if lines and second else lines or [printable(second)]))
    title.set(color=style.ink, size=11.5 if lines else 11, weight="bold" if lines else "normal")
    if lines and second:
        ax.annotate(
            printable(second), (0, 0), xycoords=title, ha="left", va="bottom", fontsize=10,
            color=style.ink, annotation_clip=False, parse_math=False, in_layout=False,
        )  # fmt: skip


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
        "inferred": "window scale inferred (not both SYNs seen)",
        "lower_bound": "window scale is a lower bound (not both SYNs seen): it may be larger",
        "unknown": "window scale unknown (not both SYNs seen): windows as sent, unscaled",
    }.get(str(attrs.get("scale_source")))
    return "  ·  ".join([*parts, *([said] if said else [])])


def printable(text: str) -> str:
    """The text with signs that the font lacks replaced, as a missing glyph only warns."""
    font = get_font(findfont(FontProperties()))
    return "".join(c if c == "\n" or font.get_char_index(ord(c)) else "?" for c in text)
