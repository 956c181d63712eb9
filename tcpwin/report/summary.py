"""summary.json: what the page says, for programs. The keys are those of ``diagnose --json``.

What is not worked out is left out rather than given as empty: no list of findings means
that nobody looked, not that there are none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from tcpwin.report.table import records
from tcpwin.units import format_endpoint

if TYPE_CHECKING:
    import pandas as pd

    from tcpwin.model import Capture, Flow, Stream
    from tcpwin.report.charts import Chart


def summary(capture: Capture, drawn: Iterable[Stream], charts: Iterable[Chart]) -> dict[str, Any]:
    """All streams of the capture, the drawn ones in detail, and the charts that were written."""
    details = {stream.stream: stream for stream in drawn}
    streams = records(capture.streams)
    return {
        "tcpwin": version("tcpwin"),
        "tshark": capture.tshark_version,
        "capture": {
            "path": str(capture.path),
            "packets": len(capture.packets),
            "streams": len(streams),
            "duration_s": float(capture.duration_s),
            "artefacts": artefacts(capture.streams),
        },
        "warnings": list(capture.warnings),
        "streams": [_stream(row, details.get(row["stream"])) for row in streams],
        "charts": [
            {
                "file": chart.file,
                "kind": chart.kind,
                "stream": chart.stream.stream,
                "flow": chart.flow.name if chart.flow else None,
            }
            for chart in charts
        ],
    }


def artefacts(streams: pd.DataFrame) -> list[dict[str, Any]]:
    """What the capture lacks or adds, as far as it is known."""
    count = int((~streams["syn"].astype(bool)).sum())
    if not count:
        return []
    claim = f"{count} of {len(streams)} streams began before the capture: no SYN was seen."
    return [{"artefact": "no-syn", "flow": None, "count": count, "claim": claim}]


def flow_facts(flow: Flow) -> dict[str, Any]:
    """What is known about one flow; None where the capture does not tell."""
    segments = flow.segments()
    again = segments[segments["kind"] == "retransmission"]
    data = segments[segments["kind"].isin(["new", "retransmission", "out-of-order"])]
    window = flow.window()
    rtt_ms = flow.rtt()["rtt_s"].dropna() * 1000
    return {
        "bytes": int(flow.bytes),
        "segments": len(data),
        "retransmitted_segments": len(again),
        "retransmitted_bytes": int(again["len"].sum()),
        "min_window_bytes": _number(window["window_bytes"].min()),
        "max_window_bytes": _number(window["window_bytes"].max()),
        "max_flight_bytes": _number(window["flight_bytes"].max()),
        "scale_source": window.attrs.get("scale_source"),
        "rtt_ms": {
            "min": _number(rtt_ms.min()),
            "median": _number(rtt_ms.median()),
            "p95": _number(rtt_ms.quantile(0.95)),
        },
    }


def to_json(value: dict[str, Any] | Sequence[dict[str, Any]]) -> str:
    """Strict JSON (no NaN), pure ASCII since file names can hold anything, one line end."""
    return json.dumps(value, indent=2, allow_nan=False, default=str) + "\n"


def _stream(row: dict[str, Any], detail: Stream | None) -> dict[str, Any]:
    flows = (
        {flow.name: flow_facts(flow) for flow in detail.flows}
        if detail
        else {
            "client->server": {"bytes": row["client_bytes"]},
            "server->client": {"bytes": row["server_bytes"]},
        }
    )
    return {
        "stream": row["stream"],
        "client": format_endpoint(row["client"], row["client_port"]),
        "server": format_endpoint(row["server"], row["server_port"]),
        "start_s": row["start_s"],
        "duration_s": row["duration_s"],
        "packets": row["packets"],
        "flows": flows,
    }


def _number(value: Any) -> float | int | None:
    """A number for JSON out of numpy's and pandas' kinds, NA and NaN among them."""
    import pandas as pd

    if pd.isna(value):
        return None
    return int(value) if float(value).is_integer() else round(float(value), 6)
