"""Both directions of a flow get one place; flows spread; what is not plainly TCP is the rest."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcpwin.tshark import flowhash
from tcpwin.tshark.flowhash import IDLE, QUOTE, REST, places
from tcpwin.tshark.frames import PAD, SLL, SLL2, View, network, packets
from tests.tshark.packets import (
    UDP,
    A,
    B,
    eth,
    gre,
    ip4,
    ip6,
    tcp,
    udp,
    unreachable,
    unreachable6,
    vxlan,
)

six_a, six_b = "fd00::1", "fd00::2"


def of(*frames: bytes, link: int = 1) -> list[int]:
    stops = np.cumsum([len(frame) for frame in frames])
    starts = stops - [len(frame) for frame in frames]
    view = View(b"".join(frames) + bytes(PAD))
    at, kind = network(view, starts, stops, np.full(len(frames), link))
    return places(view, packets(view, at, kind, stops), kind, stops).tolist()


def rest(*places: int) -> list[bool]:
    return [bool(place & int(REST)) for place in places]


ports = st.integers(0, 65535).filter(lambda port: port not in flowhash.CARRIERS)
v4 = st.ip_addresses(v=4).map(str)
v6 = st.ip_addresses(v=6).map(str)


@given(v4, v4, v6, v6, ports, ports)
def test_both_directions(a: str, b: str, a6: str, b6: str, one: int, other: int) -> None:
    there, back = tcp(b"x", one, other), tcp(b"y", other, one)
    found = of(eth(ip4(there, a, b)), eth(ip4(back, b, a)))
    assert found[0] == found[1] < flowhash.BUCKETS
    found = of(eth(ip6(there, a6, b6), 0x86DD), eth(ip6(back, b6, a6), 0x86DD))
    assert found[0] == found[1] < flowhash.BUCKETS


@pytest.mark.parametrize("step", [1, 2, 256])
def test_flows_spread(step: int) -> None:
    frames = [eth(ip4(tcp(b"", port, 80))) for port in range(7000, 65536, step)][:1000]
    parts = np.bincount(np.array(of(*frames)) % 4, minlength=4)
    assert parts.min() > len(frames) // 4 * (0.75 if len(frames) == 1000 else 0.6)


def test_hosts_spread() -> None:
    frames = [
        eth(ip4(tcp(b"", 3000 + 2 * n, 80), f"10.0.{n // 250}.{n % 250}")) for n in range(1000)
    ]
    assert np.bincount(np.array(of(*frames)) % 4).min() > 190


def test_around_the_packet_does_not_matter() -> None:
    segment = tcp(b"hello")
    packet, packet6 = ip4(segment), ip6(segment)
    tag = struct.pack("!HH", 5, 0x800)
    tags = struct.pack("!HHHH", 5, 0x8100, 6, 0x86DD)
    four, six = of(eth(packet), eth(packet6, 0x86DD))
    assert of(eth(tag + packet, 0x8100)) == [four]
    assert of(eth(tags + packet6, 0x88A8)) == [six]
    sll = struct.pack("!HHHQH", 0, 1, 6, 0, 0x800)
    assert of(sll + packet, link=SLL) == [four]
    sll2 = struct.pack("!HHIHBBQ", 0x86DD, 0, 1, 1, 0, 6, 0)
    assert of(sll2 + packet6, link=SLL2) == [six]
    for raw in (12, 14, 101):
        assert of(packet, packet6, link=raw) == [four, six]
    assert of(packet, link=228) == [four]
    assert of(b"\2\0\0\0" + packet, b"\0\0\0\2" + packet, link=0) == [four, four]
    assert of(b"\x1e\0\0\0" + packet6, link=108) == [six]


def test_what_may_carry_anything_is_the_rest() -> None:
    segment = tcp(b"hello")
    frames = [
        eth(bytes(30), 0x806),
        eth(ip4(udp(b"zz", 9), proto=UDP)),
        eth(ip4(gre(ip4(segment)), proto=47)),
        eth(ip4(ip4(segment), proto=4)),
        eth(vxlan(eth(ip4(segment)))),
        eth(ip4(segment, frag=0x2000)),
        eth(ip4(segment, frag=8)),
        eth(ip6(bytes([6, 0]) + bytes(6) + segment, proto=0), 0x86DD),
        eth(struct.pack("!I", (100 << 12) | 0x1FF) + ip4(segment), 0x8847),
        eth(ip4(segment)[:22]),
        eth(b"")[:13],
        b"",
    ]
    assert rest(*of(*frames)) == [True] * len(frames)


def test_what_can_carry_no_tcp() -> None:
    """tshark asks the dissector of the lower port first."""
    idle = [
        eth(bytes(28), 0x806),
        eth(ip4(udp(b"dns", 53, 4789), proto=UDP)),
        eth(ip4(udp(b"quic", 50000, 443), proto=UDP)),
        eth(ip6(udp(b"mdns", 5353, 5353), proto=UDP), 0x86DD),
    ]
    other = [
        eth(ip4(udp(b"vxlan", 4789, 5353), proto=UDP)),
        eth(ip4(udp(b"cut", 53), proto=UDP)[:27]),
        eth(ip4(udp(b"a part", 53), proto=UDP, frag=0x2000)),
        eth(ip4(tcp(b"dns", 53))),
    ]
    assert [bool(place & int(IDLE)) for place in of(*idle, *other)] == [True] * 4 + [False] * 4
    assert rest(*of(*idle)) == [True] * 4


def test_fragments_of_one_packet_stay_together() -> None:
    first, second = ip4(bytes(40), proto=UDP, frag=0x2000), ip4(bytes(40), proto=UDP, frag=5)
    assert len(set(of(eth(first), eth(second)))) == 1


def test_an_error_goes_where_the_quoted_flow_goes() -> None:
    segment = tcp(b"hello")
    four, six = of(eth(ip4(segment)), eth(ip6(segment), 0x86DD))
    quoting = of(eth(unreachable(ip4(segment))), eth(unreachable6(ip6(segment)), 0x86DD))
    assert quoting == [four | int(QUOTE), six | int(QUOTE)]
    other = of(eth(unreachable(ip4(udp(b"zz", 9), proto=UDP))), eth(unreachable(ip4(segment)[:20])))
    assert rest(*other) == [True, True]


@pytest.mark.parametrize("port", flowhash.CARRIERS)
def test_ports_that_carry(port: int) -> None:
    with pytest.raises(flowhash.Carrier):
        of(eth(ip4(tcp(b"", 5000, port), A, B)))
    with pytest.raises(flowhash.Carrier):
        of(eth(ip6(tcp(b"", port, 5000), six_a, six_b), 0x86DD))
