from dataclasses import replace

import numpy as np
import pytest

from tcpwin.analysis.claims import WORDS
from tcpwin.analysis.claims.case import SHOWN, counted
from tcpwin.analysis.facts import Facts
from tcpwin.analysis.findings import CAUSES
from tcpwin.analysis.grouped import NEVER
from tcpwin.diagnosis import CaptureDiagnosis
from tests.analysis.build import down, handshake, packets, up
from tests.analysis.claims.told import case
from tests.conftest import FIXTURES
from tests.truth import diagnose

DOWN = ("handmade-99-percent.pcapng.gz", "reopened-silent")
UP = ("upload-pausing-server.client.pcapng.gz", "zero-window")


def test_every_cause_has_words() -> None:
    assert set(WORDS) == set(CAUSES) - {"healthy"}


def test_one_is_no_plural() -> None:
    assert [counted(n, "segment") for n in (0, 1, 2_000)] == [
        "0 segments",
        "1 segment",
        "2,000 segments",
    ]


@pytest.mark.parametrize(
    ("name", "cause", "sender", "way", "other_end"),
    [(*DOWN, "the server", "server->client", "the server"),
     (*UP, "the client", "client->server", "the server")],
)  # fmt: skip
def test_who_sends_and_where_to_capture_next(
    name: str, cause: str, sender: str, way: str, other_end: str
) -> None:
    """Both captures were taken at the client: only the server's would tell more."""
    own = case(diagnose(FIXTURES / name)[0], cause)
    assert own.vantage == "client"
    assert (own.sender, own.way, own.other_end) == (sender, way, other_end)
    assert own.receiver != own.sender
    assert own.back == "->".join(reversed(own.way.split("->")))


def test_no_more_frames_than_a_line_holds() -> None:
    own = case(diagnose(FIXTURES / DOWN[0])[0], DOWN[1])
    start = own.stream.start
    assert own.frames(np.arange(start, start + SHOWN + 40)) == tuple(range(1, SHOWN + 1))
    assert own.frames(NEVER) == ()
    assert own.evidence("nothing", np.array([], np.int64)) == ()


def test_where_to_capture() -> None:
    own = case(diagnose(FIXTURES / DOWN[0])[0], DOWN[1])
    assert own.capture_at("the server", 3) == (
        "capture at the server with the filter 'host 192.0.2.20 and host 192.0.2.30 and tcp port "
        "80' for 10 s or more"
    )
    assert own.capture_at("x").endswith("for 2 min 6 s or more")  # twice what was lost


def test_replies_to_probes() -> None:
    own = case(diagnose(FIXTURES / "handmade-dead-reader.pcapng")[0], "zero-window")
    asks = np.array([2, 4, 6])  # frames 3, 5, 7
    assert own.frames(own.replies(asks, of_sender=False)) == (4, 6, 8)
    assert own.frames(own.replies(asks, of_sender=False, until=6)) == (4, 6)
    assert own.frames(own.replies(asks, of_sender=True)) == (5, 7)
    assert own.gaps(np.array([1, 2, 4, 6])) == "3.41, 6.78, 13.5 s"
    assert own.so_far == " so far"
    assert own.until == "to the end of the capture"
    assert own.rtt == "an unknown RTT"


def test_a_long_ladder_is_cut() -> None:
    own = case(diagnose(FIXTURES / DOWN[0])[0], DOWN[1])
    assert own.gaps(np.arange(7)).count(",") == 5
    assert own.gaps(np.arange(8)).endswith(", … s")


def test_words_of_one_stream_stay_in_it() -> None:
    """Two closed windows at the same time, their packets mixed."""
    one = [
        *handshake(rtt_ms=20, mss=1000),
        down(1, len=1000, ms=30),
        up(1, ack=1001, ms=30.1, window=0),
        down(1000, len=0, ms=500),
        up(1, ack=1001, ms=520, window=0),
    ]
    rows = [replace(row, stream=n) for row in one for n in (0, 1)]
    facts = Facts(packets(rows))
    for said in CaptureDiagnosis(facts, {}):
        (finding,) = said.findings
        frames = {n for item in finding.evidence for n in item.frames}
        assert frames == {number for number in range(9, 15) if number % 2 != said.stream}
