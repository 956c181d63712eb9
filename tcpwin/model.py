"""What a person holds: Capture, Stream, Flow. Thin facades over frames, nothing to load."""

from __future__ import annotations

import html
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tcpwin import analysis, tshark
from tcpwin.diagnosis import CaptureDiagnosis, Diagnosis
from tcpwin.errors import StreamNotFoundError
from tcpwin.progress import shown
from tcpwin.units import format_bytes, format_duration, format_endpoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tcpwin.tshark.process import Progress

PathLike = str | os.PathLike[str]


def read(
    path: PathLike,
    *,
    display_filter: str | None = None,
    decode_as: Mapping[str, str] | None = None,
    prefs: Mapping[str, str] | None = None,
    tshark: PathLike | None = None,
    progress: Progress | bool | None = None,
) -> Capture:
    """Read a capture through tshark.

    Args:
        path: a capture file, anything that tshark reads (pcap, pcapng, gz, snoop, …).
        display_filter: a Wireshark display filter; every stream in which a packet matches
            is kept whole.
        decode_as: as in ``tshark -d``, for instance ``{"udp.port==4790": "vxlan"}``.
        prefs: Wireshark preferences over the pinned ones, ``{"ip.defragment": "FALSE"}``.
        tshark: the tshark program; found in PATH otherwise.
        progress: a callable that is told (bytes done, bytes in all); ``None`` shows a bar
            on a terminal and in Jupyter once it takes over a second, ``False`` never.

    Raises:
        CaptureError: the file cannot be read, is no capture, or holds no TCP.
        FilterError: tshark does not accept the filter.
        TsharkError: there is no usable tshark, or it failed.
    """
    with shown(progress, f"reading {Path(path).name}") as callback:
        reading = _read_packets(
            path,
            display_filter=display_filter,
            decode_as=decode_as,
            prefs=prefs,
            tshark=tshark,
            progress=callback,
        )
    return Capture(
        path=Path(path),
        packets=analysis.unwrap(reading.packets),
        start_ns=reading.start_ns,
        warnings=reading.warnings,
        tshark_version=reading.tshark.version_text,
        options={"decode_as": decode_as, "prefs": prefs, "tshark": reading.tshark.path},
    )


_read_packets = tshark.read_packets


@dataclass(frozen=True, repr=False)
class Capture:
    """A capture that was read.

    Attributes:
        path: the file.
        packets: one row per TCP segment, see `tcpwin.schema.COLUMNS`.
        start_ns: time of the first frame of the file, ns since 1970 UTC.
        warnings: what was doubtful while reading, one line each.
        tshark_version: for instance ``4.0.17``.
    """

    path: Path
    packets: pd.DataFrame
    start_ns: int
    warnings: tuple[str, ...]
    tshark_version: str
    options: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self.path.name

    @property
    def start(self) -> pd.Timestamp:
        """Time of the first frame, UTC."""
        return pd.Timestamp(self.start_ns, tz="UTC")

    @property
    def end_ns(self) -> int:
        """Time of the last TCP segment, ns since 1970 UTC."""
        return int(self.packets["time_ns"].max())

    @property
    def duration_s(self) -> float:
        """From the first frame to the last TCP segment."""
        return (self.end_ns - self.start_ns) / 1e9

    @cached_property
    def facts(self) -> analysis.Facts:
        """What the analysis worked out about all streams at once."""
        return analysis.Facts(self.packets, self.end_ns, self.look)

    def look(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The heads of HTTP and the ICMP errors of the capture, read when first needed."""
        return self._context.http, self._context.icmp

    @cached_property
    def _context(self) -> tshark.Context:
        options = {name: self.options[name] for name in ("decode_as", "prefs")}
        program = tshark.find_tshark(self.options["tshark"])
        return tshark.read_context(self.path, program, **options)

    @cached_property
    def streams(self) -> pd.DataFrame:
        """One row per stream, see `tcpwin.analysis.streams.streams_table`."""
        return analysis.streams_table(self.facts, self.start_ns)

    @cached_property
    def state(self) -> pd.DataFrame:
        """The post-dissector's fields after every packet, see `tcpwin.schema.STATE`."""
        return analysis.state_table(self.packets, self.start_ns)

    def diagnose(self) -> CaptureDiagnosis:
        """The diagnosis of every stream; see `tcpwin.diagnosis`."""
        return CaptureDiagnosis(self.facts, self._about)

    @property
    def _about(self) -> dict[str, Any]:
        return {
            "tcpwin": version("tcpwin"),
            "tshark": self.tshark_version,
            "capture": {
                "path": str(self.path),
                "packets": len(self.packets),
                "streams": len(self.facts.segments.groups),
                "duration_s": round(self.duration_s, 9),
            },
        }

    def stream(self, number: int) -> Stream:
        """The stream with this `tcp.stream` number.

        Raises:
            StreamNotFoundError: there is none.
        """
        rows = self.packets["stream"].to_numpy() == number
        if not rows.any():
            numbers = np.unique(self.packets["stream"].to_numpy())
            raise StreamNotFoundError(
                f"{self.name} has no stream {number}: it has {_ranges(numbers)}"
            )
        return Stream(self, int(number), self.packets[rows].reset_index(drop=True))

    def __repr__(self) -> str:
        count = self.packets["stream"].nunique()
        return (
            f"<Capture {self.name}: {len(self.packets):,} TCP packets in {count:,} streams, "
            f"{format_duration(self.duration_s)}>"
        )

    def _repr_html_(self) -> str:
        table = self.streams.head(20).to_html(index=False, escape=True)
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{table}"


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
        return analysis.Facts(self.packets, self.capture.end_ns, self.capture.look)

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
        return Diagnosis(self.facts, 0)

    def plot_overview(self, *, figure: Figure | None = None) -> Figure:
        """Sequence, window with flight, RTT on one time axis, and who held each flow back.

        It shows the flow that the verdict is about, or the one with more bytes.
        """
        from tcpwin.plots import plot_overview

        about = self.diagnose().verdict.flow
        flow = max(self.flows, key=lambda flow: (bool(flow.bytes), flow.name == about, flow.bytes))
        parts = flow.parts()
        limits = pd.concat([one.limits() for one in self.flows], ignore_index=True)
        limits.attrs = parts["limits"].attrs
        return plot_overview({**parts, "limits": limits}, figure=figure)

    def __repr__(self) -> str:
        return (
            f"<Stream {self.number}: {self.client} -> {self.server}, {len(self.packets):,} packets, "
            f"{format_duration(self.duration_s)}>"
        )

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self)[1:-1])}</p>"


@dataclass(frozen=True, repr=False)
class Flow:
    """The data one way together with the ACKs that come back.

    Every table has `frame` and `time_s`, which counts from the start of the stream.
    """

    parent: Stream
    name: str

    @property
    def stream(self) -> int:
        """The number, as in ``tcp.stream``."""
        return self.parent.number

    @property
    def index(self) -> int:
        """0 for client->server, 1 for server->client."""
        return analysis.FLOWS.index(self.name)

    @property
    def bytes(self) -> int:
        """Payload bytes seen, those sent again included."""
        return int(self.parent.summary[("client_bytes", "server_bytes")[self.index]])

    def window(self) -> pd.DataFrame:
        """The window that throttles the flow, see `analysis.tables.window_table`."""
        return self._table(analysis.window_table)

    def flight(self) -> pd.DataFrame:
        """Bytes in flight, ours and tshark's, see `analysis.tables.flight_table`."""
        return self._table(analysis.flight_table)

    def acks(self) -> pd.DataFrame:
        """The ACKs that come back, see `analysis.acks.ack_table`."""
        return self._table(analysis.acks_table)

    def segments(self) -> pd.DataFrame:
        """The segments and what each is, see `analysis.tables.segments_table`."""
        return self._table(analysis.segments_table)

    def sacks(self) -> pd.DataFrame:
        """The SACK blocks that come back: frame, time_s, left, right, dsack."""
        return self._table(analysis.sacks_table)

    def rtt(self) -> pd.DataFrame:
        """RTT samples, SRTT, RTTVAR and RTO in seconds (RFC 6298)."""
        return self._table(analysis.rtt_table)

    def stalls(self) -> pd.DataFrame:
        """The flow's stalls with their causes, see `analysis.tables.stalls_table`."""
        return self._table(analysis.stalls_table)

    def losses(self) -> pd.DataFrame:
        """The segments that were sent again or came late, a part of `segments`."""
        table = self.segments()
        return table[table["kind"].isin(("retransmission", "out-of-order"))]

    def limits(self) -> pd.DataFrame:
        """Who holds the flow back at every instant; ``attrs["shares"]`` sums it up."""
        table = self._table(analysis.limits_table)
        seconds = (table["end_s"] - table["start_s"]).groupby(table["limiter"]).sum()
        total = float(seconds.sum())
        table.attrs["shares"] = {
            name: float(seconds.get(name, 0.0)) / total if total else 0.0
            for name in analysis.LIMITERS
        }
        return table

    def parts(self) -> dict[str, pd.DataFrame]:
        """All tables that charts draw, by name; the verdict of the stream is their title."""
        tables = {
            "segments": self.segments(),
            "window": self.window(),
            "flight": self.flight(),
            "acks": self.acks(),
            "sacks": self.sacks(),
            "rtt": self.rtt(),
            "limits": self.limits(),
            "stalls": self.stalls(),
        }
        for table in tables.values():
            table.attrs["verdict"] = self.parent.diagnose().verdict.title
        return tables

    def plot_window(self, *, ax: Axes | None = None, **kwargs: Any) -> Axes:
        """Window, flight and what is usable between them, on one scale."""
        from tcpwin.plots import plot_window

        return plot_window(self.window(), ax=ax, **kwargs)

    def plot_flight(self, *, ax: Axes | None = None, **kwargs: Any) -> Axes:
        """Bytes in flight, ours as steps and tshark's as points."""
        from tcpwin.plots import plot_flight

        return plot_flight(self.flight(), ax=ax, **kwargs)

    def plot_acks(self, *, ax: Axes | None = None, **kwargs: Any) -> Axes:
        """When ACKs came and what each acknowledged."""
        from tcpwin.plots import plot_acks

        return plot_acks(self.acks(), ax=ax, **kwargs)

    def plot_sequence(self, *, ax: Axes | None = None, **kwargs: Any) -> Axes:
        """Sequence numbers over time, in tcptrace's way."""
        from tcpwin.plots import plot_sequence

        tables = self.segments(), self.window(), self.acks(), self.sacks()
        return plot_sequence(*tables, ax=ax, **kwargs)

    def plot_rtt(self, *, ax: Axes | None = None, **kwargs: Any) -> Axes:
        """RTT samples with SRTT."""
        from tcpwin.plots import plot_rtt

        return plot_rtt(self.rtt(), ax=ax, **kwargs)

    def _table(self, make: Any) -> pd.DataFrame:
        table: pd.DataFrame = make(self.parent.facts, self.index)
        table.attrs.update(self._attrs)
        return table

    @property
    def _attrs(self) -> dict[str, Any]:
        stream, facts = self.parent, self.parent.facts
        begin = int(stream.packets["time_ns"].min())
        end = int(facts.end_ns[0])
        state = facts.states[self.index]
        return {
            "stream": stream.number,
            "flow": self.name,
            "client": stream.client,
            "server": stream.server,
            "mss": int(facts.mss[self.index][0]),
            "start": pd.Timestamp(begin, tz="UTC"),
            "end_s": (end - begin) / 1e9,
            "filter": stream.filter,
            "scale_source": analysis.SOURCES[int(state.scale.source[0])],
            "capture": stream.capture.name,
        }

    def __repr__(self) -> str:
        return f"<Flow {self.name} of stream {self.stream}: {format_bytes(self.bytes)}>"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self)[1:-1])}</p>"


def _ranges(numbers: np.ndarray) -> str:
    """``0–4, 7`` for a person; the first few of many."""
    if len(numbers) == int(numbers[-1]) - int(numbers[0]) + 1 and len(numbers) > 1:
        return f"{numbers[0]}–{numbers[-1]}"
    shown_numbers = ", ".join(str(n) for n in numbers[:8])
    return shown_numbers + (", …" if len(numbers) > 8 else "")
