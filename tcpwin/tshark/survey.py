"""One quick pass over a capture: where its frames are, and which flow each belongs to.

pcap and pcapng as they are usually written; of anything else `survey` says ``None``, and of
anything that is cut, damaged or odd. Then one tshark reads the file and says what is wrong.
Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from tcpwin.tshark.flowhash import LINKS, PAD, Carrier, places

PIECE: Final = 1 << 20
_LARGEST: Final = 262_144  # of a frame: what tshark accepts
_LARGEST_BLOCK: Final = 1 << 24
EVERY: Final = np.uint16(0xFFFF)  # the place of a block that every part needs
NONE: Final = np.uint16(0xFFFE)  # that of one which no part needs

_PCAP: Final = {
    b"\xd4\xc3\xb2\xa1": "<",
    b"\x4d\x3c\xb2\xa1": "<",
    b"\xa1\xb2\xc3\xd4": ">",
    b"\xa1\xb2\x3c\x4d": ">",
}
_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_ASIDE: Final = (4, 5, 10)  # names, statistics, secrets: no frames
_GZIP: Final = b"\x1f\x8b"


class _Odd(Exception):  # noqa: N818 - nothing is wrong, it is left to tshark
    """Not as usual."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Where everything is in a capture.

    Attributes:
        path: the file.
        head: its bytes before the first frame.
        first: a frame without content, with the time of the first one.
        sizes: bytes of each record or block after the head, shape (n,).
        place: of each, see `tcpwin.tshark.flowhash.places`; or `EVERY`, or `NONE`.
    """

    path: Path
    head: bytes
    first: bytes
    sizes: NDArray[np.uint32]
    place: NDArray[np.uint16]


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The capture as a stream of bytes, unpacked if it is compressed."""
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
        file.seek(0)
        if packed:
            with gzip.open(file) as unpacked:
                yield unpacked  # type: ignore[misc]
        else:
            yield file


def survey(path: Path) -> Survey | None:
    """The survey of a capture; ``None`` where frames cannot be told apart with certainty."""
    try:
        with opened(path) as file:
            magic = file.read(4)
            if magic in _PCAP:
                return _surveyed(path, file, _Pcap(magic + file.read(20), _PCAP[magic]))
            if magic == struct.pack("<I", _SECTION):
                section = magic + file.read(8)
                order = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}[section[8:]]
                size = struct.unpack(order + "I", section[4:8])[0]
                if not 28 <= size <= _LARGEST_BLOCK:
                    return None
                return _surveyed(path, file, _Pcapng(section + file.read(size - 12), order))
    except (_Odd, Carrier, OSError, EOFError, zlib.error, struct.error, KeyError):
        pass
    return None


class _Pcap:
    """Records of pcap."""

    def __init__(self, head: bytes, order: str) -> None:
        self.head, self.order = head, order
        major, minor, link = struct.unpack(order + "4xHH12xI", head)
        if (major, minor) != (2, 4) or link not in LINKS:
            raise _Odd
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

    def places(self, data: bytes, starts: NDArray[np.int64]) -> NDArray[np.uint16]:
        """The place of each record."""
        number: NDArray[np.uint32] = np.ndarray(
            (len(data) - 3,), self.order + "u4", data, strides=(1,)
        )
        captured, wire = number[starts[:-1] + 8], number[starts[:-1] + 12]
        if (captured > np.minimum(wire, _LARGEST)).any():
            raise _Odd
        return places(data, starts[:-1] + 16, starts[1:], self.link)

    def empty(self, record: bytes) -> bytes:
        """The record without its frame."""
        return record[:8] + bytes(8)


class _Pcapng:
    """Blocks of pcapng: one section, frames in Enhanced Packet Blocks."""

    def __init__(self, head: bytes, order: str) -> None:
        self.head, self.order = head, order
        self.links: list[int] = []

    def walk(self, data: bytes, end: int) -> list[int]:
        """Where blocks begin in the piece; the last number is where the whole ones end."""
        length, at, starts = struct.Struct(self.order + "I").unpack_from, 0, [0]
        end -= 12
        while at <= end:
            (size,) = length(data, at + 4)
            if size < 12 or size % 4 or size > _LARGEST_BLOCK:
                raise _Odd
            at += size
            starts.append(at)
        if at > end + 12:
            starts.pop()
        return starts

    def places(self, data: bytes, starts: NDArray[np.int64]) -> NDArray[np.uint16]:
        """The place of each block."""
        number: NDArray[np.uint32] = np.ndarray(
            (len(data) - 3,), self.order + "u4", data, strides=(1,)
        )
        at, stop = starts[:-1], starts[1:]
        kind = number[at]
        if (number[at + 4] != number[stop - 4]).any():
            raise _Odd
        place = np.full(len(at), NONE, np.uint16)
        described = len(self.links) + np.cumsum(kind == _INTERFACE)
        for block in np.flatnonzero((kind != _PACKET) & ~np.isin(kind, _ASIDE)):
            if kind[block] != _INTERFACE:
                raise _Odd
            (link,) = struct.unpack_from(self.order + "H", data, int(at[block]) + 8)
            if link not in LINKS:
                raise _Odd
            self.links.append(link)
            place[block] = EVERY
        frames = np.flatnonzero(kind == _PACKET)
        at, room = at[frames], (stop - at)[frames]
        interface, captured, wire = number[at + 8], number[at + 20], number[at + 24]
        too_much = captured > np.minimum(np.minimum(wire, _LARGEST), np.maximum(room - 32, 0))
        if too_much.any() or (interface >= described[frames]).any():
            raise _Odd
        for link in set(self.links):
            of_link = np.array(self.links)[interface] == link
            start = at[of_link] + 28
            stop_at = start + captured[of_link]
            place[frames[of_link]] = places(data, start, stop_at, link)
        return place

    def empty(self, block: bytes) -> bytes:
        """The block without its frame."""
        size = struct.pack(self.order + "I", 32)
        return block[:4] + size + block[8:20] + bytes(8) + size


def _surveyed(path: Path, file: IO[bytes], form: _Pcap | _Pcapng) -> Survey | None:
    head, first, rest = form.head, b"", b""
    sizes: list[Any] = [np.zeros(0, np.uint32)]
    place: list[Any] = [np.zeros(0, np.uint16)]
    while more := file.read(PIECE):
        data = rest + more
        starts = np.array(form.walk(data, len(data)), np.int64)
        rest = data[starts[-1] :]
        if len(rest) > 2 * _LARGEST_BLOCK:
            return None
        sizes.append(np.diff(starts).astype(np.uint32))
        place.append(form.places(data + bytes(PAD), starts))
        if not first:
            frames = np.flatnonzero(place[-1] < NONE)
            before = frames[0] if len(frames) else len(place[-1])
            head += data[: starts[before]]
            sizes[-1], place[-1] = sizes[-1][before:], place[-1][before:]
            if len(frames):
                first = form.empty(data[starts[before] : starts[before + 1]])
    if rest or not first:
        return None
    return Survey(path, head, first, np.concatenate(sizes), np.concatenate(place))
