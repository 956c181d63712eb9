"""The records of pcap and the blocks of pcapng, as they are usually written.

What is cut, damaged or rare is `Odd`, and left to tshark.
Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tcpwin.tshark.frames import LINKS, Ints

EVERY: Final = np.uint16(0xFFFF)  # the place of a block that every part needs
NONE: Final = np.uint16(0xFFFE)  # that of one which no part needs

LARGEST_BLOCK: Final = 1 << 24
_LARGEST: Final = 262_144  # of a frame: what tshark accepts
_LATEST_S: Final = 1 << 31  # the year 2038: stamps are usually from before
_SECOND: Final = 1_000_000_000  # ns
_PCAP: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),  # ns in a unit of the fraction
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
PCAP: Final = tuple(_PCAP)
_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
PCAPNG: Final = struct.pack("<I", _SECTION)
_ORDERS: Final = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_ASIDE: Final = (4, 5, 10)  # names, statistics, secrets: no frames
_RESOLUTION, _OFFSET = 9, 14  # options of an interface


class Odd(Exception):  # noqa: N818 - nothing is wrong, it is left to tshark
    """Not as usual."""


class Frames(NamedTuple):
    """The frames in a piece of a capture.

    Attributes:
        place: of each record, `EVERY`, `NONE` or, of a frame, 0; shape (records,).
        start: where the frames begin in the piece, shape (frames,).
        stop: where they end there.
        wire: bytes that each had on the wire.
        link: its link type.
        time_ns: since 1970 UTC.
    """

    place: NDArray[np.uint16]
    start: Ints
    stop: Ints
    wire: Ints
    link: Ints
    time_ns: Ints


class Pcap:
    """Records of pcap."""

    def __init__(self, head: bytes) -> None:
        """`head` is the file's first 24 bytes."""
        self.head = head
        self.order, self._unit = _PCAP[head[:4]]
        major, minor, link = struct.unpack(self.order + "4xHH12xI", head)
        if (major, minor) != (2, 4) or link not in LINKS:
            raise Odd
        self.link = link

    def walk(self, data: bytes, end: int) -> list[int]:
        """Where records begin in the piece; the last number is where the whole ones end."""
        length, at, starts = struct.Struct(self.order + "I").unpack_from, 0, [0]
        end -= 16
        while at <= end:
            (size,) = length(data, at + 8)
            at += 16 + size
            starts.append(at)
        if at > end + 16:
            starts.pop()
        return starts

    def frames(self, data: bytes, starts: Ints) -> Frames:
        """The frames of these records."""
        number = _numbers(data, self.order)
        at = starts[:-1]
        second, fraction, captured, wire = (number[at + n].astype(np.int64) for n in (0, 4, 8, 12))
        fraction *= self._unit
        too_much = captured > np.minimum(wire, _LARGEST)
        if (too_much | (second >= _LATEST_S) | (fraction >= _SECOND)).any():
            raise Odd
        place, link = np.zeros(len(at), np.uint16), np.full(len(at), self.link)
        return Frames(place, at + 16, starts[1:], wire, link, second * _SECOND + fraction)


class Pcapng:
    """Blocks of pcapng: one section, frames in Enhanced Packet Blocks."""

    def __init__(self, head: bytes) -> None:
        """`head` is the file's first 12 bytes; `rest` says how many follow of its section."""
        self.head, self.order = head, _ORDERS[head[8:]]
        (size,) = struct.unpack(self.order + "I", head[4:8])
        if not 28 <= size <= LARGEST_BLOCK:
            raise Odd
        self.rest = size - len(head)
        self.links: list[int] = []
        self.units: list[int] = []  # ns in a unit of the stamps

    def walk(self, data: bytes, end: int) -> list[int]:
        """Where blocks begin in the piece; the last number is where the whole ones end."""
        length, at, starts = struct.Struct(self.order + "I").unpack_from, 0, [0]
        end -= 12
        while at <= end:
            (size,) = length(data, at + 4)
            if size < 12 or size % 4 or size > LARGEST_BLOCK:
                raise Odd
            at += size
            starts.append(at)
        if at > end + 12:
            starts.pop()
        return starts

    def frames(self, data: bytes, starts: Ints) -> Frames:
        """The frames of these blocks."""
        number = _numbers(data, self.order)
        at, stop = starts[:-1], starts[1:]
        kind = number[at]
        if (number[at + 4] != number[stop - 4]).any():
            raise Odd
        place = np.full(len(at), NONE, np.uint16)
        described = len(self.links) + np.cumsum(kind == _INTERFACE)
        for block in np.flatnonzero((kind != _PACKET) & ~np.isin(kind, _ASIDE)):
            if kind[block] != _INTERFACE:
                raise Odd
            self._interface(data[at[block] + 8 : stop[block] - 4])
            place[block] = EVERY
        which = np.flatnonzero(kind == _PACKET)
        place[which] = 0
        at, room = at[which], (stop - at)[which]
        interface, high, low, captured, wire = (
            number[at + n].astype(np.int64) for n in (8, 12, 16, 20, 24)
        )
        too_much = captured > np.minimum(np.minimum(wire, _LARGEST), np.maximum(room - 32, 0))
        if too_much.any() or (interface >= described[which]).any():
            raise Odd
        link, unit = np.array(self.links)[interface], np.array(self.units)[interface]
        ticks = (high << 32) + low
        if ((high >= 1 << 31) | (ticks // (_SECOND // unit) >= _LATEST_S)).any():
            raise Odd
        return Frames(place, at + 28, at + 28 + captured, wire, link, ticks * unit)

    def _interface(self, body: bytes) -> None:
        """Take note of one; `body` is its block without type and sizes."""
        link, _, _ = struct.unpack_from(self.order + "HHI", body)
        if link not in LINKS:
            raise Odd
        unit, at = 1000, 8
        while at + 4 <= len(body):
            code, size = struct.unpack_from(self.order + "HH", body, at)
            value, at = body[at + 4 : at + 4 + size], at + 4 + -(-size // 4) * 4
            if code == 0:
                break
            if code == _RESOLUTION:
                if len(value) != 1 or value[0] > 9:
                    raise Odd
                unit = 10 ** (9 - value[0])
            if code == _OFFSET:
                raise Odd
        self.links.append(link)
        self.units.append(unit)


def _numbers(data: bytes, order: str) -> NDArray[np.uint32]:
    """The number of 4 bytes at any offset."""
    return np.ndarray((len(data) - 3,), order + "u4", data, strides=(1,))
