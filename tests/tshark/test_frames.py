"""Headers are found where they are, whatever is around them."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from tcpwin.tshark.frames import ETHERNET, IP4, IP6, PAD, SLL, SLL2, View, network, packets
from tests.tshark.packets import RAW_IP, UDP, eth, ip4, ip6, tcp, udp

FOUR, SIX = ip4(tcp(b"hello")), ip6(tcp(b"hello"))
TAGS = struct.pack("!HHHH", 5, 0x8100, 6, 0x86DD)


def found(*frames: tuple[int, bytes]) -> tuple[list[int], list[int], View, np.ndarray]:
    """Where IP begins in each frame of a link type, and what it is there."""
    sizes = [len(frame) for _, frame in frames]
    stops = np.cumsum(sizes)
    view = View(b"".join(frame for _, frame in frames) + bytes(PAD))
    at, kind = network(view, stops - sizes, stops, np.array([link for link, _ in frames]))
    return (at - (stops - sizes)).tolist(), kind.tolist(), view, stops


def test_links_of_all_kinds_at_once() -> None:
    sll = struct.pack("!HHHQH", 0, 1, 6, 0, 0x800)
    sll2 = struct.pack("!HHIHBBQ", 0x86DD, 0, 1, 1, 0, 6, 0)
    frames = [
        (ETHERNET, eth(FOUR)),
        (ETHERNET, eth(TAGS + SIX, 0x88A8)),
        (ETHERNET, eth(bytes(30), 0x806)),
        (SLL, sll + FOUR),
        (SLL2, sll2 + SIX),
        (RAW_IP, FOUR),
        (RAW_IP, SIX),
        (0, b"\2\0\0\0" + FOUR),
        (108, b"\0\0\0\x1e" + SIX),
        (0, b"\7\0\0\0" + FOUR),
    ]
    at, kind, _, _ = found(*frames)
    assert at == [14, 22, 14, 16, 20, 0, 0, 4, 4, 4]
    assert kind == [IP4, IP6, 0x806, IP4, IP6, IP4, IP6, IP4, IP6, 0]


def test_a_link_layer_that_is_not_plain() -> None:
    assert found((SLL, struct.pack("!HHHQH", 0, 824, 6, 0, 0x800) + FOUR))[1] == [0]


def test_packets() -> None:
    options = bytearray(ip4(bytes(4) + tcp(b"x")))
    options[0] = 0x46
    frames = [FOUR, SIX, ip4(udp(b"", 9), proto=UDP), bytes(options), ip4(tcp(), frag=8), FOUR[:19]]
    kinds = [IP6 if frame is SIX else IP4 for frame in frames]
    _, kind, view, stops = found(
        *[(ETHERNET, eth(frame, kind)) for frame, kind in zip(frames, kinds, strict=True)]
    )
    starts = stops - [len(frame) for frame in frames]
    ip = packets(view, starts, np.array(kind), stops)
    assert ip.known.tolist() == [True, True, True, True, True, False]
    assert ip.whole.tolist() == [True, True, True, True, False, False]
    assert ip.six.tolist() == [False, True, False, False, False, False]
    assert ip.protocol.tolist()[:4] == [6, 6, 17, 6]
    assert (ip.payload - starts).tolist()[:5] == [20, 40, 20, 24, 20]


def test_a_number_at_any_offset() -> None:
    view = View(bytes(range(9)))
    assert (view.half[3], view.word[5]) == (0x0304, 0x05060708)
    with pytest.raises(IndexError):
        view.word[6]
