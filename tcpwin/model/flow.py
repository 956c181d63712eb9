"""The data one way together with the ACKs that come back, as tables and charts."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from tcpwin import analysis
from tcpwin.errors import StreamNotFoundError
from tcpwin.units import format_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tcpwin.model.stream import Stream


@dataclass(frozen=True, repr=False)
class Flow:
    """The data one way together with the ACKs that come back.

    Every table has `frame` and `time_s`, which counts from the start of the stream; their columns
    are declared in `tcpwin.schema.TABLES`.
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

    @property
    def mss(self) -> int:
        """Payload of the largest segment that the flow may send, in bytes."""
        return int(self.parent.facts.mss[self.index][0])

    def window(self) -> pd.DataFrame:
        """The window that throttles the flow."""
        return self._table(analysis.window_table)

    def flight(self) -> pd.DataFrame:
        """Bytes in flight, ours and tshark's."""
        return self._table(analysis.flight_table)

    def acks(self) -> pd.DataFrame:
        """The ACKs that come back."""
        return self._table(analysis.acks_table)

    def segments(self) -> pd.DataFrame:
        """The segments and what each is."""
        return self._table(analysis.segments_table)

    def sacks(self) -> pd.DataFrame:
        """The SACK blocks that come back: frame, time_s, left, right, dsack."""
        return self._table(analysis.sacks_table)

    def rtt(self) -> pd.DataFrame:
        """RTT samples, SRTT, RTTVAR and RTO in seconds (RFC 6298)."""
        return self._table(analysis.rtt_table)

    def throughput(self, *, window_s: float | None = None) -> pd.DataFrame:
        """Rates of what is sent and of what is acknowledged, see `analysis.throughput`.

        Args:
            window_s: seconds to average over; None takes 1 s as Wireshark does, and for a
                stream of less than 10 s a tenth of it at most.
        """
        if window_s is not None and not 0 < window_s < float("inf"):
            raise ValueError(f"window_s is {window_s!r}: it must be a number of seconds above 0")
        return self._table(partial(analysis.throughput_table, window_s=window_s))

    def stalls(self) -> pd.DataFrame:
        """The flow's stalls with their causes."""
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
            "throughput": self.throughput(),
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

    def plot_throughput(
        self, *, ax: Axes | None = None, window_s: float | None = None, **kwargs: Any
    ) -> Axes:
        """Throughput with goodput beside it; `window_s` as in `throughput`."""
        from tcpwin.plots import plot_throughput

        return plot_throughput(self.throughput(window_s=window_s), ax=ax, **kwargs)

    def plot_limits(self, *, ax: Axes | None = None, **kwargs: Any) -> Axes:
        """Who holds the flow back at every instant, as a strip."""
        from tcpwin.plots import plot_limits

        return plot_limits(self.limits(), ax=ax, **kwargs)

    def plot_stall(self, number: int = 1, **kwargs: Any) -> Figure:
        """The close-up of a stall, `number` as in `stalls`, with frame numbers at the packets.

        Raises:
            StreamNotFoundError: the flow has no such stall.
        """
        from tcpwin.plots import plot_stall

        stalls = self.stalls()
        if number not in stalls["number"].to_numpy():
            raise StreamNotFoundError(
                f"{self.name} of stream {self.stream} has no stall {number}: it has {len(stalls)}"
            )
        stall = stalls[stalls["number"] == number].iloc[0]
        return plot_stall(self.parts(), stall, **kwargs)

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
            "mss": self.mss,
            "start": pd.Timestamp(begin, tz="UTC"),
            "end_s": (end - begin) / 1e9,
            "filter": stream.filter,
            "scale_source": analysis.SOURCES[int(state.scale.source[0])],
            "capture": stream.capture.name,
            "near": analysis.near(facts, self.index)[0],
        }

    def __repr__(self) -> str:
        return f"<Flow {self.name} of stream {self.stream}: {format_bytes(self.bytes)}>"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self)[1:-1])}</p>"
