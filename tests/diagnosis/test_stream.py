import html
import json

import pytest

from tcpwin.analysis import FLOWS, LIMITERS
from tests.conftest import FIXTURES
from tests.truth import diagnose

NAMES = [
    "handmade-99-percent.pcapng.gz",
    "handmade-dead-reader.pcapng",
    "syn-unanswered.client.pcapng",  # no RTT, no data
    "derived-one-sided-acks.client.pcapng",
    "stop99-app-fin.client.pcapng.gz",
    "reset-by-server.client.pcapng",
]
KEYS = ["stream", "client", "server", "duration_s", "packets", "vantage", "verdict", "findings",
        "artefacts", "flows"]  # fmt: skip
FLOW_KEYS = [
    "bytes", "segments", "retransmitted_segments", "retransmitted_bytes", "lost_segments",
    "reordered_segments", "zero_window_s", "zero_window_episodes", "probes", "min_window_bytes",
    "max_window_bytes", "max_flight_bytes", "scale", "scale_source", "rtt_ms", "stalled_s",
    "limits",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_json(name: str) -> None:
    for said in diagnose(FIXTURES / name):
        data = said.to_dict()
        assert json.loads(json.dumps(data, allow_nan=False)) == data
        assert list(data) == KEYS
        assert list(data["flows"]) == list(FLOWS)
        for flow in data["flows"].values():
            assert list(flow) == FLOW_KEYS
            assert list(flow["rtt_ms"]) == ["min", "median", "p95"]
            assert tuple(flow["limits"]) == LIMITERS
            seconds = sum(limit["seconds"] for limit in flow["limits"].values())
            assert seconds == pytest.approx(said.duration_s, abs=1e-6)
            assert flow["scale_source"] in ("syn", "inferred", "lower_bound", "unknown")


@pytest.mark.parametrize("name", NAMES)
def test_the_finding_of_the_verdict(name: str) -> None:
    for said in diagnose(FIXTURES / name):
        verdict, finding = said.verdict, said.finding
        if verdict.cause == "healthy":
            assert finding is None
        else:
            assert finding in said.findings
            assert (finding.cause, finding.flow) == (verdict.cause, verdict.flow)
            assert finding.claim in verdict.claim


def test_what_is_not_known_is_null() -> None:
    flow = diagnose(FIXTURES / "syn-unanswered.client.pcapng")[0].flows["client->server"]
    assert flow["rtt_ms"] == {"min": None, "median": None, "p95": None}
    assert flow["max_window_bytes"] is None


def test_the_download_that_stops() -> None:
    said = diagnose(FIXTURES / NAMES[0])[0]
    assert (said.client, said.server) == ("192.0.2.20:40200", "192.0.2.30:80")
    assert (said.stream, said.packets, said.vantage) == (0, 4123, "client")
    assert said.verdict.cause == "reopened-silent"
    assert said.verdict.claim == said.findings[-1].claim
    assert said.verdict.share == pytest.approx(said.findings[-1].lost_s / said.duration_s)
    assert said.flows["server->client"]["bytes"] > 3_494_400
    assert said.artefacts == ()


def test_the_same_cause_again_is_counted() -> None:
    said = diagnose(FIXTURES / "slow-reader.client.pcapng.gz")[0]
    own = [finding for finding in said.findings if finding.cause == "zero-window"]
    assert len(own) > 1
    longest = max(own, key=lambda finding: finding.lost_s)
    assert said.verdict.claim.startswith(f"{len(own)} times, ")
    assert said.verdict.claim.endswith(f"The longest: {longest.claim}")
    assert said.verdict.lost_s == pytest.approx(sum(finding.lost_s for finding in own))
    assert [f.cause for f in said.that_matter()].count("zero-window") == 1
    assert said.that_matter()[0] is longest


def test_times_count_from_the_start_of_the_stream() -> None:
    finding = diagnose(FIXTURES / NAMES[1])[0].findings[0]
    assert finding.start_s == pytest.approx(0.0002, abs=0.0003)
    assert finding.end_s == pytest.approx(23.7315, abs=0.001)
    assert (finding.first_frame, finding.last_frame, finding.open) == (1, 8, True)


@pytest.mark.parametrize("name", NAMES)
def test_evidence_lies_in_the_stream(name: str) -> None:
    for said in diagnose(FIXTURES / name):
        packets = said.facts.segments.packets
        own = set(packets.loc[packets["stream"] == said.stream, "frame"])
        for finding in said.findings:
            assert finding.evidence
            assert {n for item in finding.evidence for n in item.frames} <= own
            assert {finding.first_frame, finding.last_frame} <= own


def test_html_is_escaped() -> None:
    said = diagnose(FIXTURES / NAMES[0])[0]
    shown = said._repr_html_()
    assert shown.removeprefix("<pre>").removesuffix("</pre>") == html.escape(str(said))
    assert "server->client" not in shown
    assert "server-&gt;client" in shown
