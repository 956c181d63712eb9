import pytest

from tests.analysis.build import ACK, PSH, RST, SYN, P, down, handshake, up
from tests.analysis.claims.told import found, frames, made, told


def test_nagle_and_the_delayed_ack() -> None:
    finding = told("delayed-ack.client.pcapng", "delayed-ack")
    assert finding.claim.startswith("The client held back small data until")
    assert ", 14 times, 609 ms in all: Nagle's algorithm waits for the delayed ACK of the " in (
        finding.claim
    )
    assert frames(finding, "its ACK") == (10,)
    assert finding.next_step.startswith("set TCP_NODELAY on the socket of the client")


@pytest.mark.parametrize(
    ("end", "blame", "owed", "frame"),
    [("client", "receiver", "298,640", 140), ("server", "sender", "250,000", 211)],
)
def test_who_reset_what(end: str, blame: str, owed: str, frame: int) -> None:
    finding = told(f"reset-by-{end}.client.pcapng", "reset")
    assert finding.claim == f"The {end} reset the connection while {owed} bytes were owed."
    assert finding.blame == blame
    assert [(item.text, item.frames) for item in finding.evidence] == [("the reset", (frame,))]
    assert f"application on the {end}" in finding.next_step


def test_refused() -> None:
    rows = [P(True, 0, flags=SYN, ms=0), P(False, 0, 1, flags=RST | ACK, ms=20)]
    finding = found(made(rows), "reset")
    assert finding.claim == "The server refused the connection with a reset."
    assert "whether anything listens on that port of the server" in finding.next_step


@pytest.mark.parametrize(("ttl", "strange"), [(64, False), (250, True)])
def test_a_reset_of_a_device_on_the_path(ttl: int, strange: bool) -> None:
    """Its TTL is not that of the host it claims to come from."""
    rows = [
        *handshake(rtt_ms=20),
        up(1, len=100, ms=21, flags=ACK | PSH),
        down(1, ack=101, len=1460, ms=41),
        up(101, ack=1461, ms=41.1),
        down(1461, ack=101, len=1460, ms=42),
        P(False, 2921, 101, flags=RST | ACK, ms=43, ttl=ttl),
    ]
    finding = found(made(rows), "reset")
    assert "1,460 bytes were not acknowledged" in finding.claim
    assert any("its TTL is 250, other packets of the server have 64" in item.text
               for item in finding.evidence) is strange  # fmt: skip
    assert ("firewall on the path" in finding.next_step) is strange
