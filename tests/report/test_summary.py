import json
from dataclasses import dataclass

import pandas as pd
import pytest

from tcpwin.model import Capture
from tcpwin.report.charts import plan
from tcpwin.report.summary import artefacts, flow_facts, summary, to_json


def test_keys_are_those_of_the_definitions(capture: Capture) -> None:
    drawn = [capture.stream(0)]
    got = json.loads(to_json(summary(capture, drawn, plan(drawn))))
    assert {"tcpwin", "tshark", "capture", "streams", "charts"} <= set(got)
    assert set(got["capture"]) == {"path", "packets", "streams", "duration_s", "artefacts"}
    assert got["capture"]["packets"] == len(capture.packets)
    (stream,) = got["streams"]
    assert stream["stream"] == 0
    assert (stream["client"], stream["server"]) == (drawn[0].client, drawn[0].server)
    assert stream["flows"]["server->client"]["bytes"] == drawn[0].flow("server->client").bytes
    assert [chart["file"] for chart in got["charts"]] == [chart.file for chart in plan(drawn)]


def test_nothing_is_claimed_that_nobody_looked_for(capture: Capture) -> None:
    (stream,) = summary(capture, [], [])["streams"]
    assert not {"findings", "verdict"} & set(stream)
    assert set(stream["flows"]["server->client"]) == {"bytes"}


def test_flow_facts_are_plain_numbers(capture: Capture) -> None:
    facts = flow_facts(capture.stream(0).flow("server->client"))
    assert facts["min_window_bytes"] == 0
    assert facts["max_window_bytes"] >= facts["max_flight_bytes"] > 0
    assert facts["scale_source"] == "syn"
    assert 0 < facts["rtt_ms"]["min"] <= facts["rtt_ms"]["median"] <= facts["rtt_ms"]["p95"]
    json.dumps(facts, allow_nan=False)


def test_a_flow_without_anything(capture: Capture) -> None:
    @dataclass(frozen=True)
    class Silent:
        bytes: int = 0

        def segments(self) -> pd.DataFrame:
            return pd.DataFrame({"len": [], "kind": []})

        def window(self) -> pd.DataFrame:
            unknown = pd.array([pd.NA], dtype="Int64")
            return pd.DataFrame({"window_bytes": unknown, "flight_bytes": unknown})

        def rtt(self) -> pd.DataFrame:
            return pd.DataFrame({"rtt_s": pd.Series(dtype=float)})

    facts = flow_facts(Silent())
    assert facts["max_window_bytes"] is None
    assert facts["rtt_ms"] == {"min": None, "median": None, "p95": None}


def test_no_syn_is_an_artefact() -> None:
    assert artefacts(pd.DataFrame({"syn": [True, True]})) == []
    (found,) = artefacts(pd.DataFrame({"syn": [True, False]}))
    assert (found["artefact"], found["count"]) == ("no-syn", 1)


def test_json_is_strict() -> None:
    assert to_json([{"name": "\udce4é"}]) == '[\n  {\n    "name": "\\udce4\\u00e9"\n  }\n]\n'
    with pytest.raises(ValueError, match="JSON"):
        to_json([{"x": float("nan")}])
