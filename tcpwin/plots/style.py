"""THE palette: every colour, hatch and letter that a chart of tcpwin uses.

The colours are those of Okabe and Ito or near them, told apart by people who do not see red
and green as different. What matters differs in shape or hatch as well, so that a grey print
and a photocopy still tell the same story.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from matplotlib.colors import to_rgb

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Band:
    """How one limiter is filled: the colour, and the hatch that a grey print needs."""

    color: str
    hatch: str


@dataclass(frozen=True, slots=True)
class Style:
    """Colours of one look; the names say what is drawn, not how it looks."""

    name: str
    paper: str
    ink: str
    muted: str
    grid: str
    data: str
    ack: str
    window: str
    usable: str
    retransmission: str
    out_of_order: str
    sack: str
    zero: str
    probe: str
    duplicate: str
    rtt: str
    srtt: str
    stall: str


LIGHT: Final = Style(
    name="light",
    paper="#ffffff",
    ink="#1f2328",
    muted="#6a7078",
    grid="#e7e9ec",
    data="#0b5fa5",
    ack="#8a6a00",
    window="#009e73",
    usable="#7fd1b5",
    retransmission="#d1001f",
    out_of_order="#ee5fae",
    sack="#b07fe0",
    zero="#b2182b",
    probe="#1f2328",
    duplicate="#c2500a",
    rtt="#0b5fa5",
    srtt="#c2500a",
    stall="#7d6b3a",
)

DARK: Final = Style(
    name="dark",
    paper="#15181d",
    ink="#e9ebee",
    muted="#9aa1ab",
    grid="#2b3038",
    data="#4aa3e8",
    ack="#e3b93c",
    window="#4fe0b4",
    usable="#1f8a69",
    retransmission="#ff5c66",
    out_of_order="#ff9fd6",
    sack="#d9c8ff",
    zero="#ff7a5c",
    probe="#e9ebee",
    duplicate="#ff9a4d",
    rtt="#4aa3e8",
    srtt="#ff9a4d",
    stall="#c9b27a",
)

STYLES: Final[Mapping[str, Style]] = {"light": LIGHT, "dark": DARK}

# From harmless to grave: later ones are painted over earlier ones where a pixel holds both.
# The same in the light and in the dark style, so that a colour means one thing everywhere.
LIMITERS: Final[Mapping[str, Band]] = {
    "idle": Band("#d5d8dc", ""),
    "network": Band("#56b4e9", ""),
    "sender": Band("#f0e442", "..."),
    "recovery": Band("#d55e00", "\\\\\\\\"),
    "receive-window": Band("#e69f00", "////"),
    "zero-window": Band("#8b0a1e", "xxxx"),
}
UNKNOWN_LIMITER: Final = Band("#ffffff", "")

# Letters as markers: upright and bold, so that they read at 1x.
LETTER_R: Final = r"$\mathbf{R}$"
LETTER_Z: Final = r"$\mathbf{Z}$"
LETTER_P: Final = r"$\mathbf{P}$"

_chosen: ContextVar[Style | None] = ContextVar("tcpwin_style", default=None)
_default: Style = LIGHT


def set_style(style: Style | str) -> None:
    """Draw all charts from now on in this style, as at the head of a notebook.

    Args:
        style: ``"light"``, ``"dark"`` or a :class:`Style` of your own.

    Raises:
        ValueError: there is no style of that name.
    """
    global _default
    _default = _find(style)


@contextmanager
def use_style(style: Style | str) -> Iterator[Style]:
    """Draw everything inside the ``with`` block in one style.

    Args:
        style: ``"light"``, ``"dark"`` or a :class:`Style` of your own.

    Yields:
        The style.
    """
    found = _find(style)
    token = _chosen.set(found)
    try:
        yield found
    finally:
        _chosen.reset(token)


def resolve(style: Style | str | None, ax: Axes | None = None) -> Style:
    """The style to draw with.

    Asked for, else of the ``with`` block, else fitting ``ax``, else of :func:`set_style`.
    """
    if style is not None:
        return _find(style)
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    if ax is None:
        return _default
    return DARK if _is_dark(ax) else LIGHT


def _find(style: Style | str) -> Style:
    if isinstance(style, Style):
        return style
    if style not in STYLES:
        raise ValueError(f"no style {style!r}; choose one of {', '.join(STYLES)}")
    return STYLES[style]


def _is_dark(ax: Axes) -> bool:
    red, green, blue = to_rgb(ax.get_facecolor())
    return 0.299 * red + 0.587 * green + 0.114 * blue < 0.4
