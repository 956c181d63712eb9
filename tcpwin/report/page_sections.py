"""The sections of a report's page: verdict, drawn streams, all streams, the capture.

A section is plain values; the templates decide how they look and escape them.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tcpwin.report.page import Section, render
from tcpwin.report.page_pack import pack_json
from tcpwin.report.page_series import fair_limit
from tcpwin.report.page_stream import stream_section
from tcpwin.report.table import HEADS, LEFT, rows
from tcpwin.report.verdicts import HEALTHY, WORST, by_loss, count_of, next_step, troubled, worst
from tcpwin.units import format_duration

if TYPE_CHECKING:
    from tcpwin.diagnosis import Diagnosis
    from tcpwin.model import Capture, Stream
    from tcpwin.report.charts import Chart

LISTED: Final = 100  # streams that are listed where no script runs, and on paper
# What a column sorts by, in the order of `HEADS`; None sorts by the text that is shown.
_KEYS: Final = (
    "stream", None, None, "duration_s", "packets", "bytes", "retransmissions", "stalled_s", None,
)  # fmt: skip


def report_page(
    capture: Capture, drawn: Sequence[Stream], charts: Sequence[Chart], folder: Path | None = None
) -> str:
    """The page of a report.

    Args:
        capture: what it is about.
        drawn: the streams that get charts.
        charts: their charts; overviews and close-ups are taken into the page.
        folder: where they are drawn already, if they are.
    """
    limit = fair_limit([len(stream.packets) for stream in drawn])
    numbers = [stream.stream for stream in drawn]
    told = {one.stream for one in worst(capture)}
    sections = [verdict_section(capture, numbers)]
    for place, stream in enumerate(drawn):
        own = [chart for chart in charts if chart.stream.stream == stream.stream]
        known = stream.stream in told
        fold = not known if told else place > 0
        sections.append(stream_section(stream, own, folder, limit, told=known, fold=fold))
    sections += [streams_section(capture, numbers), capture_section(capture)]
    return render(capture.name, sections)


def verdict_section(capture: Capture, drawn: Sequence[int]) -> Section:
    """The streams that lost most in words, the rest counted."""
    bad = troubled(capture.streams)
    healthy = len(capture.streams) - len(bad)
    told = [_told(one, one.stream in drawn) for one in worst(capture)]
    rest = bad["verdict"].iloc[WORST:]
    values = {
        "name": capture.name,
        "worst": told,
        "more": f"{len(rest):,} more: {count_of(rest)}" if len(rest) else "",
        "healthy": f"{healthy:,} {HEALTHY}" if len(bad) and healthy else "",
        "about": f"{len(capture.packets):,} TCP packets in {len(capture.streams):,} "
        f"stream{'s' if len(capture.streams) > 1 else ''}, "
        f"{format_duration(capture.duration_s)}",
        "warnings": capture.warnings,
        "artefacts": capture.diagnose().artefacts,
    }
    return Section("verdict", "Verdict", "verdict.html.j2", values, pinned=True)


def _told(diagnosis: Diagnosis, drawn: bool) -> dict[str, Any]:
    """A verdict in words, with the frame it begins at and the filter that shows the evidence."""
    finding = next(iter(diagnosis.that_matter()), None)
    return {
        "stream": diagnosis.stream,
        "link": f"stream-{diagnosis.stream}" if drawn else "streams",
        "drawn": drawn,
        "client": diagnosis.client,
        "server": diagnosis.server,
        "title": diagnosis.verdict.title,
        "claim": diagnosis.verdict.claim,
        "next": next_step(diagnosis),
        "frame": finding.first_frame if finding else None,
        "filter": finding.filter if finding else "",
    }


def streams_section(capture: Capture, drawn: Sequence[int]) -> Section:
    """Every stream in a table, those that lost most time first."""
    streams = by_loss(capture.streams)
    numbers = streams["stream"].tolist()
    cells = list(rows(streams))
    keys = [streams[key].tolist() if key else None for key in _KEYS]
    total = f"{len(streams):,}"
    values = {
        "heads": HEADS,
        "left": sorted(LEFT),
        "shown": list(zip(numbers[:LISTED], cells[:LISTED], strict=True)),
        "total": total,
        "drawn": list(drawn),
        "note": f"{len(drawn)} of {total} have charts on this page; --stream N draws others.",
        "data": pack_json({"numbers": numbers, "cells": list(zip(*cells, strict=True)),
                           "keys": keys}),
    }  # fmt: skip
    return Section("streams", "All streams", "streams.html.j2", values, pinned=True)


def capture_section(capture: Capture) -> Section:
    """Where it comes from, and what it cannot show."""
    facts: list[tuple[str, Any]] = [
        ("file", capture.name),
        ("TCP packets", f"{len(capture.packets):,}"),
        ("streams", f"{len(capture.streams):,}"),
        ("from", f"{capture.start:%Y-%m-%d %H:%M:%S.%f} UTC"),
        ("lasts", format_duration(capture.duration_s)),
        ("made by", f"tcpwin {version('tcpwin')}, tshark {capture.tshark_version}"),
    ]
    values = {"facts": facts, "artefacts": capture.diagnose().artefacts}
    return Section("capture", "Capture", "capture.html.j2", values, pinned=True)
