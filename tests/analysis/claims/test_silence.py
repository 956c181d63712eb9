import numpy as np
import pytest

from tcpwin.analysis.claims.silence import reopenings
from tests.analysis.claims.told import case, frames, told
from tests.conftest import FIXTURES
from tests.truth import diagnose

STOP = "handmade-99-percent.pcapng.gz"


def test_the_download_that_stops_at_99_percent() -> None:
    """Story 1: the window is exonerated, and a capture at the server would decide."""
    finding = told(STOP, "reopened-silent")
    assert finding.claim == (
        "The server sent nothing for 1 min 3 s so far although the window had reopened: the "
        "window is not the cause; a silent server and a path that swallows its packets look "
        "alike from here."
    )
    usable = "the window is 103,936 bytes and 103,936 bytes of it are usable; nothing is in flight"
    assert frames(finding, usable) == (4122, 4123)
    before = "the window had reopened 41 times before; data resumed within 23.1 ms each time"
    assert len(frames(finding, before)) == 41
    assert frames(finding, "the server still owes 35,300 bytes of 3.53 MB (Content-Length)") == (6,)
    assert finding.next_step.startswith("capture at the server with the filter 'host 192.0.2.20 ")
    assert "for 2 min 6 s or more" in finding.next_step


def test_earlier_reopenings() -> None:
    said = diagnose(FIXTURES / STOP)[0]
    own = case(said, "reopened-silent")
    rows, resumes = reopenings(own)
    assert len(rows) == 41
    assert resumes.max() == pytest.approx(23.11e6, rel=1e-3)
    assert (resumes > 0).all()
    lengths = said.facts.segments.length[rows]
    assert not lengths.any()
    assert (np.diff(rows) > 0).all()
    assert rows[-1] < own.rows.start


@pytest.mark.parametrize(
    ("name", "cause", "text"),
    [
        ("stop99-app-keepalive.client.pcapng.gz", "reopened-silent", "was answered"),
        ("stop99-app-fin.client.pcapng.gz", "reopened-silent", "was answered"),
        ("stop99-data-dies-keepalive.client.pcapng.gz", "reopened-silent", "was not answered"),
    ],
)
def test_what_the_client_asked_meanwhile(name: str, cause: str, text: str) -> None:
    what = "FIN" if "fin" in name else "keep-alive"
    assert frames(told(name, cause), f"a {what} of the client meanwhile {text}")


def test_at_the_server_its_application_is_silent() -> None:
    finding = told("stop99-app.server.pcapng.gz", "sender-idle")
    assert (finding.blame, finding.open) == ("sender", True)
    assert finding.claim.startswith("The server was silent for 20 s so far: the window was open")
    assert "cannot be told" not in finding.claim
    assert finding.next_step.startswith("look into the application on the server")


def test_from_the_client_it_cannot_be_told() -> None:
    finding = told("path-dead.client.pcapng", "sender-idle")
    assert finding.blame == "undecidable"
    assert finding.claim.endswith("cannot be told from here.")
    assert "if it shows data or retransmissions, the path swallows them" in finding.next_step


def test_who_resumes_is_said() -> None:
    finding = told("server-think-first.server.pcapng", "sender-idle")
    assert finding.claim.startswith("The server took ")
    assert " before it answered and resumed by itself in frame " in finding.claim
    assert " paused for " in told("server-think.server.pcapng.gz", "sender-idle").claim


def test_the_client_thinks() -> None:
    finding = told("client-think.client.pcapng", "peer-idle")
    assert finding.claim.startswith("The client took 1.5 s for its next request")
    assert frames(finding, "the next request") == (88,)


def test_complete_and_not_closed() -> None:
    finding = told("complete-waiting.client.pcapng", "complete-waiting")
    assert "complete (all of its Content-Length was delivered and acknowledged)" in finding.claim
    assert finding.open
    assert not any("owes" in item.text for item in finding.evidence)


def test_unknown_says_so() -> None:
    finding = told("derived-one-sided-unknown.client.pcapng", "unknown")
    assert finding.claim.endswith("from frame 103 on, and nothing in the capture tells why.")
    assert finding.next_step.startswith("capture at both ends")
