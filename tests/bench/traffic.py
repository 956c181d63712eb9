"""Packets for the benchmarks, as a sniffer writes them at a busy server.

Downloads with ACKs for every second segment, a window that breathes, some losses with SACK, time
stamps in every packet; DNS and media in UDP; a snaplen of 128 bytes.
"""

from __future__ import annotations

import struct

import numpy as np

Packet = tuple[float, int, bytes]  # time in s since 1970, length on the wire, bytes kept

SNAPLEN = 128
MSS = 1448
_ETHERNET = bytes.fromhex("020000000002020000000001") + b"\x08\x00"


def _packet(
    client: tuple[bytes, int],
    server: tuple[bytes, int],
    *,
    down: bool,
    seq: int,
    ack: int,
    flags: int,
    window: int,
    length: int,
    stamp: int,
    ip_id: int,
    sack: tuple[int, int] | None = None,
    syn: bool = False,
) -> bytes:
    (source, source_port), (target, target_port) = (server, client) if down else (client, server)
    options = struct.pack("!BBBBII", 1, 1, 8, 10, stamp, stamp)
    if syn:
        options = struct.pack("!BBHBBBBBB", 2, 4, 1460, 4, 2, 1, 3, 3, 7) + options + b"\0\0"
    if sack:
        options += struct.pack("!BBBBII", 1, 1, 5, 10, sack[0] & 0xFFFFFFFF, sack[1] & 0xFFFFFFFF)
    tcp = struct.pack(
        "!HHIIBBHHH",
        source_port,
        target_port,
        seq & 0xFFFFFFFF,
        ack & 0xFFFFFFFF,
        (5 + len(options) // 4) << 4,
        flags,
        window,
        0,
        0,
    )
    total = 20 + 20 + len(options) + length
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, total, ip_id, 0x4000, 64, 6, 0, source, target)
    return (_ETHERNET + ip + tcp + options + b"x" * min(length, SNAPLEN))[:SNAPLEN]


def download(number: int, segments: int, start: float, loss: float) -> list[Packet]:
    """One connection, in which the server sends `segments` segments."""
    random = np.random.default_rng(number)
    client = (bytes([10, 0, (number >> 8) & 255, number & 255]), 20000 + number % 40000)
    server = (bytes([192, 168, 0, 1]), 80)
    out: list[Packet] = []
    now, stamp, ip_id = start, int(start * 1000) & 0xFFFFFFFF, 1

    def put(**fields: object) -> None:
        nonlocal ip_id
        ip_id = (ip_id + 1) & 0xFFFF
        data = _packet(client, server, stamp=stamp, ip_id=ip_id, **fields)  # type: ignore[arg-type]
        wire = 66 + int(fields["length"])  # type: ignore[call-overload]
        out.append((now, max(wire, len(data)), data))

    put(down=False, seq=1000, ack=0, flags=2, window=65535, length=0, syn=True)
    now += 0.010
    put(down=True, seq=5000, ack=1001, flags=18, window=65535, length=0, syn=True)
    now += 0.0001
    put(down=False, seq=1001, ack=5001, flags=16, window=512, length=0)
    put(down=False, seq=1001, ack=5001, flags=24, window=512, length=200)
    seq, ack, window = 5001, 5001, 512
    lost = random.random(segments) < loss
    for index in range(segments):
        now += 0.0002
        stamp = int(now * 1000) & 0xFFFFFFFF
        if lost[index] and index + 3 < segments:
            hole = seq
            seq += MSS
            for step in range(3):
                put(down=True, seq=seq, ack=1201, flags=16, window=500, length=MSS)
                seq += MSS
                put(down=False, seq=1201, ack=hole, flags=16, window=window, length=0,
                    sack=(hole + MSS, seq))  # fmt: skip
                now += 0.0001 * (step + 1)
            put(down=True, seq=hole, ack=1201, flags=16, window=500, length=MSS)
            ack = seq
            put(down=False, seq=1201, ack=ack, flags=16, window=window, length=0)
            continue
        put(
            down=True,
            seq=seq,
            ack=1201,
            flags=24 if index % 10 == 9 else 16,
            window=500,
            length=MSS,
        )
        seq += MSS
        if index % 2:
            ack = seq
            window = 400 + int(random.integers(0, 112))
            put(down=False, seq=1201, ack=ack, flags=16, window=window, length=0)
    now += 0.010
    put(down=True, seq=seq, ack=1201, flags=17, window=500, length=0)
    put(down=False, seq=1201, ack=seq + 1, flags=17, window=512, length=0)
    put(down=True, seq=seq + 1, ack=1202, flags=16, window=500, length=0)
    return out


def datagrams(count: int, start: float, step: float) -> list[Packet]:
    """UDP, one packet every `step` seconds: DNS asked and answered, and media both ways."""
    name = b"\3www\7example\3net\0" + struct.pack("!HH", 1, 1)
    answer = struct.pack("!HHHIH4s", 0xC00C, 1, 1, 300, 4, bytes([192, 0, 2, 1]))
    ask, told, media = (0x0100, 1, 0, 0, 0), (0x8180, 1, 1, 0, 0), b"m" * 172
    out: list[Packet] = []
    for number in range(count):
        pair, kind = divmod(number, 4)
        client = bytes([10, 1, (pair >> 8) & 255, pair & 255])
        ident = struct.pack("!H", pair & 0xFFFF)
        port, payload = (
            (53, ident + struct.pack("!5H", *ask) + name),
            (53, ident + struct.pack("!5H", *told) + name + answer),
            (40000, media),
            (40000, media),
        )[kind]
        own, ends = 60000 + pair % 1000, (client, bytes([192, 168, 0, 1]))
        ports = (own, port) if kind % 2 == 0 else (port, own)
        udp = struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload
        ends = ends if kind % 2 == 0 else ends[::-1]
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), number & 0xFFFF, 0x4000, 64, 17, 0)
        frame = _ETHERNET + ip + b"".join(ends) + udp
        out.append((start + number * step, len(frame), frame[:SNAPLEN]))
    return out
