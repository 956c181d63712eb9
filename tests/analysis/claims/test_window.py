from tests.analysis.build import down, handshake, up
from tests.analysis.claims.told import found, frames, made, told
from tests.conftest import FIXTURES
from tests.truth import diagnose


def test_dead_reader() -> None:
    """Story 2: probes answered with zero; the application is the cause, the path is alive."""
    finding = told("handmade-dead-reader.pcapng", "zero-window")
    assert finding.claim.startswith("The receive window of the client was closed for 23.7 s so far")
    assert "its application did not read" in finding.claim
    ladder = "3 window probes of the server, 3.41, 6.78, 13.5 s apart"
    assert frames(finding, ladder) == (3, 5, 7)
    alive = "each probe was answered with the window still closed: the path works in both"
    assert frames(finding, alive) == (4, 6, 8)
    assert finding.filter == "frame.number in {2..8}"
    assert "process on the client" in finding.next_step


def test_harmless() -> None:
    """Story 2: the window sinks to 0 and reopens after 10 ms."""
    finding = told("handmade-recovery.pcapng", "zero-window")
    assert finding.claim == (
        "The window of the client was 0 for 10 ms; data resumed by itself, so this was harmless."
    )
    assert frames(finding, "reopened to 64,240 bytes") == (5,)
    assert frames(finding, "data resumed 229 µs later") == (6,)
    assert finding.next_step == "nothing to do"


def test_one_probe_without_an_answer() -> None:
    rows = [
        *handshake(rtt_ms=20, mss=1000),
        down(1, len=1000, ms=30),
        up(1, ack=1001, ms=30.1, window=0),
        down(1000, len=0, ms=500),
    ]
    finding = found(made(rows, after_s=2), "zero-window")
    assert frames(finding, "1 window probe of the server, 0.47 s apart") == (6,)
    assert not any("path works" in item.text for item in finding.evidence)


def test_silly_window() -> None:
    finding = told("handmade-silly-window.pcapng", "small-window")
    assert "less than one segment of 1,460 bytes" in finding.claim
    assert finding.claim.endswith("(100 bytes): silly window.")
    assert "(576 to 1,110 bytes)" in told("tiny-buffer.server.pcapng", "small-window").claim
    assert frames(finding, "window of 100 bytes announced")[:3] == (6, 8, 10)


def test_window_of_one_round_trip() -> None:
    finding = told("small-buffer.server.pcapng", "receive-window")
    said = diagnose(FIXTURES / "small-buffer.server.pcapng")[0]
    assert "at most 8,688 bytes" in finding.claim
    assert "one window per round trip (100 ms)" in finding.claim
    assert f"{finding.lost_s / said.duration_s:.0%} of the time" in finding.claim
    assert "receive buffer of the client" in finding.next_step


def test_lost_update() -> None:
    """The receiver's update is seen; the sender goes on probing."""
    finding = told("lost-updates.client.pcapng.gz", "window-update-lost")
    assert "reopened its window to 40,544 bytes in frame 161" in finding.claim
    assert finding.claim.endswith("the path client->server lost the update.")
    assert frames(finding, "3 probes sent after that") == (162, 164, 166)
    assert finding.next_step.startswith("capture at the server")
