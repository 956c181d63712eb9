"""Which flow a frame belongs to, as a number, for many frames at once.

Only what is plainly TCP over IP is understood here. Everything else is `REST`, and whether
it carries TCP is left to tshark. So nothing here can be wrong about a protocol; it can only
be modest. Bytes are looked at where they lie: a view with a stride of one byte reads a
number at any offset.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tcpwin.tshark.command import CARRIERS

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Hashes = NDArray[np.uint64]

BITS: Final = 11
BUCKETS: Final = 1 << BITS
REST: Final = np.uint16(1 << 14)  # set in the place of a frame that is not plainly TCP
QUOTE: Final = np.uint16(1 << 13)  # set in that of an ICMP error; it goes to the flow it quotes
PAD: Final = 256  # bytes that must follow the last frame: no header reaches further

ETHERNET: Final = 1
SLL: Final = 113
SLL2: Final = 276
_NULL: Final = (0, 108)  # the second of OpenBSD
_RAW: Final = (12, 14, 101)
_RAW_4, _RAW_6 = 228, 229
LINKS: Final = (ETHERNET, SLL, SLL2, *_NULL, *_RAW, _RAW_4, _RAW_6)

_IP4, _IP6, _VLANS = 0x0800, 0x86DD, (0x8100, 0x88A8)
_FAMILIES_6: Final = (10, 24, 28, 30)  # AF_INET6 of Linux, the BSDs and macOS
_PLAIN_HARDWARE: Final = (1, 512, 772, 65534)  # Ethernet, PPP, loopback, none
_ICMP, _TCP, _ICMP6 = 1, 6, 58
_ERRORS_4: Final = (3, 4, 5, 11, 12)
_ERRORS_6: Final = (1, 2, 3, 4)
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_ODD_2: Final = np.uint64(0xC2B2AE3D27D4EB4F)


class Carrier(Exception):  # noqa: N818 - it stops a loop, nothing is wrong
    """A port on which TCP may carry TCP: no flow can be told from its headers alone."""


class _View:
    """The bytes of a piece, and the numbers of 2 and 4 bytes at any offset in it."""

    def __init__(self, data: bytes) -> None:
        self.byte = np.frombuffer(data, np.uint8)
        self.half: NDArray[np.uint16] = np.ndarray((len(data) - 1,), ">u2", data, strides=(1,))
        self.word: NDArray[np.uint32] = np.ndarray((len(data) - 3,), "<u4", data, strides=(1,))


class _Packet(NamedTuple):
    """IP packets: what they carry and where, between whom."""

    whole: Bools  # understood, and no fragment
    six: Bools
    protocol: NDArray[np.uint8]
    at: Ints  # of the payload
    ends: tuple[Hashes, Hashes]


def places(data: bytes, start: Ints, stop: Ints, link: int) -> NDArray[np.uint16]:
    """The bucket of each frame, with `REST` or `QUOTE` set; both directions get the same.

    Args:
        data: the piece of a capture in which the frames lie, and `PAD` bytes more.
        start: where the frames begin in it.
        stop: where they end.
        link: the link type, one of `LINKS`.

    Raises:
        Carrier: one of the ports is among `CARRIERS`.
    """
    view = _View(data)
    at, kind = _network(view, start, stop, link)
    outer = _ip(view, at, stop, kind)
    flow, plain = _flow(view, outer, stop)
    error_4 = ~outer.six & (outer.protocol == _ICMP) & np.isin(view.byte[outer.at], _ERRORS_4)
    error_6 = outer.six & (outer.protocol == _ICMP6) & np.isin(view.byte[outer.at], _ERRORS_6)
    errors = np.flatnonzero(outer.whole & (error_4 | error_6) & (outer.at < stop))
    bucket = np.where(plain, flow, _bucket(_mixed(outer.ends[0]) + _mixed(outer.ends[1])))
    place = np.where(plain, bucket, np.where(outer.whole | (kind > 0), bucket, 0) | REST)
    if len(errors):
        quoted = np.where(outer.six[errors], _IP6, _IP4)
        inner = _ip(view, outer.at[errors] + 8, stop[errors], quoted)
        flow, plain = _flow(view, inner, stop[errors])
        place[errors[plain]] = flow[plain] | QUOTE
    return place.astype(np.uint16)


def _network(view: _View, start: Ints, stop: Ints, link: int) -> tuple[Ints, Ints]:
    """Where the network layer begins, and which it is as an Ethernet type; 0 if not known."""
    if link in (*_RAW, _RAW_4, _RAW_6):
        version = view.byte[start] >> 4
        kind = np.where(version == 4, _IP4, np.where(version == 6, _IP6, 0))
        return start, kind
    if link in _NULL:
        family = np.maximum(view.byte[start], view.byte[start + 3])
        six = np.isin(family, _FAMILIES_6)
        return start + 4, np.where(family == 2, _IP4, np.where(six, _IP6, 0))
    size, place, hardware = {ETHERNET: (14, 12, 0), SLL: (16, 14, 2), SLL2: (20, 0, 8)}[link]
    at, kind = start + size, view.half[start + place].astype(np.int64)
    if hardware:
        kind = np.where(np.isin(view.half[start + hardware], _PLAIN_HARDWARE), kind, 0)
    for _ in range(2):
        tagged = np.isin(kind, _VLANS) & (at + 4 <= stop)
        if not tagged.any():
            break
        kind = np.where(tagged, view.half[at + 2], kind)
        at = np.where(tagged, at + 4, at)
    return at, kind


def _ip(view: _View, at: Ints, stop: Ints, kind: Ints) -> _Packet:
    first = view.byte[at]
    six = (kind == _IP6) & (first >> 4 == 6) & (at + 40 <= stop)
    four = (kind == _IP4) & (first >> 4 == 4) & (at + 20 <= stop)
    size = np.where(six, 40, (first & 15).astype(np.int64) * 4)
    source, target = (view.word[at + offset].astype(np.uint64) for offset in (12, 16))
    if six.any():
        long_source, long_target = (_folded(view, at + offset) for offset in (8, 24))
        source = np.where(six, long_source, source)
        target = np.where(six, long_target, target)
    known = six | four
    ends = np.where(known, source, np.uint64(0)), np.where(known, target, np.uint64(0))
    whole = six | (four & (size >= 20) & (view.half[at + 6] & 0x3FFF == 0))
    protocol = np.where(six, view.byte[at + 6], view.byte[at + 9])
    return _Packet(whole, six, protocol, at + size, ends)


def _flow(view: _View, packet: _Packet, stop: Ints) -> tuple[Hashes, Bools]:
    """The bucket of both ends with their ports, and where that is plainly TCP."""
    plain = packet.whole & (packet.protocol == _TCP) & (packet.at + 4 <= stop)
    ports = [view.half[packet.at + offset] for offset in (0, 2)]
    if any(np.isin(port[plain], CARRIERS).any() for port in ports):
        raise Carrier
    ends = zip(packet.ends, ports, strict=True)
    one, other = (_mixed(end + port.astype(np.uint64) * _ODD_2) for end, port in ends)
    return _bucket(one + other), plain


def _folded(view: _View, at: Ints) -> Hashes:
    folded = np.zeros(len(at), np.uint64)
    for offset in (0, 4, 8, 12):
        folded = (folded + view.word[at + offset]) * _ODD
        folded ^= folded >> np.uint64(29)
    return folded


def _mixed(value: Hashes) -> Hashes:
    """Any bit of the value reaches all bits. Source: the finalizer of splitmix64."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _bucket(value: Hashes) -> Hashes:
    return _mixed(value) >> np.uint64(64 - BITS)
