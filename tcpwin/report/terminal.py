"""Streams on a terminal: two lines each, in 80 columns, with sparklines of window and flight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rich.table import Table
from rich.text import Text

from tcpwin.analysis import FLOWS
from tcpwin.analysis.sparks import Sparks, sparks
from tcpwin.report.spark import CLOSED, alphabet, spark
from tcpwin.report.table import records
from tcpwin.units import format_bytes, format_duration, format_endpoint, printable

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from tcpwin.model import Capture

Cell = tuple[str, str]  # upper and lower line

GAP: Final = 2
NARROW: Final = 80
LEAST: Final = 10  # signs of a sparkline in 80 columns
MOST: Final = 40  # and where there is room
HEADS: Final[dict[str, Cell]] = {
    "number": ("#", ""),
    "ends": ("client", "server"),
    "spark": ("window", "flight"),
    "most": ("up to", "up to"),
    "time": ("stalled", "lasts"),
    "data": ("data", "resent"),
    "packets": ("packets", "RTT"),
    "verdict": ("verdict", "who"),
}
_RIGHT: Final = frozenset({"number", "most", "time", "data", "packets"})
_SPARED: Final = ("packets", "most", "data", "time")  # left out first where there is no room


@dataclass(frozen=True)
class Drawn:
    """The sparklines of some streams, with the signs that this terminal has."""

    found: Sparks
    levels: str

    @classmethod
    def of(cls, capture: Capture, streams: pd.DataFrame, signs: int, console: Console) -> Drawn:
        """For these rows of `Capture.streams`, `signs` long."""
        numbers = streams["stream"].to_numpy(np.int64)
        return cls(sparks(capture.facts, numbers, signs), alphabet(console.encoding))

    def lines(self, row: int) -> Cell:
        """Window and flight of the stream in this row, on one scale."""
        top = float(np.nanmax([self.found.most_window[row], self.found.most_flight[row], 1.0]))
        window, flight = self.found.window[row].tolist(), self.found.flight[row].tolist()
        return spark(window, top, self.levels, zero=CLOSED), spark(flight, top, self.levels)

    def most(self, row: int) -> Cell:
        """The largest window and the largest flight."""
        found = self.found
        return format_bytes(found.most_window[row]), format_bytes(found.most_flight[row])

    def legend(self) -> str:
        """What the sparklines show."""
        low, high = self.levels[0], self.levels[-1]
        return (
            f"window: the lowest in each part of the stream's time, {low} to {high}, {CLOSED} "
            "where it is closed; flight: the highest, blank where nothing is on the way; both "
            "on one scale. Of the flow that the verdict is about, else of the larger one."
        )


def stream_table(capture: Capture, streams: pd.DataFrame, console: Console) -> Iterator[Any]:
    """These rows of `Capture.streams` for the width of the console, and the legend."""
    signs = min(LEAST + max(console.width - NARROW, 0) // 2, MOST)
    drawn = Drawn.of(capture, streams, signs, console)
    cells = [_cells(row, drawn, place) for place, row in enumerate(records(streams))]
    widths = {name: max(len(t) for c in (HEADS, *cells) for t in c[name]) for name in HEADS}
    shown = fitting(widths, console.width)
    grid = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    spared = console.width - sum(widths[name] + GAP for name in shown) + GAP
    for name in shown:
        width = max(widths[name] + min(spared, 0), 1) if name == "ends" else widths[name]
        justify: Any = "right" if name in _RIGHT else "left"
        head = "\n".join(HEADS[name])
        grid.add_column(head, overflow="fold", justify=justify, width=width)
    for cell in cells:
        texts = {name: Text("\n".join(cell[name])) for name in shown}
        texts["spark"].highlight_regex(CLOSED, "bold red")
        grid.add_row(*texts.values())  # Text has no markup: [fe80::1] is no tag
    yield grid
    yield Text(drawn.legend(), style="dim")


def stream_lines(capture: Capture, number: int, console: Console) -> Iterator[str]:
    """Window and flight of one stream, and what the signs mean."""
    streams = capture.streams
    drawn = Drawn.of(capture, streams[streams["stream"] == number], MOST, console)
    for name, line, most in zip(HEADS["spark"], drawn.lines(0), drawn.most(0), strict=True):
        yield f"  {name}  {line}  up to {most}"
    flow = FLOWS[int(drawn.found.flow[0])]
    yield f"          {flow}, from the start to the end; {CLOSED} is a closed window"


def fitting(widths: dict[str, int], width: int) -> list[str]:
    """The columns that fit side by side; addresses fold where even the last of them do not."""
    shown = list(HEADS)
    for name in _SPARED:
        if sum(widths[name] + GAP for name in shown) - GAP > width:
            shown.remove(name)
    return shown


def _cells(row: dict[str, Any], drawn: Drawn, place: int) -> dict[str, Cell]:
    client, server = (
        printable(format_endpoint(row[side], row[f"{side}_port"])) for side in ("client", "server")
    )
    who = "" if row["verdict"] == "healthy" else str(row["blame"])
    return {
        "number": (str(row["stream"]), ""),
        "ends": (client, server),
        "spark": drawn.lines(place),
        "most": drawn.most(place),
        "time": (format_duration(row["stalled_s"]), format_duration(row["duration_s"])),
        "data": (format_bytes(row["bytes"]), f"{row['retransmissions']:,}"),
        "packets": (f"{row['packets']:,}", format_duration(row["initial_rtt_s"])),
        "verdict": (str(row["verdict"]), who),
    }
