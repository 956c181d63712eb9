import pytest

from tcpwin.analysis.ends.words import span
from tcpwin.diagnosis import Compared
from tests.analysis.build import down, up
from tests.analysis.ends.test_verdicts import NEXT, SENT, dying
from tests.analysis.ends.views import MSS, ends


@pytest.mark.parametrize(
    ("frames", "total", "text"),
    [
        ((7,), 1, "frame 7"),
        (tuple(range(1301, 1313)), 12, "frames 1,301–1,312"),
        ((3, 9, 12), 3, "frames 3, 9, 12"),
        ((5, 6, 9, 20, 51), 5, "5 packets in frames 5–51"),
        (tuple(range(100)), 5000, "5,000 packets from frame 0 on"),
    ],
)
def test_span(frames: tuple[int, ...], total: int, text: str) -> None:
    assert span(frames, total) == text


def test_the_path_there_is_named_with_the_frames_that_it_swallowed() -> None:
    worked = ends(dying(5), set(range(12, 17)))
    (finding,) = Compared(worked).findings
    frames = worked.flows[1]["lost_frames"]
    assert finding.claim.startswith(f"The server sent {span(tuple(frames), 5)}; none reached")
    assert "the path server->client swallows them" in finding.claim
    evidence = {(e.capture, e.frames) for e in finding.told.evidence}
    assert ("server", tuple(frames)) in evidence
    assert "another capture at the client" in finding.told.refuted_by
    assert "routers and firewalls on the way server->client" in finding.told.next_step


def test_the_path_back_is_named_with_the_acks_that_it_swallowed() -> None:
    acks = [up(101, NEXT + MSS, ms=70.2 + 300 * (2**n - 1), window=50_000, ip_id=700 + n)
            for n in range(5)]  # fmt: skip
    worked = ends([*dying(5), *acks], set(range(17, 22)))
    (finding,) = Compared(worked).findings
    assert "The client acknowledged what came in" in finding.claim
    assert "the path client->server swallows them" in finding.claim


def test_a_sender_that_pauses_is_told_with_the_window_that_it_had() -> None:
    more = [down(NEXT, 101, MSS, ms=30 + n, window=50_000, ip_id=800) for n in (0.5,)]
    worked = ends([*SENT, *more, down(NEXT + MSS, 101, MSS, ms=3000, window=50_000, ip_id=900),
                   up(101, NEXT + MSS, ms=40.8, window=50_000, ip_id=901)])  # fmt: skip
    told = [f for f in Compared(worked).findings if f.cause in ("sender-idle", "peer-idle")]
    assert len(told) == 1
    assert "All that the server sent had come" in told[0].claim
