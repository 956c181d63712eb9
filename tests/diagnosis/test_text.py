import pytest

from tcpwin.diagnosis.text import FRAMES, WIDTH
from tests.conftest import FIXTURES
from tests.truth import diagnose

SCREEN = 45
NAMES = [
    "handmade-99-percent.pcapng.gz",
    "stop99-app-fin.client.pcapng.gz",
    "derived-no-syn-stop99.client.pcapng.gz",
    "burst-rto.server.pcapng.gz",
    "path-mtu-icmp.server.pcapng",
    "lost-updates.client.pcapng.gz",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_screen_of_80_columns(name: str) -> None:
    for said in diagnose(FIXTURES / name):
        assert len(said.text().splitlines()) <= SCREEN
        for verbose in (False, True):
            for line in said.text(verbose=verbose).splitlines():
                assert len(line) <= WIDTH or line.startswith("   frame.number")
                assert line == line.rstrip()


def test_the_story_in_words() -> None:
    said = diagnose(FIXTURES / NAMES[0])[0]
    lines = str(said).splitlines()
    assert lines[0] == "Stream 0  192.0.2.20:40200 -> 192.0.2.30:80"
    assert lines[1] == "1 min 4 s, 4,123 packets, captured at: client"
    assert lines[3] == "Verdict: reopened-silent - undecidable, 1 min 3 s lost (98%) [likely]"
    flat = " ".join(str(said).split())
    assert "1. reopened-silent server->client, 1.037 s to the end [likely]" in flat
    assert "the window is not the cause" in flat
    assert "had reopened 41 times before" in flat
    assert "still owes 35,300 bytes" in flat
    assert flat.count("Next: capture at the server") == 1
    assert said.findings[-1].filter in str(said)


def test_verbose_tells_all() -> None:
    said = diagnose(FIXTURES / "slow-reader.client.pcapng.gz")[0]
    left = len(said.findings) - len(said.that_matter())
    assert left > 0
    assert f"… and {left} more finding" in said.text()
    full = said.text(verbose=True)
    assert "more finding" not in full
    assert full.count("Refuted by: ") == len(said.findings)
    assert all(finding.filter in full for finding in said.findings)
    assert "Refuted by" not in said.text()


def test_many_frames_are_cut() -> None:
    text = diagnose(FIXTURES / NAMES[0])[0].text()
    assert "(frame 105, 203, 301, 399 …)" in " ".join(text.split())
    assert FRAMES == 4


def test_healthy_is_short() -> None:
    said = diagnose(FIXTURES / NAMES[0])[1]
    assert said.text().splitlines()[3:] == [
        "Verdict: healthy",
        "  Nothing cost noticeable time in 18.5 ms.",
    ]


def test_the_capture_is_named() -> None:
    text = diagnose(FIXTURES / "handmade-dead-reader.pcapng")[0].text()
    assert "  Capture: no-syn: the handshake is missing" in text
    assert text.splitlines()[-1].strip().endswith(".")
