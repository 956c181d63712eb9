"""Draws the pictures of README.md and docs: ``python -m tools.pictures``.

One for each cause, of a bundled capture whose truth is known, with few colours so that it stays
a few kB.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

import tcpwin as tw
from tcpwin.plots.axes import figure_of
from tcpwin.plots.shade import shade_stalls
from tcpwin.plots.style import LIGHT
from tcpwin.units import format_byte_count, format_duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOT: Final = Path(__file__).resolve().parent.parent
INCHES, DPI, COLOURS = (8.4, 3.7), 100, 128
BEFORE_S, AFTER_S = 0.16, 0.11  # around the last packet: six times it went well, once it did not
INK: Final = "#222222"
NOTE: Final[dict[str, Any]] = {
    "fontsize": 9.5,
    "color": INK,
    "bbox": {"boxstyle": "round,pad=0.4", "fc": "white", "ec": "#999999", "lw": 0.7},
    "arrowprops": {"arrowstyle": "->", "color": INK, "lw": 1.0},
}


@dataclass(frozen=True)
class Picture:
    """A chart of stream 0 of a fixture; `view` are the seconds that it shows."""

    fixture: str
    chart: str = "sequence"
    flow: str = "server->client"
    view: tuple[float, float] | None = None


CAUSES: Final = {
    "zero-window": Picture("pausing-reader.client.pcapng.gz", "window"),
    "small-window": Picture("tiny-buffer.client.pcapng", "window"),
    "receive-window": Picture("small-buffer.server.pcapng", "window"),
    "window-update-lost": Picture("lost-updates.client.pcapng.gz", "window"),
    "reopened-silent": Picture("stop99-app.client.pcapng.gz", "window", view=(1.85, 2.45)),
    "sender-idle": Picture("server-think.client.pcapng.gz"),
    "peer-idle": Picture("client-think.client.pcapng"),
    "complete-waiting": Picture("complete-waiting.client.pcapng"),
    "loss": Picture("policer.client.pcapng.gz", view=(0.19, 0.30)),
    "rto": Picture("lost-retransmission.server.pcapng.gz"),
    "tail-loss": Picture("tail-loss.server.pcapng"),
    "path-silent": Picture("path-dead.server.pcapng"),
    "acks-lost": Picture("acks-lost.client.pcapng.gz"),
    "path-mtu": Picture("path-mtu.server.pcapng", view=(0, 2.2)),
    "delayed-ack": Picture("delayed-ack.client.pcapng", flow="client->server", view=(0.4, 0.6)),
    "queueing": Picture("deep-queue.server.pcapng.gz", "rtt"),
    "reordering": Picture("reordering.client.pcapng.gz", view=(0.19, 0.245)),
    "connect": Picture("syn-lost.client.pcapng", flow="client->server"),
    "reset": Picture("reset-by-server.client.pcapng"),
    "healthy": Picture("healthy.client.pcapng.gz"),
    "unknown": Picture("derived-one-sided-unknown.client.pcapng"),
}


def of_cause(picture: Picture) -> Axes:
    """The chart of a cause, with the stalls shaded."""
    capture = tw.read(ROOT / "fixtures" / picture.fixture, progress=False)
    flow = capture.stream(0).flow(picture.flow)
    ax: Axes = getattr(flow, f"plot_{picture.chart}")()
    stalls = flow.stalls()
    shade_stalls([ax], stalls, float(stalls.attrs["end_s"]), LIGHT)
    if picture.view:
        ax.set_xlim(picture.view)
        if picture.chart == "sequence":
            seen = flow.segments()
            seen = seen[seen["time_s"].between(*picture.view)]
            low, high = seen["seq"].min(), (seen["seq"] + seen["len"]).max()
            ax.set_ylim(low - (high - low) / 8, high + (high - low) / 3)
    figure_of(ax).set_size_inches(INCHES)
    return ax


def of_the_download() -> Axes:
    """The last moments of the download that stops at 99 %."""
    capture = tw.read(ROOT / "fixtures" / "handmade-99-percent.pcapng.gz", progress=False)
    flow = capture.stream(0).flow("server->client")
    window = flow.window()
    sent = flow.segments()["time_s"].max()
    last, room = window["time_s"].max(), int(window["window_bytes"].iloc[-1])
    ax: Axes = flow.plot_window()
    ax.set_xlim(last - BEFORE_S, last + AFTER_S)
    ax.set_ylim(0, room * 1.12)
    figure_of(ax).set_size_inches(9.6, 4.4)
    ax.annotate(
        f"the window is open again:\n{format_byte_count(room)} free, none in flight",
        (last + 0.002, room * 0.99),
        (last + 0.022, room * 0.72),
        **NOTE,
    )
    silence = format_duration(window.attrs["end_s"] - sent)
    ax.annotate(
        f"the last data; nothing more comes\nfor {silence}, up to the end",
        (sent, 2600),
        (last + 0.022, room * 0.25),
        **NOTE,
    )
    return ax


def of_both_ends() -> Axes:
    """A connection at both ends: the last packets of the server do not arrive."""
    name = "fixtures/stop99-data-dies.{}.pcapng.gz"
    ends = [tw.read(ROOT / name.format(end), progress=False) for end in ("client", "server")]
    return tw.compare(*ends).plot_ladder()


FILES: Final[dict[str, Callable[[], Axes]]] = {
    "docs/99-percent.png": of_the_download,
    "docs/commands/compare-ladder.png": of_both_ends,
    **{f"docs/causes/{cause}.png": partial(of_cause, one) for cause, one in CAUSES.items()},
}


def save(name: str, target: Path) -> None:
    """Draw a picture of `FILES` into a PNG file with a palette, the same each time."""
    buffer = io.BytesIO()
    ax = FILES[name]()
    figure_of(ax).savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    with Image.open(buffer) as image:
        small = image.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
        small.save(target, optimize=True)


if __name__ == "__main__":
    for name in FILES:
        save(name, ROOT / name)
