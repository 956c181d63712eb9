"""Records and blocks are found wherever a piece ends. More of it is in test_survey."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from tcpwin.tshark.records import EVERY, NONE, Odd, Pcap, Pcapng
from tests.tshark.packets import INTERFACE, MICRO, SECTION, block, stamped


def pcap(order: str) -> tuple[Pcap, bytes]:
    head = struct.pack(order + "IHHiIII", MICRO, 2, 4, 0, 0, 262144, 1)
    records = [struct.pack(order + "IIII", 7, n, n, 100 + n) + bytes(n) for n in range(5)]
    return Pcap(head), b"".join(records)


@pytest.mark.parametrize("order", "<>")
def test_records_of_pcap(order: str) -> None:
    form, data = pcap(order)
    starts = form.walk(data, len(data))
    assert starts == [0, 16, 33, 51, 70, 90]
    frames = form.frames(data + bytes(8), np.array(starts))
    assert (frames.stop - frames.start).tolist() == [0, 1, 2, 3, 4]
    assert frames.wire.tolist() == [100, 101, 102, 103, 104]
    assert frames.time_ns.tolist() == [7_000_000_000 + n * 1000 for n in range(5)]


def test_a_piece_may_end_anywhere() -> None:
    form, data = pcap("<")
    for end in range(len(data)):
        starts = form.walk(data, end)
        assert starts[-1] <= end
        assert starts == [start for start in form.walk(data, len(data)) if start <= end]


def test_blocks_of_pcapng() -> None:
    form = Pcapng(SECTION[:12])
    assert form.rest == len(SECTION) - 12
    blocks = [INTERFACE, stamped(b"abc", 5), block(5, bytes(12)), stamped(b"", 6)]
    data = b"".join(blocks)
    starts = form.walk(data, len(data))
    assert np.diff(starts).tolist() == [len(one) for one in blocks]
    frames = form.frames(data + bytes(8), np.array(starts))
    assert frames.place.tolist() == [EVERY, 0, NONE, 0]
    assert (frames.stop - frames.start).tolist() == [3, 0]
    assert frames.time_ns.tolist() == [5000, 6000]


def test_an_empty_section_is_odd() -> None:
    with pytest.raises(Odd):
        Pcapng(SECTION[:4] + b"\1\0\0\0" + SECTION[8:12])
