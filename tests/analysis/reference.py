"""The state of a flow by definitions.md, packet by packet: slow, and plain enough to trust."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

FIN, SYN, RST, ACK = 1, 2, 4, 16
WRAP = 1 << 32
FLOWS = ("client->server", "server->client")


class Packet(NamedTuple):
    frame: int
    time_ns: int
    stream: int
    side: int  # 0: sent by the client
    seq: int
    ack: int
    len: int
    flags: int
    window: int
    shift: int | None
    blocks: list[tuple[int, int]]

    @property
    def end(self) -> int:
        return self.seq + self.len + bool(self.flags & SYN) + bool(self.flags & FIN)


@dataclass
class Row:
    """One flow after one packet; None where nothing is known."""

    frame: int
    nxt: int | None = None
    una: int | None = None
    window: int | None = None
    edge: int | None = None
    sacked: int = 0
    flight: int | None = None
    usable: int | None = None
    rtt_ns: int | None = None
    newly: int = 0
    duplicate: bool = False
    duplicates: int = 0


@dataclass
class Sent:
    """The part of a segment that nobody had sent before."""

    seq: int
    end: int
    time_ns: int


@dataclass
class Flow:
    """The data one way and the ACKs the other."""

    side: int
    shift: int  # of the windows in the ACKs
    last: int  # the highest number ever known to be sent; no SACK block lies beyond it
    nxt: int | None = None
    sent: int | None = None
    una: int | None = None
    window: int | None = None
    wl1: int | None = None
    segments: list[Sent] = field(default_factory=list)
    doubtful: list[tuple[int, int]] = field(default_factory=list)  # sent again, or into a hole
    board: set[tuple[int, int]] = field(default_factory=set)
    duplicates: int = 0

    def take(self, p: Packet) -> Row:
        row = Row(p.frame)
        if p.side == self.side:
            self.send(p)
        elif p.flags & ACK and not p.flags & RST:
            self.acknowledge(p, row)
        known = [n for n in (self.sent, self.una) if n is not None]
        self.nxt = max(known) if self.una is not None or self.sent is not None else None
        row.nxt, row.una, row.window = self.nxt, self.una, self.window
        row.sacked = self.sacked()
        row.duplicates = self.duplicates
        if self.una is not None and self.nxt is not None:
            row.flight = max(self.nxt - self.una - row.sacked, 0)
            if self.window is not None:
                row.edge = self.una + self.window
                row.usable = row.edge - self.nxt
        return row

    def send(self, p: Packet) -> None:
        if p.flags & RST or not p.flags & (SYN | ACK):
            return
        sent = self.sent
        if p.end > p.seq:
            if sent is not None and p.seq < sent:
                left = p.seq if self.una is None else max(p.seq, self.una)
                if left < min(p.end, sent):
                    self.doubtful.append((left, min(p.end, sent)))
            if sent is None or p.end > sent:
                new = p.seq if sent is None else max(p.seq, sent)
                self.segments.append(Sent(new, p.end, p.time_ns))
        self.sent = p.end if sent is None else max(sent, p.end)
        if p.flags & SYN:
            self.una = p.seq if self.una is None else max(self.una, p.seq)

    def acknowledge(self, p: Packet, row: Row) -> None:
        una, window = self.una, self.window
        nxt = self.nxt
        moved = una is None or p.ack > una
        in_order = una is None or (p.ack >= una and (self.wl1 is None or p.seq >= self.wl1))
        if moved or in_order:
            self.window = p.window if p.flags & SYN else p.window << self.shift
        self.wl1 = p.seq if self.wl1 is None else max(self.wl1, p.seq)
        held = self.sacked()
        self.una = p.ack if una is None else max(una, p.ack)
        reported = self.report(p)
        if una is None:
            return
        row.newly = self.una - una
        if row.newly:
            self.duplicates = 0
            row.rtt_ns = self.sample(p, una, held)
            return
        pure = p.len == 0 and not p.flags & (SYN | FIN)
        outstanding = nxt is not None and nxt > una
        row.duplicate = (
            pure and p.ack == una and outstanding and (self.window == window or reported)
        )
        self.duplicates += row.duplicate

    def sample(self, p: Packet, before: int, held: int) -> int | None:
        """Karn: only where nothing that was newly acknowledged was sent twice or SACKed."""
        assert self.una is not None
        carrier = [s for s in self.segments if s.seq < self.una <= s.end]
        again = any(left < self.una and right > before for left, right in self.doubtful)
        self.doubtful = [part for part in self.doubtful if part[1] > self.una]
        self.segments = [s for s in self.segments if s.end > self.una]
        if held or not carrier or again:
            return None
        elapsed = p.time_ns - carrier[0].time_ns
        return elapsed if elapsed >= 0 else None

    def report(self, p: Packet) -> bool:
        """Take the SACK blocks; whether there was any that is no D-SACK."""
        told = False
        for index, (left, right) in enumerate(p.blocks):
            inside = (
                index == 0
                and len(p.blocks) > 1
                and p.blocks[1][0] <= left
                and right <= p.blocks[1][1]
            )
            if index == 0 and (left < p.ack or inside):
                continue
            if left < right <= self.last and left >= p.ack:
                self.board.add((left, right))
                told = True
        return told

    def sacked(self) -> int:
        """Bytes of the scoreboard above una."""
        total, reach = 0, self.una
        for left, right in sorted(self.board):
            reach = left if reach is None else max(reach, left)
            total += max(right - reach, 0)
            reach = max(reach, right)
        if self.una is not None:
            self.board = {block for block in self.board if block[1] > self.una}
        return total


def sides(frame: pd.DataFrame) -> list[int]:
    """0 for packets of the client: it sent the SYN, got the SYN/ACK, or has the higher port."""
    client: dict[int, tuple[str, int]] = {}
    columns = ("stream", "flags", "src", "src_port", "dst", "dst_port")
    rows = list(zip(*(frame[name] for name in columns), strict=True))
    for stream, flags, source, source_port, *_ in rows:
        if flags & SYN and not flags & ACK:
            client.setdefault(stream, (source, source_port))
    for stream, flags, _, _, target, target_port in rows:
        if flags & SYN and flags & ACK:
            client.setdefault(stream, (target, target_port))
    for stream, _, source, source_port, target, target_port in rows:
        higher = source_port >= target_port
        client.setdefault(stream, (source, source_port) if higher else (target, target_port))
    return [int(client[s] != (a, port)) for s, _, a, port, _, _ in rows]


def read(frame: pd.DataFrame) -> list[Packet]:
    """The rows of an unwrapped table."""
    result = []
    columns = ("frame", "time_ns", "stream", "seq", "ack", "len", "flags", "window_size_value")
    broken = frame["len"].isna()  # such a row counts nothing
    frame = frame.assign(flags=frame["flags"].mask(broken, 0), len=frame["len"].fillna(0))
    frame = frame.fillna({"flags": 0, "window_size_value": 0})
    values = zip(*(frame[name].tolist() for name in columns), strict=True)
    shifts = [None if pd.isna(v) else int(v) for v in frame["wscale_shift"]]
    lists = [frame[name].array._pa_array.to_pylist() for name in ("sack_le", "sack_re")]
    for row, side, shift, left, right in zip(values, sides(frame), shifts, *lists, strict=True):
        number, time, stream, seq, ack, length, flags, window = row
        # Block edges are 32 bit: the ones nearest to the ACK are meant.
        edges = [
            [ack + (edge - ack + WRAP // 2) % WRAP - WRAP // 2 for edge in side_edges or []]
            for side_edges in (left, right)
        ]
        blocks = list(zip(*edges, strict=True))
        result.append(
            Packet(number, time, stream, side, seq, ack, length, flags, window, shift, blocks)
        )
    return result


def scale_by_syn(packets: Iterable[Packet], receiver: int) -> int | None:
    """The scale in the ACKs of side `receiver`; None without both SYNs."""
    told: dict[int, int | None] = {}
    for p in packets:
        if p.flags & SYN:
            told[p.side] = p.shift
    if any(shift is None for shift in told.values()):
        return 0
    if len(told) < 2:
        return None
    shift = told[receiver]
    assert shift is not None
    return min(shift, 14)


def last_sent(packets: list[Packet], side: int) -> int:
    """The highest number that the whole capture proves sent by `side`."""
    ends = [
        p.end for p in packets if p.side == side and not p.flags & RST and p.flags & (SYN | ACK)
    ]
    acks = [p.ack for p in packets if p.side != side and p.flags & ACK and not p.flags & RST]
    return max([*ends, *acks], default=-WRAP)


def follow(frame: pd.DataFrame, shifts: dict[tuple[int, int], int]) -> dict[tuple[int, int], Row]:
    """Rows by (frame, flow); `shifts` by (stream, flow) are the scales to use."""
    by_stream: dict[int, list[Packet]] = {}
    for packet in read(frame):
        by_stream.setdefault(packet.stream, []).append(packet)
    rows: dict[tuple[int, int], Row] = {}
    for stream, packets in by_stream.items():
        for side in (0, 1):
            flow = Flow(side, shifts[stream, side], last_sent(packets, side))
            for packet in packets:
                rows[packet.frame, side] = flow.take(packet)
    return rows
