import json
import warnings
from functools import cache
from importlib.metadata import version

import tcpwin
from tcpwin.diagnosis import CaptureDiagnosis
from tcpwin.errors import TcpwinWarning
from tests.conftest import FIXTURES


@cache
def diagnosis(name: str) -> CaptureDiagnosis:
    with warnings.catch_warnings(action="ignore", category=TcpwinWarning):
        return tcpwin.read(FIXTURES / name, progress=False).diagnose()


def test_json() -> None:
    name = "handmade-99-percent.pcapng.gz"
    data = diagnosis(name).to_dict()
    assert list(data) == ["tcpwin", "tshark", "capture", "streams"]
    assert list(data["capture"]) == ["path", "packets", "streams", "duration_s", "artefacts"]
    assert data["tcpwin"] == version("tcpwin")
    assert data["capture"]["path"].endswith(name)
    assert data["capture"]["packets"] == sum(stream["packets"] for stream in data["streams"])
    assert data["capture"]["streams"] == len(data["streams"]) == 3
    assert [stream["stream"] for stream in data["streams"]] == [0, 1, 2]
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_streams() -> None:
    said = diagnosis("many-streams.client.pcapng.gz")
    assert len(said) == len(said.streams) == len(list(said)) > 5
    assert [stream.stream for stream in said] == sorted(stream.stream for stream in said)
    assert said.streams is said.streams  # worked out once


def test_causes_are_verdicts_and_findings() -> None:
    said = diagnosis("handmade-recovery.pcapng")
    assert said.causes == {"healthy", "zero-window"}


def test_artefacts() -> None:
    (twice,) = diagnosis("derived-mirror-twice.client.pcapng.gz").artefacts
    assert list(twice) == ["artefact", "flow", "count", "claim"]
    assert twice["artefact"] == "mirror-duplicates"
    assert twice["claim"].startswith(f"{twice['count']:,} packets were captured twice")
    cut = diagnosis("derived-file-cut.client.pcapng").artefacts
    assert [(a["artefact"], a["count"]) for a in cut] == [("truncated", 1)]
    assert "ends in the middle of a packet" in cut[0]["claim"]
