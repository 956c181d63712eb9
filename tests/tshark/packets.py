"""Packets as bytes, written with struct alone, for what no lab records: tunnels, debris, errors."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from pathlib import Path

SYN, RST, PSH, ACK = 2, 4, 8, 16
ETHERNET, RAW_IP = 1, 101
TCP, UDP = 6, 17
A, B = "10.0.0.1", "10.0.0.2"
NANO, MICRO = 0xA1B23C4D, 0xA1B2C3D4


def eth(payload: bytes, kind: int = 0x800) -> bytes:
    return bytes(6) + b"\2" + bytes(5) + struct.pack("!H", kind) + payload


def ip4(
    payload: bytes, src: str = A, dst: str = B, proto: int = TCP, ident: int = 1, frag: int = 0x4000
) -> bytes:
    ends = socket.inet_aton(src) + socket.inet_aton(dst)
    head = (0x45, 0, 20 + len(payload), ident, frag, 64, proto, 0)
    return struct.pack("!BBHHHBBH", *head) + ends + payload


def ip6(payload: bytes, src: str = "fd00::1", dst: str = "fd00::2", proto: int = TCP) -> bytes:
    ends = socket.inet_pton(socket.AF_INET6, src) + socket.inet_pton(socket.AF_INET6, dst)
    return struct.pack("!IHBB", 6 << 28, len(payload), proto, 60) + ends + payload


def tcp(
    payload: bytes = b"",
    sport: int = 1234,
    dport: int = 80,
    seq: int = 100,
    ack: int = 200,
    flags: int = ACK,
    window: int = 1000,
    options: bytes = b"",
    words: int | None = None,
) -> bytes:
    options += b"\1" * (-len(options) % 4)
    words = 5 + len(options) // 4 if words is None else words
    ends = struct.pack("!HHII", sport, dport, seq % 2**32, ack % 2**32)
    return ends + struct.pack("!BBHHH", words << 4, flags, window, 0, 0) + options + payload


def udp(payload: bytes, dport: int, sport: int = 1000) -> bytes:
    return struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload


def gre(payload: bytes, kind: int = 0x800) -> bytes:
    return struct.pack("!HH", 0, kind) + payload


def vxlan(frame: bytes) -> bytes:
    return ip4(udp(struct.pack("!II", 0x08000000, 7 << 8) + frame, 4789), proto=UDP)


def unreachable(quoted: bytes) -> bytes:
    """An ICMP error that quotes the packet that caused it."""
    return ip4(struct.pack("!BBHI", 3, 3, 0, 0) + quoted, proto=1)


def unreachable6(quoted: bytes) -> bytes:
    return ip6(struct.pack("!BBHI", 1, 4, 0, 0) + quoted, proto=58)


def talk(sport: int, dport: int, *said: tuple[bool, bytes]) -> list[bytes]:
    """Ethernet frames: a handshake from A, then one segment for each (A speaks, payload)."""
    ports = {True: (sport, dport), False: (dport, sport)}
    ends = {True: (A, B), False: (B, A)}
    at = {True: 1, False: 1}
    frames = [
        eth(ip4(tcp(b"", sport, dport, 0, 0, SYN), A, B)),
        eth(ip4(tcp(b"", dport, sport, 0, 1, SYN | ACK), B, A)),
    ]
    for up, payload in said:
        segment = tcp(payload, *ports[up], at[up], at[not up], PSH | ACK)
        frames.append(eth(ip4(segment, *ends[up])))
        at[up] += len(payload)
    return frames


def save(
    path: Path,
    frames: Iterable[bytes | tuple[bytes, int]],
    *,
    link: int = ETHERNET,
    start: int = 1_700_000_000,
    step: int = 1000,
    magic: int = MICRO,
) -> Path:
    """A pcap; one frame a second and `step` units; (bytes, length on the wire) for a cut one."""
    out = [struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 262144, link)]
    for number, frame in enumerate(frames):
        data, size = frame if isinstance(frame, tuple) else (frame, len(frame))
        out.append(struct.pack("<IIII", start + number, number * step, len(data), size) + data)
    path.write_bytes(b"".join(out))
    return path


def block(kind: int, body: bytes) -> bytes:
    """A block of pcapng."""
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


SECTION = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
INTERFACE = block(1, struct.pack("<HHI", ETHERNET, 0, 0))


def stamped(frame: bytes, micros: int) -> bytes:
    head = struct.pack("<IIIII", 0, micros >> 32, micros % 2**32, len(frame), len(frame))
    return block(6, head + frame)


def stampless(frame: bytes) -> bytes:
    return block(3, struct.pack("<I", len(frame)) + frame)
