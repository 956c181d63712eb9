"""Small hand-made connections: a download over a path of 20 ms, seen at the client."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from hypothesis import strategies as st

from tcpwin.analysis.facts import Facts
from tests.analysis.build import ACK, PSH, SYN, P, down, handshake, packets, traffic, up

RTT = 20.0  # ms; far half of the path at the client
REQUEST = 100
MSS = 1000


def opening(*, window: int = 50_000, mss: int = MSS) -> list[P]:
    """Handshake and request at 0 to 21 ms; the answer may come from 41 ms on, at seq 1."""
    rows = handshake(rtt_ms=RTT, mss=mss, window=window)
    return [*rows, up(1, len=REQUEST, ms=21, flags=ACK | PSH, window=window)]


def opening_at_server() -> list[P]:
    """The same as its server captured it: 0 to 20.1 ms; the answer may begin at once."""
    return [
        P(True, 0, flags=SYN, window=50_000, ms=0, mss=MSS),
        P(False, 0, 1, flags=SYN | ACK, window=50_000, ms=0.01, mss=MSS),
        P(True, 1, 1, window=50_000, ms=RTT),
        up(1, len=REQUEST, ms=RTT + 0.1, flags=ACK | PSH, window=50_000),
    ]


def sent(seq: int, ms: float, count: int = 4) -> list[P]:
    """A write of full segments as its server sees it, acknowledged a round trip later."""
    last = count - 1
    out = [data(seq + n * MSS, ms + n / 10, flags=ACK | PSH * (n == last)) for n in range(count)]
    return out + [ack(seq + (n + 1) * MSS, ms + n / 10 + RTT) for n in range(count)]


def data(seq: int, ms: float, *, len: int = MSS, **other: object) -> P:
    """Data of the server."""
    return down(seq, ack=1 + REQUEST, len=len, ms=ms, **other)


def ack(to: int, ms: float, **other: object) -> P:
    """An ACK of the client."""
    return up(1 + REQUEST, ack=to, ms=ms, **({"window": 50_000} | other))


def burst(seq: int, ms: float, count: int = 4, *, window: int = 50_000) -> list[P]:
    """A write of full segments, the last with PSH, each acknowledged at once."""
    rows = []
    for n in range(count):
        begin, flags = seq + n * MSS, ACK | PSH if n == count - 1 else ACK
        rows.append(data(begin, ms + n, flags=flags))
        rows.append(ack(begin + MSS, ms + n + 0.1, window=window))
    return rows


def at_server(rows: list[P]) -> list[P]:
    """The same at the server: what the client sent half an RTT later, what it got earlier."""
    half = RTT / 2
    moved = [replace(row, ms=(row.ms or 0) + (half if row.up else -half)) for row in rows]
    return sorted(moved, key=lambda row: row.ms or 0)


def facts(rows: list[P], *, end_ms: float | None = None) -> Facts:
    """The facts; the capture went on to `end_ms`."""
    frame = packets(rows)
    begin = int(frame["time_ns"].min())
    first = min(row.ms or 0 for row in rows)
    end = None if end_ms is None else begin + round((end_ms - first) * 1e6)
    return Facts(frame, end)


def findings(rows: list[P], *, end_ms: float | None = None) -> list[tuple[str, str, str]]:
    """Flow, cause and blame of every finding."""
    table = facts(rows, end_ms=end_ms).findings
    flows = table["flow"].map({0: "up", 1: "down"})
    return list(zip(flows, table["cause"], table["blame"], strict=True))


def verdict(rows: list[P], *, end_ms: float | None = None) -> tuple[str, str, float]:
    """Cause, blame and lost seconds of the verdict of the first stream."""
    row = facts(rows, end_ms=end_ms).verdicts.iloc[0]
    return row["cause"], row["blame"], round(row["lost_ns"] / 1e9, 6)


def frames_of(facts: Facts, rows: pd.Series) -> list[int]:
    """Frame numbers of rows."""
    return [int(n) for n in facts.segments.frame[rows.to_numpy()]]


@st.composite
def slow_traffic(draw: st.DrawFn) -> list[P]:
    """Random packets of several streams with pauses long enough to be stalls."""
    rows = draw(traffic())
    now, result = 0.0, []
    for row in rows:
        now += draw(st.sampled_from([0, 0.01, 1, 30, 150, 250, 450, 1500]))
        result.append(replace(row, ms=now))
    return result
