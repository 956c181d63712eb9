"""Every cell equals what plain tshark and pyshark's own packets say."""

from __future__ import annotations

import asyncio
import os
import struct
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pyshark
import pytest
from pyshark.capture.capture import TSharkCrashException

from tcpwin.errors import TcpwinWarning
from tcpwin.tshark import read_packets
from tcpwin.tshark.command import PINNED
from tests.conftest import FIXTURES
from tests.tshark.oracle import differences, laws, plain_rows
from tests.tshark.packets import (
    ACK,
    RAW_IP,
    SYN,
    UDP,
    A,
    B,
    eth,
    gre,
    ip4,
    ip6,
    save,
    talk,
    tcp,
    udp,
    unreachable,
    unreachable6,
    vxlan,
)

SUFFIXES = (".pcap", ".pcapng", ".gz", ".snoop")
RECORDED = sorted(path for path in FIXTURES.iterdir() if path.name.endswith(SUFFIXES))
PUBLIC_FOLDER = Path(os.environ.get("TCPWIN_CAPTURES", FIXTURES.parents[1] / "shared" / "captures"))
PUBLIC = sorted(p for p in PUBLIC_FOLDER.glob("*") if p.suffix not in (".md", ".txt"))

segment = tcp(b"hello")
sack = bytes([8, 10]) + struct.pack("!II", 5, 6)
sack += bytes([5, 18]) + struct.pack("!IIII", 150, 160, 170, 180)
full = eth(ip4(tcp(b"x" * 50, options=sack)))
inner = eth(ip4(segment, src="192.0.2.9"))
hello = b"\x16\3\1\0\x2d\1\0\0\x29\3\3" + bytes(32) + b"\0\0\2\0\x2f\1\0"
multipath = bytes([30, 12, 0, 0x81, *range(8)])
SIX = ["::", "::1", "::ffff", "::1:0", "::1.2.3.4", "::ffff:1.2.3.4", "64:ff9b::1.2.3.4",
       "2001:db8:0:1:1:1:1:1", "1:0:0:2:0:0:0:3", "1:0:0:2:3:0:0:4", "fe80::", "ff02::1",
       "::ffff:0:1.2.3.4", "0:1:2:3:4:5:6:7", "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:0:0"]  # fmt: skip
connect = b"\5\1\0\1\1\2\3\4\1\xbb"
get, found = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def sflow(samples: int) -> bytes:
    padded = inner + b"\0" * (-len(inner) % 4)
    record = struct.pack("!IIIIII", 1, 16 + len(padded), 1, len(inner) + 4, 4, len(inner)) + padded
    sample = struct.pack("!IIIIIIII", 1, 3, 256, 1000, 0, 1, 2, 1) + record
    sample = struct.pack("!II", 1, len(sample)) + sample
    head = struct.pack("!II4sIIII", 5, 1, bytes([10, 0, 0, 9]), 0, 1, 5000, samples)
    return eth(ip4(udp(head + sample * samples, 6343), proto=UDP))


def openflow() -> bytes:
    """A switch shows its controller a frame: TCP within TCP."""
    body = struct.pack("!IHHBB", 2**32 - 1, len(inner), 1, 0, 0) + inner
    return struct.pack("!BBHI", 1, 10, 8 + len(body), 1) + body


MADE: dict[str, list[Any]] = {
    "tunnels": [
        eth(ip4(tcp(b"", flags=SYN))),
        eth(ip4(ip6(segment), proto=41)),
        eth(ip6(ip4(segment), proto=4), 0x86DD),
        eth(ip4(ip4(segment, src="192.0.2.1"), proto=4)),
        eth(ip6(ip6(segment, src="fe80::9"), proto=41), 0x86DD),
        eth(ip4(gre(ip4(segment, src="192.0.2.1")), proto=47)),
        eth(ip4(gre(ip6(segment), 0x86DD), proto=47)),
        eth(vxlan(eth(ip4(segment, src="192.0.2.2")))),
        eth(vxlan(eth(ip6(segment), 0x86DD))),
        eth(ip6(bytes([6, 0]) + bytes(6) + segment, proto=0), 0x86DD),
    ],
    "vlan-mpls-pppoe": [
        eth(struct.pack("!HH", 5, 0x800) + ip4(segment), 0x8100),
        eth(struct.pack("!HHHH", 5, 0x8100, 6, 0x86DD) + ip6(segment), 0x88A8),
        eth(struct.pack("!I", (100 << 12) | 0x1FF) + ip4(segment), 0x8847),
        eth(struct.pack("!BBHHH", 0x11, 0, 9, 47, 0x21) + ip4(segment), 0x8864),
    ],
    "icmp-quotes": [
        eth(unreachable(ip4(segment))),
        eth(ip4(segment)),
        eth(unreachable6(ip6(segment)), 0x86DD),
        eth(ip4(gre(unreachable(ip4(segment))), proto=47)),
        eth(ip6(segment), 0x86DD),
    ],
    "not-tcp": [eth(bytes(30), 0x806), eth(ip4(udp(b"zz", 9), proto=UDP)), eth(ip4(segment))],
    "one": [eth(ip4(segment))],
    "addresses": [
        eth(ip6(segment, src, dst), 0x86DD)
        for src, dst in zip(SIX, SIX[1:] + SIX[:1], strict=True)
    ] + [eth(ip4(segment, "0.0.0.0", "255.255.255.255"))],
    "options": [
        eth(ip4(tcp(options=b"\2\4\5\xb4\0\3\3\7"))),
        eth(ip4(tcp(options=b"\3\3\x0e\4\2\xfd\6\xf9\x89\1\2", flags=SYN))),
        eth(ip4(tcp(options=b"\1\1\x22\2\x1e\4\0\0\x08\x0a" + bytes(8), flags=SYN | ACK))),
        eth(ip4(tcp(b"xyz", options=b"\5\x0a" + bytes(8) + b"\2\4\0\0"))),
        eth(ip4(tcp(options=b"\0\0\0\0\x08\x0a" + bytes(8), words=8))),
        eth(ip4(tcp(b"payload" * 20, flags=SYN | 0xE0))),
        eth(ip4(tcp(b"y", options=b"\2\4\1\1\1\1\1\x08"))),
    ],
    "broken-off": [
        eth(ip4(tcp(options=b"\x4c\4\0\0\x08\x0a" + bytes(8), flags=SYN))),
        eth(ip4(tcp(options=b"\x08\x0a" + bytes(8), seq=101))),
    ],
    "odd-options": [
        eth(ip4(tcp(options=b"\5\2\x08\x0a" + bytes(8), flags=SYN))),
        eth(ip4(tcp(options=b"\2\4\5\xb4\0\3\3\7"))),
        eth(ip4(tcp(options=b"\x08\x0a" + bytes(8) + b"\x08\x0a" + bytes(8)))),
        eth(ip4(tcp(options=b"\3\3\x0f\2\4\0\0", flags=SYN))),
        eth(ip4(tcp(options=b"\4\2\4\2\x08\4\0\0"))),
        eth(ip4(tcp(options=b"\1\1\1\1\xfd\6\xf9\x89\1\2\x08\x0a"))),
        eth(ip4(tcp(options=b"\1\1\x22\2\x1e\4\0\0", flags=SYN))),
    ],
    "cut-everywhere": [eth(ip4(tcp(flags=SYN)))]
    + [(full[:size], len(full)) for size in range(14, len(full) + 1)],
    "broken-headers": [eth(ip4(tcp(b"y" * n, words=w))) for w in range(16) for n in (0, 3, 30)],
    "short-packets": [eth(ip4(tcp()[:size])) for size in range(21)],
    "fragments": [
        eth(ip4(tcp(b"q" * 100)[:64], ident=7, frag=0x2000)),
        eth(ip4(tcp(b"q" * 100)[64:], ident=7, frag=8)),
        eth(ip4(tcp(b"q" * 100)[:64], ident=8, frag=0x2000)),
        (eth(ip4(tcp(b"q" * 100)[:64], ident=9, frag=0x2000))[:80], 98),
        eth(ip4(tcp(b"q" * 100)[64:], ident=9, frag=8)),
    ],
    "past-4-gib": [
        eth(ip4(tcp(b"", seq=-17, ack=0, flags=SYN))),
        eth(ip4(tcp(b"x" * 32, seq=-16))),
        eth(ip4(tcp(b"x" * 32, seq=16))),
        eth(ip4(tcp(b"x" * 32, seq=-18))),
    ],
    "multipath": [
        eth(ip4(tcp(flags=SYN, seq=0, options=multipath))),
        eth(ip4(tcp(b"", 80, 1234, flags=SYN | ACK, options=multipath), B, A)),
        eth(ip4(tcp(b"x", options=bytes([30, 8, 0x20, 1]) + struct.pack("!I", 1)))),
    ],
    "sflow": [sflow(1), sflow(2), eth(ip4(tcp(b"x", 77)))],
    "openflow": [
        *talk(999, 6653, (True, openflow())),
        *talk(998, 997),
        *talk(44, 6633, (True, openflow())),
    ],
    "socks": [
        *talk(6000, 1080, (True, b"\5\1\0"), (False, b"\5\0"), (True, connect), (False, connect)),
        *talk(6001, 1080, (True, b"\4\1\0\x50\1\2\3\4u\0"), (False, b"\0\x5a\0\x50\1\2\3\4"))[:4],
        *talk(6002, 1080, (True, b"\5\1\0"), (False, b"\5\0"), (True, connect),
              (False, b"\5\0\0" + connect[3:]), (True, hello), (False, hello)),
        *talk(6003, 82, (True, b"x")),
        *talk(6004, 1080, (True, b"\4\1\0\x50\1\2\3\4u\0"), (False, b"\0\x5a\0\x50\1\2\3\4"),
              (True, get), (False, found)),
        *talk(6005, 82, (True, b"x")),
    ],
    "proxy": [
        *talk(5000, 8080, (True, b"CONNECT x.example:443 HTTP/1.1\r\nHost: x.example\r\n\r\n"),
              (False, b"HTTP/1.1 200 OK\r\n\r\n"), (True, hello), (False, hello)),
        *talk(5001, 81, (True, b"x")),
    ],
    "ftp": [
        *talk(7000, 21, (False, b"220 hi\r\n"), (True, b"PASV\r\n"),
              (False, b"227 Entering Passive Mode (10,0,0,2,30,30)\r\n")),
        *talk(7001, 30 * 256 + 30, (True, b"x")),
    ],
}  # fmt: skip


def check(capture: Path, tshark: Path, home: Path) -> None:
    rows = plain_rows(capture, tshark, home)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TcpwinWarning)  # cut captures are among them
        packets = read_packets(capture, tshark=tshark).packets
    assert laws(packets) == []
    assert differences(packets, rows) == []


@pytest.mark.parametrize("capture", RECORDED, ids=lambda path: path.name)
def test_recorded_capture(capture: Path, tshark: Path, tmp_path: Path) -> None:
    check(capture, tshark, tmp_path)


@pytest.mark.parametrize("name", MADE)
def test_made_capture(name: str, tshark: Path, tmp_path: Path) -> None:
    check(save(tmp_path / "made.pcap", MADE[name]), tshark, tmp_path)


def test_without_a_link_layer(tshark: Path, tmp_path: Path) -> None:
    capture = save(tmp_path / "raw.pcap", [ip4(segment), ip6(segment)], link=RAW_IP)
    check(capture, tshark, tmp_path)


@pytest.mark.skipif(not PUBLIC, reason="no public captures in TCPWIN_CAPTURES")
@pytest.mark.parametrize("capture", PUBLIC, ids=lambda path: path.name)
def test_public_capture(capture: Path, tshark: Path, tmp_path: Path) -> None:
    check(capture, tshark, tmp_path)


PYSHARK_FIELDS = {
    "stream": "stream",
    "src_port": "srcport",
    "dst_port": "dstport",
    "seq": "seq",
    "ack": "ack",
    "len": "len",
    "flags": "flags",
    "window_size_value": "window_size_value",
    "window_size": "window_size",
    "window_size_scalefactor": "window_size_scalefactor",
    "mss_val": "options_mss_val",
    "wscale_shift": "options_wscale_shift",
    "tsval": "options_timestamp_tsval",
    "tsecr": "options_timestamp_tsecr",
    "bytes_in_flight": "analysis_bytes_in_flight",
    "push_bytes_sent": "analysis_push_bytes_sent",
    "acks_frame": "analysis_acks_frame",
    "rto_frame": "analysis_rto_frame",
    "duplicate_ack_num": "analysis_duplicate_ack_num",
    "duplicate_ack_frame": "analysis_duplicate_ack_frame",
}
PYSHARK_MARKS = ("retransmission", "zero_window", "window_update", "keep_alive", "duplicate_ack")


def pyshark_rows(capture: Path, tshark: Path) -> list[dict[str, Any]]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    packets = pyshark.FileCapture(
        str(capture), tshark_path=str(tshark), override_prefs=PINNED, eventloop=loop
    )
    rows: list[dict[str, Any]] = []
    try:
        # Which of asyncio's threads gets the exit code is a race; whether all came, we count.
        with suppress(TSharkCrashException):
            rows.extend(map(pyshark_row, packets))
        with suppress(TSharkCrashException):
            packets.close()
    finally:
        packets._running_processes.clear()
        loop.close()
        asyncio.set_event_loop(None)
    return rows


def pyshark_row(packet: Any) -> dict[str, Any]:
    layer = packet.tcp
    numbers = {name: layer.get_field_value(field) for name, field in PYSHARK_FIELDS.items()}
    row: dict[str, Any] = {n: None if v is None else int(v, 0) for n, v in numbers.items()}
    row |= {mark: layer.get_field(f"analysis_{mark}") is not None for mark in PYSHARK_MARKS}
    row |= {"frame": int(packet.number), "src": str(packet["ip"].src)}
    return row | {"ttl": int(packet["ip"].ttl), "frame_len": int(packet.length)}


@pytest.mark.parametrize("name", ["handmade-recovery", "dead-reader.client"])
def test_packet_objects_of_pyshark_say_the_same(name: str, tshark: Path) -> None:
    capture = next(FIXTURES.glob(f"{name}.pcapng*"))
    with ThreadPoolExecutor(1) as thread:
        rows = thread.submit(pyshark_rows, capture, tshark).result()
    packets = read_packets(capture, tshark=tshark).packets
    assert len(rows) == len(packets)
    for column in rows[0]:
        ours = [None if pd.isna(value) else value for value in packets[column]]
        assert ours == [row[column] for row in rows], column
