"""A capture is looked at again only if its bytes show HTTP or an ICMP error about TCP."""

import gzip
from pathlib import Path

import pytest

from fixtures.lab.frames import too_big
from tcpwin.tshark import glance
from tcpwin.tshark.glance import may_tell_more
from tests.conftest import FIXTURES
from tests.tshark.wire import save, talk

SSDP = b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n"


def packet_too_big() -> bytes:
    """ICMPv6 "packet too big" from a router, about a TCP segment."""
    quoted = bytes.fromhex("60000000 0014 06 40") + bytes(32) + bytes(20)
    error = b"\x02\0\0\0\0\0\x05\0" + quoted
    head = bytes.fromhex("60000000") + len(error).to_bytes(2, "big") + b"\x3a\x40" + bytes(32)
    return b"\x02" * 12 + b"\x86\xdd" + head + error


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("handmade-99-percent.pcapng.gz", True),
        ("path-mtu-icmp.server.pcapng", True),
        ("handmade-recovery.pcapng", False),
    ],
)
def test_of_fixtures(name: str, expected: bool) -> None:
    assert may_tell_more(FIXTURES / name) is expected


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        (talk((True, b"EHLO lab\r\n")), False),
        (talk((True, SSDP)), False),
        (talk((True, SSDP), (True, b"GET / HTTP/1.1\r\n\r\n")), True),
        ([too_big(talk()[0], 1400, "192.0.2.1")], True),
        ([packet_too_big()], True),
    ],
)
def test_of_frames(tmp_path: Path, frames: list[bytes], expected: bool) -> None:
    # Padding, so that no sign lies in the last bytes of the file by chance.
    assert may_tell_more(save(tmp_path / "x.pcapng", [*frames, bytes(100)])) is expected
    assert may_tell_more(save(tmp_path / "x.pcapng.gz", [*frames, bytes(100)])) is expected


def test_sign_across_two_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glance, "_PIECE", 1 << 10)
    path = tmp_path / "x.pcap"
    for shift in range(8):
        path.write_bytes(bytes((1 << 10) - shift) + b"HTTP/1.1" + bytes(5000))
        assert may_tell_more(path)


def test_what_cannot_be_unpacked_is_left_to_tshark(tmp_path: Path) -> None:
    whole = gzip.compress(bytes(range(256)) * 100)
    for name, data in {
        "cut": whole[:-20],
        "bad": whole[:30] + b"x" * 50,
        "zst": b"\x28\xb5\x2f\xfd12",
    }.items():
        (tmp_path / name).write_bytes(data)
        assert may_tell_more(tmp_path / name)
