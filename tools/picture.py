"""Draws the picture at the head of README.md: ``python tools/picture.py docs/99-percent.png``."""

import sys
from pathlib import Path
from typing import Any

import tcpwin as tw
from tcpwin.units import format_byte_count, format_duration

CAPTURE = Path(__file__).parent.parent / "fixtures" / "handmade-99-percent.pcapng.gz"
BEFORE_S, AFTER_S = 0.16, 0.11  # around the last packet: six times it went well, once it did not
INK = "#222222"


def picture() -> Any:
    """The last moments of the download that stops at 99 %; returns a figure of matplotlib."""
    flow = tw.read(CAPTURE, progress=False).stream(0).flow("server->client")
    window = flow.window()
    sent = flow.segments()["time_s"].max()
    last, room = window["time_s"].max(), int(window["window_bytes"].iloc[-1])
    ax = flow.plot_window()
    ax.set_xlim(last - BEFORE_S, last + AFTER_S)
    ax.set_ylim(0, room * 1.12)
    ax.figure.set_size_inches(9.6, 4.4)
    style: dict[str, Any] = {
        "fontsize": 9.5,
        "color": INK,
        "bbox": {"boxstyle": "round,pad=0.4", "fc": "white", "ec": "#999999", "lw": 0.7},
        "arrowprops": {"arrowstyle": "->", "color": INK, "lw": 1.0},
    }
    ax.annotate(
        f"the window is open again:\n{format_byte_count(room)} free, none in flight",
        (last + 0.002, room * 0.99),
        (last + 0.022, room * 0.72),
        **style,
    )
    silence = format_duration(window.attrs["end_s"] - sent)
    ax.annotate(
        f"the last data; nothing more comes\nfor {silence}, up to the end",
        (sent, 2600),
        (last + 0.022, room * 0.25),
        **style,
    )
    return ax.figure


def save(target: Path) -> None:
    """Draw the picture into a PNG file, a small one that is the same each time."""
    small = {"optimize": True}
    picture().savefig(target, dpi=100, metadata={"Software": None}, pil_kwargs=small)


if __name__ == "__main__":
    save(Path(sys.argv[1]))
