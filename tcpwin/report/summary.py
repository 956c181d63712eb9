"""summary.json: the diagnosis as ``diagnose --json`` prints it, with the list of charts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tcpwin.model import Capture
    from tcpwin.report.charts import Chart


def summary(capture: Capture, charts: Iterable[Chart]) -> dict[str, Any]:
    """What was found in all streams, the warnings of reading, and the charts that were written."""
    return {
        **capture.diagnose().to_dict(),
        "warnings": list(capture.warnings),
        "charts": [
            {
                "file": chart.file,
                "files": list(chart.files),
                "kind": chart.kind,
                "stream": chart.stream.stream,
                "flow": chart.flow.name if chart.flow else None,
                "stall": int(chart.stall["number"]) if chart.stall is not None else None,
            }
            for chart in charts
        ],
    }


def to_json(value: dict[str, Any] | Sequence[dict[str, Any]]) -> str:
    """Strict JSON (no NaN), pure ASCII since file names can hold anything, one line end."""
    return json.dumps(value, indent=2, allow_nan=False, default=str) + "\n"
