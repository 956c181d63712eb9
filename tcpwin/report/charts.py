"""Which charts a report has, and drawing them into files.

To add a chart of a flow: put its function into `FLOW_CHARTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg

from tcpwin.model import Flow, Stream
from tcpwin.plots import (
    plot_acks,
    plot_flight,
    plot_rtt,
    plot_sequence,
    plot_stall,
    plot_throughput,
    plot_window,
    use_style,
)
from tcpwin.plots.axes import figure_of
from tcpwin.plots.shade import shade_stalls
from tcpwin.plots.style import Style, resolve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Parts = dict[str, pd.DataFrame]

_INITIAL_SEGMENTS: Final = 10
_DATES: Final = {"svg": "Date", "pdf": "CreationDate"}

DPI: Final = 110
FORMATS: Final = ("png", "svg", "pdf")  # those that a page can show first
OVERVIEW: Final = "overview"
STALL: Final = "stall"
MOST_STALLS: Final = 8  # close-ups of one stream: beyond that nobody looks at each
FLOW_CHARTS: Final[dict[str, Callable[[Parts], Axes]]] = {
    "window": lambda parts: plot_window(parts["window"]),
    "flight": lambda parts: plot_flight(parts["flight"]),
    "acks": lambda parts: plot_acks(parts["acks"]),
    "sequence": lambda parts: plot_sequence(
        parts["segments"], parts["window"], parts["acks"], parts["sacks"]
    ),
    "rtt": lambda parts: plot_rtt(parts["rtt"]),
    "throughput": lambda parts: plot_throughput(parts["throughput"]),
}


@dataclass
class Tables:
    """The tables of the flow that was last asked for: its charts are drawn one after another."""

    _key: tuple[int, str] | None = None
    _parts: Parts = field(default_factory=dict)

    def of(self, flow: Flow) -> Parts:
        """The tables of this flow."""
        key = (flow.stream, flow.name)
        if key != self._key:
            self._key, self._parts = key, flow.parts()
        return self._parts


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart to draw: of a stream as a whole, of one of its flows, or of one of its stalls.

    Attributes:
        kind: `OVERVIEW`, `STALL` or a key of `FLOW_CHARTS`.
        stream: the stream.
        flow: the flow; None where the chart shows the whole stream.
        suffixes: the file formats, as matplotlib calls them, in the order of `FORMATS`.
        stall: the row of `Flow.stalls` that a close-up shows.
        tables: the tables of the flow, shared by the charts of a report.
    """

    kind: str
    stream: Stream
    flow: Flow | None = None
    suffixes: tuple[str, ...] = FORMATS[:1]
    stall: pd.Series[Any] | None = None
    tables: Tables = field(default_factory=Tables)

    @property
    def file(self) -> str:
        """The file in the first format."""
        return self.files[0]

    @property
    def files(self) -> tuple[str, ...]:
        """``stream-0003_server-to-client_stall-01.png`` and so on; safe on every file system."""
        flow = f"{self.flow.name.replace('->', '-to-')}_" if self.flow else ""
        number = f"-{int(self.stall['number']):02}" if self.stall is not None else ""
        name = f"stream-{self.stream.stream:04}_{flow}{self.kind}{number}"
        return tuple(f"{name}.{suffix}" for suffix in self.suffixes)


def plan(streams: Iterable[Stream], *, formats: Iterable[str] = FORMATS[:1]) -> list[Chart]:
    """The charts of these streams, those of a stream together.

    An overview, a close-up of each of the longest stalls, one of each kind per flow with data.
    """
    charts = []
    tables = Tables()
    wanted = set(formats)
    suffixes = tuple(suffix for suffix in FORMATS if suffix in wanted)
    for stream in streams:
        charts.append(Chart(OVERVIEW, stream, suffixes=suffixes))
        stalls = longest_stalls(stream)
        for flow in stream.flows:
            charts += [
                Chart(STALL, stream, flow, suffixes, stall, tables)
                for owner, stall in stalls
                if owner == flow.name
            ]
            kinds = FLOW_CHARTS if is_drawn(flow) else ()
            charts += [Chart(kind, stream, flow, suffixes, None, tables) for kind in kinds]
    return charts


def is_drawn(flow: Flow) -> bool:
    """Whether a flow gets its own charts: it has data, and more than a request as a rule has.

    What fits into the initial window (10 segments, RFC 6928 2) leaves without waiting for an
    ACK. Such a flow is drawn where it is the larger one, stalls, or is what the verdict is about.
    """
    other = next(one for one in flow.parent.flows if one.name != flow.name)
    if flow.bytes >= max(1, min(other.bytes, _INITIAL_SEGMENTS * flow.mss)):
        return True
    told = flow.name == flow.parent.diagnose().verdict.flow
    return bool(flow.bytes) and (told or not flow.stalls().empty)


def longest_stalls(stream: Stream) -> list[tuple[str, pd.Series[Any]]]:
    """The `MOST_STALLS` longest stalls of both flows, each with its flow, by number."""
    found = [
        (flow.name, row)
        for flow in stream.flows
        for _, row in flow.stalls().nlargest(MOST_STALLS, "lost_s").iterrows()
    ]
    found.sort(key=lambda one: -float(one[1]["lost_s"]))
    return sorted(found[:MOST_STALLS], key=lambda one: int(one[1]["number"]))


def draw(
    chart: Chart, folder: Path, *, dpi: float = DPI, style: Style | str | None = None
) -> list[Path]:
    """Draw one chart into `folder`, once for all its formats, and return the files.

    The files of a chart are the same each time: they carry no date and no random names.
    """
    with use_style(resolve(style)), rc_context({"svg.hashsalt": "tcpwin"}):
        drawn = figure(chart)
        for suffix, name in zip(chart.suffixes, chart.files, strict=True):
            if suffix == "png":  # savefig would draw twice
                drawn.set_dpi(dpi)
                # matplotlib does not say the types of this one.
                FigureCanvasAgg(drawn).print_png(folder / name)  # type: ignore[no-untyped-call]
            else:
                drawn.savefig(folder / name, format=suffix, metadata={_DATES[suffix]: None})
    return [folder / name for name in chart.files]


def figure(chart: Chart) -> Figure:
    """The chart as a figure, with the verdict as its title and the stalls shaded."""
    if chart.flow is None:
        return chart.stream.plot_overview()
    parts = chart.tables.of(chart.flow)
    if chart.stall is not None:
        return plot_stall(parts, chart.stall)
    ax = FLOW_CHARTS[chart.kind](parts)
    shade_stalls([ax], parts["stalls"], float(parts["stalls"].attrs["end_s"]), resolve(None, ax))
    return figure_of(ax)
