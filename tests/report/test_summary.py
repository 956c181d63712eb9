import json

import pytest

from tcpwin.model import Capture
from tcpwin.report.charts import plan
from tcpwin.report.summary import summary, to_json


def test_it_is_the_diagnosis_and_the_charts(slow: Capture) -> None:
    charts = plan([slow.stream(0)])
    got = json.loads(to_json(summary(slow, charts)))
    listed = got.pop("charts")
    assert got.pop("warnings") == list(slow.warnings)
    assert got == json.loads(json.dumps(slow.diagnose().to_dict()))
    assert [chart["file"] for chart in listed] == [chart.file for chart in charts]
    assert listed[0] == {
        "file": "stream-0000_overview.png",
        "files": ["stream-0000_overview.png"],
        "kind": "overview",
        "stream": 0,
        "flow": None,
        "stall": None,
    }
    stalls = [chart for chart in listed if chart["kind"] == "stall"]
    assert [chart["stall"] for chart in stalls] == [1, 2, 3, 4, 5]
    assert {chart["flow"] for chart in stalls} == {"server->client"}


def test_streams_that_are_not_drawn_are_told_too(half: Capture) -> None:
    got = summary(half, [])
    assert [stream["stream"] for stream in got["streams"]] == [0, 1, 2]
    assert {stream["verdict"]["cause"] for stream in got["streams"][1:]} == {"healthy"}
    assert got["charts"] == []


def test_json_is_strict() -> None:
    assert to_json([{"name": "\udce4é"}]) == '[\n  {\n    "name": "\\udce4\\u00e9"\n  }\n]\n'
    with pytest.raises(ValueError, match="JSON"):
        to_json([{"x": float("nan")}])
