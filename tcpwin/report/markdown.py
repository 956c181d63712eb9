"""index.md: the page that leads through a report.

It is put together from parts, in the order of `index`; a part is a function that gives
lines. What comes from outside (names, messages) goes through `escape`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import chain
from typing import TYPE_CHECKING, Final

from tcpwin.report.table import HEADS, LEFT, rows
from tcpwin.units import (
    format_byte_count,
    format_duration,
    printable,
)

if TYPE_CHECKING:
    from tcpwin.model import Capture, Stream
    from tcpwin.report.charts import Chart

_MARKS: Final = re.compile(r"[\\`*_{}\[\]<>()#+!|&~$@=^]")
_CAPTIONS: Final = {
    "overview": "Overview: everything on one time axis",
    "window": "Receive window, bytes in flight, and what is usable between them",
    "flight": "Bytes in flight, beside Wireshark's own count",
    "acks": "Acknowledgements",
    "sequence": "Sequence numbers between the ACK line and the window's edge",
}


def index(capture: Capture, drawn: Sequence[Stream], charts: Sequence[Chart]) -> str:
    """The page: the capture, the drawn streams with their charts, the table of all streams."""
    parts = (
        _head(capture),
        *(_stream(s, [c for c in charts if c.stream.stream == s.stream]) for s in drawn),
        _table(capture, {stream.stream for stream in drawn}),
    )
    return "\n".join(chain.from_iterable(parts)) + "\n"


def escape(text: str) -> str:
    """Text that a Markdown viewer shows as it is: no markup, no HTML, no links, one line."""
    plain = _MARKS.sub(r"\\\g<0>", printable(text))
    return plain.replace("://", r":\//").replace("www.", r"www\.")


def _head(capture: Capture) -> Iterator[str]:
    yield f"# {escape(capture.name)}"
    yield ""
    yield f"- TCP packets: {len(capture.packets):,}; streams: {len(capture.streams):,}"
    yield f"- {format_duration(capture.duration_s)} from {capture.start:%Y-%m-%d %H:%M:%S.%f} UTC"
    yield f"- made by tcpwin {version('tcpwin')} with tshark {escape(capture.tshark_version)}"
    yield from (f"- **warning:** {escape(warning)}" for warning in capture.warnings)
    yield ""


def _stream(stream: Stream, charts: Sequence[Chart]) -> Iterator[str]:
    yield f"## Stream {stream.stream}: {escape(stream.client)} → {escape(stream.server)}"
    yield ""
    yield (
        f"Wireshark filter `{stream.filter}`, from {format_duration(stream.start_s)} after the "
        f"start of the capture, for {format_duration(stream.duration_s)}."
    )
    yield ""
    yield from chain.from_iterable(_picture(chart) for chart in charts if chart.flow is None)
    for flow in stream.flows:
        yield f"### {flow.name.replace('->', ' → ')}: {format_byte_count(flow.bytes)}"
        yield ""
        own = [chart for chart in charts if chart.flow and chart.flow.name == flow.name]
        yield from chain.from_iterable(map(_picture, own))
        if not own:
            yield "This flow carries no data, so there is nothing to draw."
            yield ""


def _picture(chart: Chart) -> tuple[str, ...]:
    caption = _CAPTIONS.get(chart.kind, chart.kind)
    return f"![{caption}]({chart.file})", ""


def _table(capture: Capture, drawn: set[int]) -> Iterator[str]:
    yield "## All streams"
    yield ""
    yield f"| {' | '.join(HEADS)} |"
    yield f"|{'|'.join('---' if head in LEFT else '---:' for head in HEADS)}|"
    for number, *cells in rows(capture.streams):
        name = f"**{number}**" if int(number) in drawn else number
        yield f"| {' | '.join([name, *map(escape, cells)])} |"
    yield ""
    yield f"{len(drawn)} of {len(capture.streams):,} are drawn, in bold; `--stream N` draws more."
