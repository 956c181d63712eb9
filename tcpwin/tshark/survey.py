"""One quick pass over a capture: where its frames are, their headers, and their flows.

pcap and pcapng as they are usually written; of anything else `survey` says ``None``, and of
anything that is cut, damaged or odd. Then one tshark reads the file and says what is wrong.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from tcpwin.tshark.flowhash import QUOTE, Carrier, places
from tcpwin.tshark.frames import PAD, View, network, packets
from tcpwin.tshark.grown import Grown
from tcpwin.tshark.headers import Headers
from tcpwin.tshark.records import LARGEST_BLOCK, NONE, PCAP, PCAPNG, Odd, Pcap, Pcapng

PIECE: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Survey:
    """Where everything is in a capture.

    Attributes:
        path: the file.
        head: its bytes before the first frame.
        sizes: bytes of each record or block after the head, shape (n,).
        place: of each, see `tcpwin.tshark.flowhash.places`; or `records.EVERY`, or `NONE`.
        told: what the headers say, see `Headers.table`.
        start_ns: time of the first frame.
        end_ns: time of the last that is no ICMP error.
    """

    path: Path
    head: bytes
    sizes: NDArray[np.uint32]
    place: NDArray[np.uint16]
    told: dict[str, Any]
    start_ns: int
    end_ns: int


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The capture as a stream of bytes, unpacked if it is compressed."""
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
        file.seek(0)
        if packed:
            with gzip.open(file) as unpacked:
                yield cast(IO[bytes], unpacked)
        else:
            yield file


def survey(path: Path) -> Survey | None:
    """The survey of a capture; ``None`` where something in it is not as usual."""
    try:
        with opened(path) as file:
            magic = file.read(4)
            if magic in PCAP:
                return _surveyed(path, file, Pcap(magic + file.read(20)))
            if magic == PCAPNG:
                form = Pcapng(magic + file.read(8))
                form.head += file.read(form.rest)
                return _surveyed(path, file, form)
    except (Odd, Carrier, OSError, EOFError, zlib.error, struct.error, KeyError):
        pass
    return None


def _surveyed(path: Path, file: IO[bytes], form: Pcap | Pcapng) -> Survey | None:
    head, rest = form.head, b""
    sizes, place = Grown(np.uint32), Grown(np.uint16)
    headers = Headers()
    count = start_ns = end_ns = 0
    while more := file.read(PIECE):
        data = rest + more
        starts = np.array(form.walk(data, len(data)), np.int64)
        rest = data[starts[-1] :]
        if len(rest) > 2 * LARGEST_BLOCK:
            return None
        padded = data + bytes(PAD)
        frames = form.frames(padded, starts)
        view = View(padded)
        at, kind = network(view, frames.start, frames.stop, frames.link)
        ip = packets(view, at, kind, frames.stop)
        where = places(view, ip, kind, frames.stop)
        headers.add(view, frames, ip, where < QUOTE, count)
        frames.place[frames.place == 0] = where
        before = 0
        if not count:
            is_frame = np.flatnonzero(frames.place < NONE)
            before = is_frame[0] if len(is_frame) else len(frames.place)
            head += data[: starts[before]]
            start_ns = int(frames.time_ns[0]) if len(is_frame) else 0
        sizes.add(np.diff(starts)[before:])
        place.add(frames.place[before:])
        count += len(where)
        counted = frames.time_ns[where & QUOTE == 0]
        end_ns = max(end_ns, int(counted.max(initial=0)))
    if rest or not count:
        return None
    return Survey(path, head, sizes.done(), place.done(), headers.table(), start_ns, end_ns)
