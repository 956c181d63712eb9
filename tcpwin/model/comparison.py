"""One connection in two captures: what left one end, what came to the other."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tcpwin import analysis
from tcpwin.analysis.ends import End, Ends, bring_together, rewritten, same_capture
from tcpwin.diagnosis import Compared, ComparedFinding, Verdict
from tcpwin.errors import CaptureError
from tcpwin.model.capture import Capture, PathLike, read
from tcpwin.model.connections import chosen, connections
from tcpwin.model.stream import Stream

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NS = 1e9


def compare(
    a: Capture | Stream | PathLike, b: Capture | Stream | PathLike, *, stream: int | None = None
) -> Comparison:
    """Match one connection in two captures, packet by packet.

    Which capture is nearer the client is found from the packets: the order of the arguments
    does not matter. Addresses may be translated and sequence numbers shifted on the way.

    Args:
        a: a capture, or the stream of one, or a file.
        b: the other one.
        stream: the connection's number in `a`, where that is no `Stream`; without it, of the
            connections that both captures have that which lost most time.

    Raises:
        CaptureError: the captures have no connection in common, or are the same one.
        StreamNotFoundError: `a` has no such stream, or `b` does not have this connection.
    """
    first, second = _stream_of(a), _stream_of(b)
    captures = [s.capture if isinstance(s, Stream) else s for s in (first, second)]
    common = connections(*captures)
    wanted = first.number if isinstance(first, Stream) else stream
    other = second.number if isinstance(second, Stream) else None
    row = chosen(common, captures[0], captures[1], wanted, other)
    streams = [
        _known(one, capture, int(row[name]))
        for one, capture, name in zip((first, second), captures, ("a", "b"), strict=True)
    ]
    ends = [End(s.facts, s.capture.start_ns, s.capture.end_ns) for s in streams]
    both = bring_together(ends[0], ends[1], flipped=bool(row["flip"]))
    if same_capture(both):
        raise CaptureError(
            f"{captures[0].name} and {captures[1].name} hold the same packets of this connection "
            "at the same times: they are one capture; give that of the other end as well"
        )
    if both.swapped:
        streams.reverse()
    return Comparison(streams[0], streams[1], Ends(both), common)


def _stream_of(source: Capture | Stream | PathLike) -> Capture | Stream:
    return source if isinstance(source, Capture | Stream) else read(source)


def _known(one: Capture | Stream, capture: Capture, number: int) -> Stream:
    return one if isinstance(one, Stream) else capture.stream(number)


@dataclass(frozen=True, repr=False, eq=False)
class Comparison:
    """One connection in two captures.

    Attributes:
        client: its stream in the capture nearer the client.
        server: its stream in the capture nearer the server.
        ends: what was worked out about both together.
        common: the connections that both captures have: their numbers a and b in the
            captures as they were given, votes (packets that both have).
    """

    client: Stream
    server: Stream
    ends: Ends
    common: pd.DataFrame

    @cached_property
    def compared(self) -> Compared:
        """Verdict and findings."""
        return Compared(self.ends)

    @property
    def verdict(self) -> Verdict:
        """What cost the most time, or what ended the connection."""
        return self.compared.verdict

    @property
    def findings(self) -> tuple[ComparedFinding, ...]:
        """What was found, in the order of time."""
        return self.compared.findings

    @cached_property
    def packets(self) -> pd.DataFrame:
        """Every packet of either capture and its fate, see `analysis.ends.tables.packet_table`."""
        table = pd.concat(self.ends.packets, ignore_index=True)
        return (
            table.assign(at=table["sent_s"].fillna(table["received_s"]))
            .sort_values("at", kind="stable", ignore_index=True)
            .drop(columns="at")
        )

    @property
    def losses(self) -> pd.DataFrame:
        """The packets that got lost on the way, a part of `packets`."""
        return self.packets[self.packets["fate"].isin(("lost", "partly-lost"))]

    @property
    def stalls(self) -> pd.DataFrame:
        """Where the time of each stall was spent, see `analysis.ends.tables.stall_table`."""
        return self.ends.stalls

    def delays(self, flow: str) -> pd.DataFrame:
        """One-way delays of ``"client->server"`` or ``"server->client"``.

        Raises:
            StreamNotFoundError: it is called otherwise.
        """
        self.client.flow(flow)
        return self.ends.delays[analysis.FLOWS.index(flow)]

    @property
    def overlap_s(self) -> tuple[float, float]:
        """From when to when both captures were running, in seconds of the connection's time."""
        both = self.ends.both
        spans = []
        for end in (both.client, both.server):
            times = np.array([end.start_ns, end.end_ns])
            spans.append((both.client_ns(end, times) - self.ends.begin_ns) / NS)
        return float(max(s[0] for s in spans)), float(min(s[1] for s in spans))

    @cached_property
    def clock(self) -> dict[str, Any]:
        """Offset and drift of the server's clock, their uncertainty, and all of it in words."""
        clock = self.ends.both.clock
        return {
            "offset_ms": _scaled(clock.offset_ns, 1e6),
            "uncertainty_ms": _scaled(clock.half_ns, 1e6),
            "drift_ppm": round(clock.drift * 1e6, 3),
            "drift_uncertainty_ppm": _scaled(clock.drift_half, 1e-6),
            "steady": clock.steady,
            "claim": clock.claim,
        }

    def to_dict(self) -> dict[str, Any]:
        """The comparison as `compare --json` prints it."""
        from tcpwin.model.compared_text import notes

        both = self.ends.both
        begin, end = self.overlap_s
        return {
            "tcpwin": version("tcpwin"),
            "tshark": self.client.capture.tshark_version,
            "captures": {
                name: {
                    "path": str(stream.capture.path),
                    "stream": stream.number,
                    "client": stream.client,
                    "server": stream.server,
                    "packets": len(stream.packets),
                    "warnings": list(stream.capture.warnings),
                }
                for name, stream in (("client", self.client), ("server", self.server))
            },
            "told_by": both.told_by,
            "common_streams": len(self.common),
            "duration_s": round(self.ends.duration_s, 9),
            "overlap_s": [round(begin, 9), round(end, 9)],
            "clock": self.clock,
            "rewritten": rewritten(both),
            "verdict": self.verdict.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
            "stalls": [_plain(row) for row in self.stalls.to_dict("records")],
            "flows": dict(zip(analysis.FLOWS, self.ends.flows, strict=True)),
            "notes": list(notes(self)),
        }

    def plot_ladder(self, *, ax: Axes | None = None, **kwargs: Any) -> Axes:
        """Both ends as time lines with the packets between them; lost ones end in a cross."""
        from tcpwin.plots import plot_ladder

        return plot_ladder(self._drawn(self.packets), ax=ax, **kwargs)

    def plot_delays(self, *, ax: Axes | None = None, **kwargs: Any) -> Axes:
        """One-way delays of both directions over time."""
        from tcpwin.plots import plot_delays

        return plot_delays(self._drawn(self.packets), ax=ax, **kwargs)

    def _drawn(self, packets: pd.DataFrame) -> pd.DataFrame:
        table = packets.copy()
        verdict = self.verdict
        mine = [f for f in self.compared.that_matter() if f.cause == verdict.cause]
        zero = pd.Timestamp(self.ends.begin_ns, tz="UTC")
        table.attrs.update(
            {
                "verdict": verdict.title,
                "client": self.client.client,
                "server": self.client.server,
                "captures": (self.client.capture.name, self.server.capture.name),
                "capture": f"{self.client.capture.name} + {self.server.capture.name}",
                "filters": (self.client.filter, self.server.filter),
                "start": zero,
                "end_s": self.ends.duration_s,
                "focus": (mine[0].start_s, mine[0].end_s) if mine else None,
                "stalls": self.stalls[["start_s", "end_s", "cause"]].to_dict("records"),
                "clock": self.clock["claim"],
            }
        )
        return table

    def text(self, *, verbose: bool = False) -> str:
        """The comparison in words, lines of at most 80 columns."""
        from tcpwin.model.compared_text import render

        return render(self, verbose=verbose)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        names = f"{self.client.capture.name} | {self.server.capture.name}"
        return f"<Comparison {names}: {self.verdict.title}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text())}</pre>"


def _scaled(value: float | None, unit: float) -> float | None:
    return None if value is None else round(value / unit, 6)


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(k): v.item() if isinstance(v, np.generic) else v for k, v in row.items()}
