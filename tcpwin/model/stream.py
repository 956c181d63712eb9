"""One TCP connection."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from tcpwin import analysis, tshark
from tcpwin.diagnosis import Diagnosis, Ledger
from tcpwin.errors import StreamNotFoundError
from tcpwin.model.flow import Flow
from tcpwin.units import format_duration, format_endpoint

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tcpwin.model.capture import Capture


@dataclass(frozen=True, repr=False)
class Stream:
    """One TCP connection: two flows."""

    capture: Capture
    number: int
    packets: pd.DataFrame

    @property
    def stream(self) -> int:
        """The number, as in ``tcp.stream``."""
        return self.number

    @property
    def filter(self) -> str:
        """The Wireshark display filter that shows this stream."""
        return f"tcp.stream == {self.number}"

    @cached_property
    def facts(self) -> analysis.Facts:
        """What the analysis worked out about this stream."""
        capture = self.capture
        if len(self.packets) == len(capture.packets):  # its only stream: known there already
            return capture.facts
        return analysis.Facts(self.packets, capture.end_ns, capture.look, capture.cut_short)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The stream's row of `Capture.streams`."""
        table = analysis.streams_table(self.facts, self.capture.start_ns)
        return {str(name): value for name, value in table.iloc[0].to_dict().items()}

    @property
    def client(self) -> str:
        """``address:port`` of the side that opened the connection."""
        return format_endpoint(self.summary["client"], self.summary["client_port"])

    @property
    def server(self) -> str:
        """``address:port`` of the other side."""
        return format_endpoint(self.summary["server"], self.summary["server_port"])

    @property
    def start_s(self) -> float:
        """Seconds from the start of the capture to the stream's first packet."""
        return float(self.summary["start_s"])

    @property
    def duration_s(self) -> float:
        """From the stream's first packet to its last."""
        return float(self.summary["duration_s"])

    @property
    def flows(self) -> tuple[Flow, Flow]:
        """client->server and server->client."""
        return Flow(self, analysis.FLOWS[0]), Flow(self, analysis.FLOWS[1])

    def flow(self, name: str) -> Flow:
        """``"client->server"`` or ``"server->client"``: the data that way, its ACKs the other.

        Raises:
            StreamNotFoundError: it is called otherwise.
        """
        if name not in analysis.FLOWS:
            raise StreamNotFoundError(f"no flow {name!r}: say {' or '.join(analysis.FLOWS)}")
        return Flow(self, name)

    def packet(self, frame: int) -> Any:
        """One frame as a pyshark packet, with everything that tshark knows about it.

        Raises:
            StreamNotFoundError: the capture has no such frame.
        """
        return tshark.read_packet(self.capture.path, frame, **self.capture.options)

    def diagnose(self) -> Diagnosis:
        """What cost the time, who must act, how sure, where to look next."""
        return Diagnosis(Ledger(self.facts), 0)

    def plot_overview(self, *, figure: Figure | None = None, **kwargs: Any) -> Figure:
        """Sequence, window with flight, RTT on one time axis, and who held each flow back.

        It shows the flow that the verdict is about, or the one with more bytes. `kwargs` are
        `style` and `log` of `plots.plot_overview`.
        """
        from tcpwin.plots import plot_overview

        about = self.diagnose().verdict.flow
        flow = max(self.flows, key=lambda flow: (bool(flow.bytes), flow.name == about, flow.bytes))
        parts = flow.parts()
        limits = pd.concat([one.limits() for one in self.flows], ignore_index=True)
        limits.attrs = parts["limits"].attrs
        return plot_overview({**parts, "limits": limits}, figure=figure, **kwargs)

    def __repr__(self) -> str:
        return (
            f"<Stream {self.number}: {self.client} -> {self.server}, "
            f"{len(self.packets):,} packets, {format_duration(self.duration_s)}>"
        )

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self)[1:-1])}</p>"
