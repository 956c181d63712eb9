"""The section of the page about one stream that is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tcpwin.plots.stall import stall_views
from tcpwin.plots.style import LIMITERS
from tcpwin.report.charts import OVERVIEW, STALL
from tcpwin.report.page import Section
from tcpwin.report.page_pictures import inline
from tcpwin.report.page_series import series
from tcpwin.report.verdicts import HEALTHY, next_step
from tcpwin.units import UNKNOWN, format_bytes, format_duration

if TYPE_CHECKING:
    from tcpwin.diagnosis import Diagnosis
    from tcpwin.model import Flow, Stream
    from tcpwin.report.charts import Chart

MOST_LISTED: Final = 50  # rows of stalls and of further findings: beyond that nobody reads on


def stream_section(
    stream: Stream,
    charts: Sequence[Chart],
    folder: Path | None,
    limit: int,
    *,
    told: bool = False,
    fold: bool = False,
) -> Section:
    """Verdict, charts, stalls, limits, findings and numbers of a stream.

    Args:
        stream: the stream.
        charts: its charts.
        folder: where they are drawn already, if they are.
        limit: rows of a table that the page has room for.
        told: the page has told the claim already.
        fold: show the verdict only, until somebody unfolds the rest.
    """
    diagnosis = stream.diagnose()
    anchor = f"stream-{stream.stream}"
    about = diagnosis.verdict.flow
    flows = [flow for flow in stream.flows if flow.bytes]
    flows.sort(key=lambda flow: (flow.name != about, -flow.bytes))  # as in the overview
    overview = next((chart for chart in charts if chart.kind == OVERVIEW), None)
    stalls = _stalls(stream, anchor, charts, folder)
    total = sum(len(flow.stalls()) for flow in stream.flows)
    every = diagnosis.findings
    matter = diagnosis.that_matter()
    others = [finding for finding in every if not any(finding is one for one in matter)]
    listed = others[:MOST_LISTED]
    values = {
        "stream": stream.stream,
        "client": stream.client,
        "server": stream.server,
        "cause": diagnosis.verdict.cause,
        "title": diagnosis.verdict.title,
        "claim": diagnosis.verdict.claim,
        "told": told,
        "folded": fold,
        "next": next_step(diagnosis) if diagnosis.verdict.cause != HEALTHY else "",
        "filter": stream.filter,
        "about": f"{diagnosis.packets:,} packets; it begins {format_duration(stream.start_s)} "
        f"after the capture, its last packet comes {format_duration(stream.duration_s)} later; "
        f"captured at: {diagnosis.vantage}.",
        "artefacts": diagnosis.artefacts,
        "flows": [_flow(flow, diagnosis, limit) for flow in flows],
        "overview": inline(overview, folder) if overview else "",
        "stalls": stalls[:MOST_LISTED],
        "left_out": f"{total:,}" if total > MOST_LISTED else "",
        "findings": matter,
        "others": listed,
        "others_title": f"{len(others):,} more findings"
        + (f", the first {len(listed)} of them; all are in summary.json"
           if len(others) > len(listed) else ""),
        "numbers_of": list(diagnosis.flows),
        "numbers": _numbers(diagnosis),
    }  # fmt: skip
    well = diagnosis.verdict.cause == HEALTHY
    name = (
        f"Stream {stream.stream}" if well else f"Stream {stream.stream}: {diagnosis.verdict.cause}"
    )
    return Section(anchor, "" if fold and well else name, "stream.html.j2", values)


def _flow(flow: Flow, diagnosis: Diagnosis, limit: int) -> dict[str, Any]:
    drawn = series(flow, limit)
    limits = _limits(diagnosis.flows[flow.name]["limits"])
    thinned = (
        f"Of {drawn['packets']:,} packets those are drawn that can be told apart, with every "
        "peak; report --stream N has room for more."
    )
    return {
        "name": flow.name,
        "bytes": flow.bytes,
        "series": drawn,
        "thinned": thinned if drawn["thinned"] else "",
        "limits": limits,
        "limits_text": ", ".join(f"{part['name']} {part['percent']}" for part in limits),
    }


def _limits(limits: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    """Who held the flow back for how long, the gravest first, with places on a bar in percent."""
    held = [(name, limits[name]) for name in reversed(tuple(LIMITERS)) if limits[name]["seconds"]]
    ends = list(accumulate(100 * share["share"] for _, share in held))
    return [
        {
            "name": name,
            "x": round(end - 100 * share["share"], 3),
            "width": round(100 * share["share"], 3),
            "percent": f"{share['share']:.0%}" if share["share"] >= 0.01 else "<1%",
            "seconds": share["seconds"],
            "color": LIMITERS[name].color,
            "hatch": LIMITERS[name].hatch,
        }
        for (name, share), end in zip(held, ends, strict=True)
    ]


def _stalls(
    stream: Stream, anchor: str, charts: Sequence[Chart], folder: Path | None
) -> list[dict[str, Any]]:
    """The stalls of both flows, the longest first; those that have a close-up with it."""
    closeups = {
        (chart.flow.name, int(chart.stall["number"])): chart
        for chart in charts
        if chart.kind == STALL and chart.flow and chart.stall is not None
    }
    found: list[dict[str, Any]] = []
    for flow in stream.flows:
        parts = {"window": flow.window(), "rtt": flow.rtt()}
        for _, stall in flow.stalls().nlargest(MOST_LISTED, "lost_s").iterrows():
            row = {str(name): value for name, value in stall.items()}
            chart = closeups.get((flow.name, row["number"]))
            first, last = row["frame"], row["last_frame"]
            found.append({
                **row,
                "flow": flow.name,
                "views": _views(stall_views(parts, stall), row),
                "anchor": f"{anchor}-{flow.index}-stall-{row['number']}",
                "picture": inline(chart, folder) if chart else "",
                "filter": f"{stream.filter} && frame.number in {{{first}..{last}}}",
            })  # fmt: skip
    return sorted(found, key=lambda stall: -float(stall["lost_s"]))


def _views(
    views: list[tuple[float, float]], stall: dict[str, Any]
) -> list[tuple[str, float, float]]:
    """What the buttons beside a stall show: start and end, where they lie apart, and all of it."""
    length = stall["end_s"] - stall["start_s"]
    around = stall["start_s"] - 0.1 * length, stall["end_s"] + 0.1 * length
    return [(name, *view) for name, view in zip(("Start", "End"), views, strict=False)] + [
        ("All", *around)
    ]


def _numbers(diagnosis: Diagnosis) -> list[tuple[str, list[str]]]:
    """Rows of a table with a column for each flow."""
    both = list(diagnosis.flows.values())

    def count(key: str) -> list[str]:
        return [UNKNOWN if one[key] is None else f"{one[key]:,}" for one in both]

    def size(key: str) -> list[str]:
        return [format_bytes(one[key]) for one in both]

    def span(key: str) -> list[str]:
        return [format_duration(one[key]) for one in both]

    def rtt(key: str) -> list[str]:
        return [UNKNOWN if (ms := one["rtt_ms"][key]) is None else f"{ms:,.3f} ms" for one in both]

    return [
        ("data", size("bytes")),
        ("segments", count("segments")),
        ("sent again", count("retransmitted_segments")),
        ("lost by the network", count("lost_segments")),
        ("reordered", count("reordered_segments")),
        ("stalled", span("stalled_s")),
        ("under a zero window", span("zero_window_s")),
        ("window probes", count("probes")),
        ("smallest window", size("min_window_bytes")),
        ("largest window", size("max_window_bytes")),
        ("most in flight", size("max_flight_bytes")),
        ("smallest RTT", rtt("min")),
        ("median RTT", rtt("median")),
        ("window scale", [f"{s['scale']} ({s['scale_source']})" for s in both]),
    ]
