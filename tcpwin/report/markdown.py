"""index.md: the page that leads through a report.

It is put together from parts, in the order of `index`; a part is a function that gives
lines. What comes from outside (names, messages) goes through `escape`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from itertools import chain
from typing import TYPE_CHECKING, Final

from tcpwin.report.charts import OVERVIEW, STALL
from tcpwin.report.table import HEADS, LEFT, rows
from tcpwin.report.verdicts import WORST, count_of, next_step, troubled, worst
from tcpwin.units import (
    format_byte_count,
    format_duration,
    printable,
)

if TYPE_CHECKING:
    from tcpwin.diagnosis import Diagnosis, Finding
    from tcpwin.model import Capture, Stream
    from tcpwin.report.charts import Chart

_MARKS: Final = re.compile(r"[\\`*_{}\[\]<>()#+!|&~$@=^]")
_SHOWN: Final = (".png", ".svg")  # what a viewer shows in a page
_CAPTIONS: Final = {
    OVERVIEW: "Overview: everything on one time axis",
    STALL: "Close-up of stall",
    "window": "Receive window, bytes in flight, and what is usable between them",
    "flight": "Bytes in flight, beside Wireshark's own count",
    "acks": "Acknowledgements",
    "sequence": "Sequence numbers between the ACK line and the window's edge",
    "rtt": "Round trip times",
    "throughput": "Throughput, and goodput beside it",
}


def index(capture: Capture, drawn: Sequence[Stream], charts: Sequence[Chart]) -> str:
    """The page: the verdict, the drawn streams with their charts, the table of all streams."""
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
    yield from _worst(capture)
    yield ""
    yield f"- TCP packets: {len(capture.packets):,}; streams: {len(capture.streams):,}"
    yield f"- {format_duration(capture.duration_s)} from {capture.start:%Y-%m-%d %H:%M:%S.%f} UTC"
    yield f"- made by tcpwin {version('tcpwin')} with tshark {escape(capture.tshark_version)}"
    yield from (f"- **warning:** {escape(warning)}" for warning in capture.warnings)
    yield ""


def _worst(capture: Capture) -> Iterator[str]:
    """The streams that lost most in words, the rest counted."""
    bad = troubled(capture.streams)
    if bad.empty:
        yield "**Healthy**: nothing cost noticeable time in any stream."
    for one in worst(capture):
        yield f"- **Stream {one.stream}, {escape(one.verdict.title)}.**"
        yield f"  {escape(one.verdict.claim)}"
        yield f"  *Next:* {escape(next_step(one))}"
    if len(bad) > WORST:
        yield f"- {len(bad) - WORST:,} more: {escape(count_of(bad['verdict'].iloc[WORST:]))}"
    if 0 < len(bad) < len(capture.streams):
        yield f"- {len(capture.streams) - len(bad):,} healthy"


def _stream(stream: Stream, charts: Sequence[Chart]) -> Iterator[str]:
    diagnosis = stream.diagnose()
    yield f"## Stream {stream.stream}: {escape(stream.client)} → {escape(stream.server)}"
    yield ""
    yield f"**Verdict: {escape(diagnosis.verdict.title)}.** {escape(diagnosis.verdict.claim)}"
    yield ""
    told = diagnosis.verdict.claim
    yield from chain.from_iterable(_finding(one, told) for one in diagnosis.that_matter())
    yield from _left_out(diagnosis)
    if diagnosis.findings:
        yield f"**Next:** {escape(next_step(diagnosis))}"
        yield ""
    for artefact in diagnosis.artefacts:
        yield f"- Capture: **{artefact['artefact']}**: {escape(artefact['claim'])}."
    yield (
        f"- Wireshark filter {_code(stream.filter)}; it begins {format_duration(stream.start_s)} "
        f"after the capture, its last packet comes {format_duration(stream.duration_s)} later; "
        f"captured at: {diagnosis.vantage}."
    )
    yield ""
    yield from _pictures(chart for chart in charts if chart.kind == OVERVIEW)
    yield from _stalls(stream, [chart for chart in charts if chart.kind == STALL])
    for flow in stream.flows:
        yield f"### {flow.name.replace('->', ' → ')}: {format_byte_count(flow.bytes)}"
        yield ""
        own = [c for c in charts if c.kind != STALL and c.flow and c.flow.name == flow.name]
        yield from _pictures(own)
        if not own:
            less = "no data" if not flow.bytes else "less than an initial window of data"
            yield f"This flow carries {less}, so there is nothing to draw."
            yield ""


def _finding(finding: Finding, told: str) -> Iterator[str]:
    """One finding; its claim is left out where the verdict has `told` it already."""
    until = "the end of the capture" if finding.open else f"{finding.end_s:.3f} s"
    where = f", {finding.flow}" if finding.flow else ""
    span = f"{finding.start_s:.3f} s to {until}"
    yield f"1. **{finding.cause}**{escape(where)}, {span}, {finding.confidence}."
    if finding.claim not in told:
        yield f"   {escape(finding.claim)}"
    for item in finding.evidence:
        frames = ", ".join(map(str, item.frames))
        yield f"   - {escape(item.text)} (frame {frames})"
    yield f"   - Refuted by: {escape(finding.refuted_by)}."
    yield f"   - Filter: {_code(finding.filter)}"
    yield ""


def _left_out(diagnosis: Diagnosis) -> Iterator[str]:
    told = [id(finding) for finding in diagnosis.that_matter()]
    rest = [finding for finding in diagnosis.findings if id(finding) not in told]
    if rest:
        causes = ", ".join(dict.fromkeys(finding.cause for finding in rest))
        yield f"{len(rest):,} more findings ({causes}) are in summary.json."
        yield ""


def _stalls(stream: Stream, charts: Sequence[Chart]) -> Iterator[str]:
    yield from _pictures(charts)
    total = sum(len(flow.stalls()) for flow in stream.flows)
    if total > len(charts):
        yield f"The {len(charts)} longest of {total:,} stalls are shown close up."
        yield ""


def _pictures(charts: Iterable[Chart]) -> Iterator[str]:
    for chart in charts:
        caption = _CAPTIONS.get(chart.kind, chart.kind)
        if chart.stall is not None:
            caption += f" {int(chart.stall['number'])}: {chart.stall['cause']}"
        if chart.file.endswith(_SHOWN):
            yield f"![{caption}]({chart.file})"
            yield ""
        rest = [name for name in chart.files if name != chart.file or not name.endswith(_SHOWN)]
        if rest:
            links = ", ".join(f"[{name.rpartition('.')[2].upper()}]({name})" for name in rest)
            yield f"{caption}: {links}"
            yield ""


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


def _code(text: str) -> str:
    """A code span; what Markdown would take for its end is left out."""
    return f"`{printable(text).replace('`', '')}`"
