"""Captures for the benchmarks, made here so that nobody has to download one."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fixtures.lab import pcapng
from tests.bench.traffic import SNAPLEN, Packet, datagrams, download

START = 1_700_000_000  # s since 1970
APART_S = 0.003  # between the starts of two connections
LOSS = 0.002  # of the segments
DOWNLOADS = 40  # at a time, in a bulk capture


def downloads(streams: int, segments: int, loss: float = LOSS) -> list[Packet]:
    """`streams` downloads side by side, in order of time."""
    packets: list[Packet] = []
    for number in range(streams):
        packets += download(number, segments, START + number * APART_S, loss)
    return sorted(packets, key=lambda packet: packet[0])


def bulk(count: int, streams: int = DOWNLOADS) -> list[Packet]:
    """Long downloads; the capture ends before they do."""
    return downloads(streams, 1 + count * 2 // (3 * streams))[:count]


def short(count: int, segments: int = 1) -> list[Packet]:
    """Connections one after the other: seven packets, the segments, an ACK for every second."""
    return downloads(count // (7 + segments + segments // 2), segments, loss=0)


def mixed(count: int) -> list[Packet]:
    """As many packets of UDP as of TCP."""
    tcp = bulk(count // 2)
    udp = datagrams(count - len(tcp), START, (tcp[-1][0] - START) / len(tcp))
    return sorted(tcp + udp, key=lambda packet: packet[0])


def write(path: Path, packets: list[Packet]) -> None:
    """A capture of the kind that the name says: .pcap, .pcap.gz, .pcapng."""
    if path.suffix == ".pcapng":
        frames = [pcapng.Frame(round(time * 1e9), data, wire) for time, wire, data in packets]
        path.write_bytes(pcapng.to_bytes(frames, snaplen=SNAPLEN))
        return
    with gzip.open(path, "wb") if path.suffix == ".gz" else path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, SNAPLEN, 1))
        for time, wire, data in packets:
            seconds, nanos = divmod(round(time * 1e9), 1_000_000_000)
            file.write(struct.pack("<IIII", seconds, nanos, len(data), wire) + data)


def make_capture(path: Path, *, streams: int, segments: int, loss: float = LOSS) -> int:
    """Write `streams` whole downloads side by side; returns the number of packets."""
    packets = downloads(streams, segments, loss)
    write(path, packets)
    return len(packets)


# Packets and ending of each; the same packets in pcapng and in gz as in bulk.
CAPTURES: Final[dict[str, tuple[Callable[[int], list[Packet]], str]]] = {
    "bulk": (bulk, ".pcap"),
    "short": (short, ".pcap"),
    "mixed": (mixed, ".pcap"),
    "pcapng": (bulk, ".pcapng"),
    "gz": (bulk, ".pcap.gz"),
}
