"""Make tables of packets by hand, and random ones for hypothesis."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
from hypothesis import strategies as st

from tcpwin import schema
from tcpwin.analysis.segments import unwrap
from tcpwin.errors import TcpwinWarning
from tcpwin.tshark import read_packets
from tests.conftest import FIXTURES

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
WRAP = 1 << 32
_RAW = {True: 3_000_000_000, False: 1_000_000_000}  # where client and server begin to count
CAPTURES = Path(os.environ.get("TCPWIN_CAPTURES", FIXTURES.parent.parent / "shared" / "captures"))
_SUFFIXES = (".pcap", ".pcapng", ".dmp.gz", ".snp.gz", ".pcap.gz", ".pcapng.gz")


@dataclass(frozen=True)
class P:
    """One packet; `up` is client->server. Times in ms."""

    up: bool
    seq: int
    ack: int = 0
    len: int = 0
    flags: int = ACK
    window: int = 1000
    sack: tuple[tuple[int, int], ...] = ()
    ms: float | None = None
    stream: int = 0
    tsval: int | None = None
    tsecr: int | None = None
    ip_id: int | None = None
    ttl: int | None = None
    mss: int | None = None
    shift: int | None = None
    v6: bool = False


def up(seq: int, ack: int = 1, len: int = 0, **other: object) -> P:
    return P(True, seq, ack, len, **other)  # type: ignore[arg-type]


def down(seq: int, ack: int = 1, len: int = 0, **other: object) -> P:
    return P(False, seq, ack, len, **other)  # type: ignore[arg-type]


def handshake(
    *, shift: int | None = None, mss: int | None = 1460, window: int = 65535, rtt_ms: float = 10
) -> list[P]:
    """SYN, SYN/ACK, ACK as the client sees them; both offer `shift`."""
    return [
        P(True, 0, 0, 0, SYN, window, ms=0, mss=mss, shift=shift),
        P(False, 0, 1, 0, SYN | ACK, window, ms=rtt_ms, mss=mss, shift=shift),
        P(True, 1, 1, 0, ACK, window, ms=rtt_ms + 0.01),
    ]


def table(packets: list[P], *, isn: int = 0) -> pd.DataFrame:
    """The packets as tshark would give them: wrapped at 4 GiB, `isn` added to all numbers."""
    n = len(packets)
    now, times = 0.0, []
    for packet in packets:
        now = now + 1 if packet.ms is None else packet.ms
        times.append(round(now * 1e6))
    data: dict[str, object] = {
        "frame": range(1, n + 1),
        "time_ns": [1_700_000_000_000_000_000 + t for t in times],
        "time_s": [(t - times[0]) / 1e9 for t in times],
        "stream": [p.stream for p in packets],
        "src": [_host(p.up) for p in packets],
        "src_port": [_port(p, p.up) for p in packets],
        "dst": [_host(not p.up) for p in packets],
        "dst_port": [_port(p, not p.up) for p in packets],
        "ip_id": [None if p.v6 else p.ip_id for p in packets],
        "ttl": [None if p.v6 else p.ttl or 64 for p in packets],
        "frame_len": [54 + p.len for p in packets],
        "cap_len": [54 + p.len for p in packets],
        "seq": [(p.seq + isn) % WRAP for p in packets],
        "ack": [(p.ack + isn) % WRAP if p.flags & ACK else 0 for p in packets],
        "seq_raw": [(p.seq + isn + _RAW[p.up]) % WRAP for p in packets],
        "len": [p.len for p in packets],
        "flags": [p.flags for p in packets],
        "window_size_value": [p.window for p in packets],
        "mss_val": [p.mss for p in packets],
        "wscale_shift": [p.shift for p in packets],
        "tsval": [p.tsval for p in packets],
        "tsecr": [p.tsecr for p in packets],
        "sack_le": [[(a + isn) % WRAP for a, _ in p.sack] or None for p in packets],
        "sack_re": [[(b + isn) % WRAP for _, b in p.sack] or None for p in packets],
    }
    addresses = sorted({_host(True), _host(False)})
    frame: dict[str, object] = {}
    for column in schema.COLUMNS:
        values = list(data.get(column.name, [None] * n))  # type: ignore[call-overload]
        if column.dtype == "category":
            frame[column.name] = pd.Categorical(values, categories=addresses)
        elif column.dtype == "list":
            array = pa.array(values, pa.list_(pa.uint32()))
            frame[column.name] = pd.arrays.ArrowExtensionArray(array)
        elif column.dtype == "mark":
            frame[column.name] = pd.Series([False] * n, dtype=bool)
        elif column.name == "time":
            frame[column.name] = pd.to_datetime(pd.Series(data["time_ns"]), utc=True)
        else:
            frame[column.name] = pd.Series(values, dtype=column.dtype)
    return pd.DataFrame(frame)


def packets(rows: list[P], *, isn: int = 0) -> pd.DataFrame:
    """The packets, sequence numbers unwrapped: what the analysis takes."""
    return unwrap(table(rows, isn=isn))


def _host(client: bool) -> str:
    return "192.0.2.1" if client else "192.0.2.2"


def _port(packet: P, client: bool) -> int:
    return 40000 + packet.stream if client else 80


@cache  # together some 30 MB
def read(path: Path) -> pd.DataFrame:
    """A capture's packets, unwrapped."""
    with warnings.catch_warnings(action="ignore", category=TcpwinWarning):
        return unwrap(read_packets(path).packets)


def captures(*folders: Path) -> list[Path]:
    """Every capture in the folders that are there."""
    return [
        path
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.iterdir())
        if path.name.endswith(_SUFFIXES)
    ]


ALL = captures(FIXTURES, CAPTURES)
PUBLIC = captures(CAPTURES)

_positions = st.integers(0, 24).map(lambda step: step * 100)
_odd = st.integers(-150, 2600)
_numbers = _positions | _odd


@st.composite
def traffic(draw: st.DrawFn, *, streams: int = 3, size: int = 40) -> list[P]:
    """Packets of several streams with everything that goes wrong in captures.

    Losses and reordering come out of random numbers; SYNs may be missing, RSTs carry
    garbage, times run backwards, one side may not be captured at all.
    """
    sides = draw(st.lists(st.sampled_from(["both", "up", "down"]), min_size=1, max_size=streams))
    syn = [draw(st.booleans()) for _ in sides]
    rows: list[P] = []
    for stream, side in enumerate(sides):
        if syn[stream]:
            shifts = draw(st.tuples(*[st.none() | st.integers(0, 14)] * 2))
            opening = handshake()
            for packet, shift in zip(opening, (*shifts, None), strict=True):
                if side in ("both", "up" if packet.up else "down"):
                    rows.append(replace(packet, shift=shift, stream=stream, ms=None))
    for _ in range(draw(st.integers(1, size))):
        stream = draw(st.integers(0, len(sides) - 1))
        side = sides[stream]
        goes_up = draw(st.booleans()) if side == "both" else side == "up"
        kind = draw(st.sampled_from(["data", "ack", "ack", "data", "sack", "fin", "rst", "any"]))
        seq, ack = draw(_numbers), draw(_numbers)
        flags, length, blocks = ACK, 0, []
        if kind in ("data", "any", "fin"):
            length = draw(st.sampled_from([0, 1, 50, 100, 100, 200, 1000]))
        if kind == "sack":
            for _ in range(draw(st.integers(1, 3))):
                left = draw(_numbers)
                blocks.append((left, left + draw(st.sampled_from([1, 50, 100, 300, 800]))))
        if kind == "fin":
            flags = ACK | FIN
        if kind == "any":
            flags = draw(st.sampled_from([SYN, SYN | ACK, ACK | PSH, PSH, 0, RST | ACK]))
        if kind == "rst":
            flags, seq = draw(st.sampled_from([RST, RST | ACK])), draw(st.integers(0, 1 << 30))
        rows.append(
            P(
                goes_up,
                seq,
                ack,
                length,
                flags,
                draw(st.sampled_from([0, 0, 1, 10, 100, 1000, 65535])),
                tuple(blocks),
                ms=draw(st.none() | st.integers(-50, 50)),
                stream=stream,
            )
        )
    return rows
