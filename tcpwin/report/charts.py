"""Which charts a report has, and drawing them into files.

To add a chart of a flow: put its method of `Flow` into `FLOW_CHARTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from tcpwin.model import Flow, Stream

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI: Final = 110
OVERVIEW: Final = "overview"
FLOW_CHARTS: Final[dict[str, Callable[[Flow], Axes]]] = {
    "window": Flow.plot_window,
    "flight": Flow.plot_flight,
    "acks": Flow.plot_acks,
    "sequence": Flow.plot_sequence,
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart to draw: of a stream as a whole, or of one of its flows.

    Attributes:
        kind: `OVERVIEW` or a key of `FLOW_CHARTS`.
        stream: the stream.
        flow: the flow; None where the chart shows the whole stream.
        suffix: the file format, as matplotlib calls it.
    """

    kind: str
    stream: Stream
    flow: Flow | None = None
    suffix: str = "png"

    @property
    def file(self) -> str:
        """``stream-0003_server-to-client_window.png``; safe on every file system."""
        flow = f"{self.flow.name.replace('->', '-to-')}_" if self.flow else ""
        return f"stream-{self.stream.stream:04}_{flow}{self.kind}.{self.suffix}"


def plan(streams: Iterable[Stream], *, suffix: str = "png") -> list[Chart]:
    """The charts of these streams: an overview each, and one of each kind per flow with data."""
    charts = []
    for stream in streams:
        charts.append(Chart(OVERVIEW, stream, suffix=suffix))
        flows = [flow for flow in stream.flows if flow.bytes]
        charts += [Chart(kind, stream, flow, suffix) for flow in flows for kind in FLOW_CHARTS]
    return charts


def draw(chart: Chart, folder: Path, *, dpi: float = DPI) -> Path:
    """Draw one chart into `folder` and return the file."""
    if chart.flow is None:
        figure = chart.stream.plot_overview()
    else:
        figure = cast("Figure", FLOW_CHARTS[chart.kind](chart.flow).figure)
    path = folder / chart.file
    figure.savefig(path, dpi=dpi, format=chart.suffix)
    return path
