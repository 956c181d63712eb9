"""A display filter picks whole streams."""

from __future__ import annotations

from pathlib import Path

import pytest

from tcpwin.errors import CaptureError, FilterError, TcpwinWarning
from tcpwin.tshark import find_tshark, read_packets
from tcpwin.tshark.streams import matching_streams
from tests.tshark.packets import eth, ip4, save, talk, tcp, unreachable

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
HELLO = b"\x16\3\1\0\x2d\1\0\0\x29\3\3" + bytes(32) + b"\0\0\2\0\x2f\1\0"
STREAMS = [
    talk(5000, 80, (True, GET), (False, OK[:30]), (False, OK[30:])),
    talk(5001, 443, (True, HELLO)),
    talk(5002, 7777, (True, b"x"), (False, b"y")),
    talk(5003, 1080, (True, b"\5\1\0"), (False, b"\5\0"), (True, b"\5\1\0\1\1\2\3\4\1\xbb"),
         (False, b"\5\0\0\1\1\2\3\4\1\xbb"), (True, HELLO), (False, HELLO)),
    talk(5004, 81, (True, b"z")),
]  # fmt: skip


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Four streams packet by packet in turn, an ICMP error about the third, then a fifth."""
    frames = [stream[turn] for turn in range(8) for stream in STREAMS[:4] if turn < len(stream)]
    frames.append(eth(unreachable(ip4(tcp(b"", 5002, 7777)))))
    return save(tmp_path / "x.pcap", frames + STREAMS[4])


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("http.request", [5000]),
        ("http.response", [5000]),
        ("tls.handshake && tcp.port == 443", [5001]),
        ("http or tcp.port == 7777", [5000, 5002]),
        ("tcp.srcport==5000||tcp.srcport==5001", [5000, 5001]),
        ("tcp.stream == 1", [5001]),
        (" tcp.stream eq 0 or tcp.stream==2 ", [5000, 5002]),
        ("tcp.stream == 01", [5001]),
        ("tcp.flags.syn == 1", [5000, 5001, 5002, 5003, 5004]),
        ("icmp", [5002]),
        ("frame contains \"z\"", [5004]),
        ("tcp.dstport == 81", [5004]),
        ("  ", [5000, 5001, 5002, 5003, 5004]),
        ("not http\nand not tls and tcp.port != 1080", [5000, 5001, 5002, 5004]),
    ],
)  # fmt: skip
def test_streams_are_kept_whole(text: str, ports: list[int], capture: Path, tshark: Path) -> None:
    packets = read_packets(capture, tshark=tshark, display_filter=text).packets
    seen = packets.assign(port=packets[["src_port", "dst_port"]].max(axis=1))
    seen["port"] = packets[["src_port", "dst_port"]].apply(
        lambda row: next(p for p in row if 5000 <= p < 5010), axis=1
    )
    whole = {port: len(stream) for port, stream in zip(range(5000, 5005), STREAMS, strict=True)}
    assert seen.groupby("port").size().to_dict() == {port: whole[port] for port in ports}
    assert packets["frame"].is_monotonic_increasing


def test_numbers_are_those_of_wireshark(capture: Path, tshark: Path) -> None:
    everything = read_packets(capture, tshark=tshark).packets
    number = everything.loc[everything["dst_port"] == 81, "stream"].iloc[0]
    assert number == 5  # SOCKS takes one for itself
    chosen = read_packets(capture, tshark=tshark, display_filter=f"tcp.stream == {number}").packets
    assert set(chosen["dst_port"]) == {81, 5004}


@pytest.mark.parametrize(
    "text",
    [
        "tcp.prot == 80",
        "tcp.port ==",
        "tcp.port == 80) or (tcp",
        "(((",
        "-x",
        "--version",
        "'",
        '"',
        "`id`; $(id)",
        "tcp\0",
        "tcp.port == \x1b[2J",
        "tcp.stream == 99999999999999999999",
        "é" * 5000,
    ],
)
def test_a_broken_filter_is_named_in_one_line(text: str, capture: Path, tshark: Path) -> None:
    with pytest.raises(FilterError) as error:
        read_packets(capture, tshark=tshark, display_filter=text)
    assert str(error.value).isprintable()
    assert "filter" in str(error.value)


def test_the_mistake_is_named(capture: Path, tshark: Path) -> None:
    with pytest.raises(FilterError, match=r"tcp\.prot; correct|tcp\.prot. is not a valid"):
        read_packets(capture, tshark=tshark, display_filter="tcp.prot == 80")


@pytest.mark.parametrize("text", ["tcp.port == 9", "tcp.stream == 77", "udp", "frame.number == 0"])
def test_a_filter_that_matches_nothing(text: str, capture: Path, tshark: Path) -> None:
    with pytest.raises(CaptureError, match=r"of x\.pcap matches: it has 0–5; widen the filter"):
        read_packets(capture, tshark=tshark, display_filter=text)


def test_a_filter_on_a_cut_capture(capture: Path, tshark: Path) -> None:
    capture.write_bytes(capture.read_bytes()[:-10])
    with pytest.warns(TcpwinWarning, match="cut short") as warned:
        packets = read_packets(capture, tshark=tshark, display_filter="http").packets
    assert len(warned) == 1
    assert len(packets) == len(STREAMS[0])


def test_decode_as_reaches_the_filter(capture: Path, tshark: Path) -> None:
    streams = matching_streams(
        capture, find_tshark(tshark), "echo", decode_as={"tcp.port==7777": "echo"}
    )
    assert streams.tolist() == [2]
