import json

import pytest

from tcpwin.analysis.claims import Evidence
from tcpwin.diagnosis import Finding, Verdict, frame_filter

FINDING = Finding(
    cause="zero-window",
    blame="receiver",
    flow="server->client",
    start_s=0.1 + 0.2,
    end_s=23.7,
    open=True,
    lost_s=23.4,
    first_frame=2,
    last_frame=8,
    confidence="proven",
    claim="Closed.",
    evidence=(Evidence("zero", (8, 2, 4)), Evidence("probes", (3, 5, 4))),
    refuted_by="an update",
    next_step="look",
)


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        ([], "frame.number == 0"),
        ([7], "frame.number in {7}"),
        ([9, 3, 8, 7, 3], "frame.number in {3, 7..9}"),
        ([1, 2, 4], "frame.number in {1..2, 4}"),
    ],
)
def test_filter(frames: list[int], text: str) -> None:
    assert frame_filter(frames) == text


def test_keys_are_those_of_the_definitions() -> None:
    data = FINDING.to_dict()
    assert list(data) == [
        "cause", "blame", "flow", "start_s", "end_s", "open", "lost_s", "first_frame",
        "last_frame", "confidence", "claim", "evidence", "refuted_by", "next_step", "filter",
    ]  # fmt: skip
    assert data["evidence"][0] == {"text": "zero", "frames": [8, 2, 4]}
    assert data["filter"] == "frame.number in {2..5, 8}"
    assert data["start_s"] == 0.3  # to the nanosecond, no noise of floats
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_verdict() -> None:
    verdict = Verdict("rto", "path", "server->client", 1.8, 0.4449, "proven", "Lost.")
    assert verdict.title == "rto - path, 1.8 s lost (44%) [proven]"
    assert list(verdict.to_dict()) == [
        "cause", "blame", "flow", "lost_s", "share", "confidence", "claim",
    ]  # fmt: skip
    free = Verdict("reset", "sender", "server->client", 0.0, 0.0, "proven", "Reset.")
    assert free.title == "reset - sender [proven]"
    assert Verdict("healthy", "none", None, 0.0, 0.0, "likely", "").title == "healthy"
