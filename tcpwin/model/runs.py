"""Two different transfers side by side: what differs most."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd

from tcpwin import analysis
from tcpwin.analysis.runs import RUNS, limiter_table, main_flow, measure_table
from tcpwin.diagnosis.ledger import plain
from tcpwin.errors import CaptureError
from tcpwin.model.capture import Capture, PathLike, read
from tcpwin.model.stream import Stream

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def compare_runs(
    a: Capture | Stream | PathLike,
    b: Capture | Stream | PathLike,
    *,
    streams: tuple[int | None, int | None] = (None, None),
) -> Runs:
    """Set two transfers side by side, one that went well and one that did not, say.

    Args:
        a: a capture, or the stream of one, or a file.
        b: the other one.
        streams: which stream of either, where that is no `Stream`; None for the one with the
            most bytes.

    Raises:
        CaptureError: both are the same stream of the same file.
        StreamNotFoundError: a capture has no such stream.
    """
    first, second = (_stream(one, number) for one, number in zip((a, b), streams, strict=True))
    if first.number == second.number and first.packets.equals(second.packets):
        raise CaptureError(
            f"{first.capture.name} and {second.capture.name}: stream {first.number} of both is "
            "the same transfer, packet for packet: give another capture, or another --stream"
        )
    return Runs(first, second)


def _stream(source: Capture | Stream | PathLike, number: int | None) -> Stream:
    if isinstance(source, Stream):
        return source
    capture = source if isinstance(source, Capture) else read(source)
    if number is None:
        number = int(capture.streams.sort_values("bytes", kind="stable")["stream"].iloc[-1])
    return capture.stream(number)


@dataclass(frozen=True, repr=False, eq=False)
class Runs:
    """Two transfers: a and b, as they were given."""

    a: Stream
    b: Stream

    @cached_property
    def flow(self) -> str:
        """The flow that carried more bytes in both together."""
        return analysis.FLOWS[main_flow(self.a.facts, self.b.facts)]

    def measures(self, flow: str | None = None) -> pd.DataFrame:
        """The numbers of a flow in both runs, see `analysis.runs.measure_table`."""
        return measure_table(self.a.facts, self.b.facts, self._index(flow))

    def limiters(self, flow: str | None = None) -> pd.DataFrame:
        """Seconds under each limiter, see `analysis.runs.limiter_table`."""
        return limiter_table(self.a.facts, self.b.facts, self._index(flow))

    def _index(self, flow: str | None) -> int:
        return self.a.flow(flow or self.flow).index

    @property
    def claim(self) -> str:
        """What differs most, in words."""
        from tcpwin.model.runs_text import claim

        return claim(self)

    def to_dict(self) -> dict[str, Any]:
        """The runs as `compare --runs --json` prints them."""
        measures, limiters = self.measures(), self.limiters()
        return {
            "tcpwin": version("tcpwin"),
            "tshark": self.a.capture.tshark_version,
            "runs": {
                name: {
                    "path": str(stream.capture.path),
                    "stream": stream.number,
                    "client": stream.client,
                    "server": stream.server,
                    "packets": len(stream.packets),
                    "warnings": list(stream.capture.warnings),
                    "filter": stream.filter,
                    "verdict": stream.diagnose().verdict.to_dict(),
                }
                for name, stream in zip(RUNS, (self.a, self.b), strict=True)
            },
            "flow": self.flow,
            "claim": self.claim,
            "limiters": _rows(limiters),
            "measures": _rows(measures),
        }

    def plot(self, *, figure: Figure | None = None) -> Figure:
        """Bytes, window, RTT of both runs on one time axis, and who held either back."""
        from tcpwin.model.runs_text import headline
        from tcpwin.plots import plot_runs

        parts = [stream.flow(self.flow).parts() for stream in (self.a, self.b)]
        return plot_runs(parts[0], parts[1], title=headline(self), figure=figure)

    def text(self, *, verbose: bool = False) -> str:
        """The runs in words, lines of at most 80 columns; all numbers with `verbose`."""
        from tcpwin.model.runs_text import render

        return render(self, verbose=verbose)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Runs {self.a.capture.name} | {self.b.capture.name}: {self.claim}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text())}</pre>"


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    columns = {str(name): plain(table[name]) for name in table}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
