"""Where the headers of frames are, for many frames at once.

Only what is plainly IP is understood here; nothing is said of anything else. Bytes are looked
at where they lie: a view with a stride of one byte reads a number at any offset.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

PAD: Final = 256  # bytes that must follow the last frame: no header reaches further

ETHERNET: Final = 1
SLL: Final = 113
SLL2: Final = 276
_NULL: Final = (0, 108)  # the second of OpenBSD
_RAW: Final = (12, 14, 101, 228, 229)
LINKS: Final = (ETHERNET, SLL, SLL2, *_NULL, *_RAW)

IP4: Final = 0x0800
IP6: Final = 0x86DD
_VLANS: Final = (0x8100, 0x88A8)
_FAMILIES_6: Final = (10, 24, 28, 30)  # AF_INET6 of Linux, the BSDs and macOS
_PLAIN_HARDWARE: Final = (1, 512, 772, 65534)  # Ethernet, PPP, loopback, none


class View:
    """The bytes of a piece, and the numbers of 2 and 4 bytes at any offset in it.

    Attributes:
        byte: each byte.
        half: the number of 2 bytes at each, big-endian as in all headers.
        word: that of 4 bytes.
    """

    def __init__(self, data: bytes) -> None:
        self.byte = np.frombuffer(data, np.uint8)
        self.half: NDArray[np.uint16] = np.ndarray((len(data) - 1,), ">u2", data, strides=(1,))
        self.word: NDArray[np.uint32] = np.ndarray((len(data) - 3,), ">u4", data, strides=(1,))


class Packets(NamedTuple):
    """IP packets.

    Attributes:
        known: understood; of the others nothing here counts.
        whole: and no fragment.
        six: IPv6 rather than IPv4.
        at: where they begin.
        protocol: what follows the IP header.
        payload: where that begins.
    """

    known: Bools
    whole: Bools
    six: Bools
    at: Ints
    protocol: NDArray[np.uint8]
    payload: Ints


def network(view: View, start: Ints, stop: Ints, link: Ints) -> tuple[Ints, Ints]:
    """Where the network layer begins, and which it is as an Ethernet type; 0 if not known.

    Args:
        view: of the piece of a capture in which the frames lie, and `PAD` bytes more.
        start: where the frames begin in it.
        stop: where they end.
        link: the link type of each, one of `LINKS`.
    """
    kinds = [one for one in LINKS if (link == one).any()]
    if len(kinds) == 1:
        return _network(view, start, stop, kinds[0])
    at, kind = start.copy(), np.zeros(len(start), np.int64)
    for one in kinds:
        mine = link == one
        at[mine], kind[mine] = _network(view, start[mine], stop[mine], one)
    return at, kind


def _network(view: View, start: Ints, stop: Ints, link: int) -> tuple[Ints, Ints]:
    if link in _RAW:
        version = view.byte[start] >> 4
        return start, np.where(version == 4, IP4, np.where(version == 6, IP6, 0))
    if link in _NULL:
        family = np.maximum(view.byte[start], view.byte[start + 3])
        six = np.isin(family, _FAMILIES_6)
        return start + 4, np.where(family == 2, IP4, np.where(six, IP6, 0))
    size, place, hardware = {ETHERNET: (14, 12, 0), SLL: (16, 14, 2), SLL2: (20, 0, 8)}[link]
    at, kind = start + size, view.half[start + place].astype(np.int64)
    if hardware:
        kind = np.where(np.isin(view.half[start + hardware], _PLAIN_HARDWARE), kind, 0)
    for _ in range(2):
        tagged = ((kind == _VLANS[0]) | (kind == _VLANS[1])) & (at + 4 <= stop)
        if not tagged.any():
            break
        kind = np.where(tagged, view.half[at + 2], kind)
        at = np.where(tagged, at + 4, at)
    return at, kind


def packets(view: View, at: Ints, kind: Ints, stop: Ints) -> Packets:
    """The IP packets there; `kind` is 0, or an Ethernet type."""
    first = view.byte[at]
    version = first >> 4
    six = (kind == IP6) & (version == 6) & (at + 40 <= stop)
    four = (kind == IP4) & (version == 4) & (at + 20 <= stop)
    size = np.where(six, 40, (first & 15).astype(np.int64) * 4)
    whole = six | (four & (size >= 20) & (view.half[at + 6] & 0x3FFF == 0))
    protocol = view.byte[np.where(six, at + 6, at + 9)]
    return Packets(six | four, whole, six, at, protocol, at + size)
