"""The columns that one can read in the headers of IP and TCP, without a tshark.

Printing a value costs tshark as much as finding it. These values everybody finds alike where
the headers are as usual. Where a single one is not, that is `Odd`: tshark has to tell.
"""

from __future__ import annotations

import socket
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tcpwin.tshark.frames import Bools, Ints, Packets, View
from tcpwin.tshark.grown import Grown
from tcpwin.tshark.records import Frames, Odd

# Of these the header tells one in each packet, or none in some.
_FIXED: Final[dict[str, Any]] = {
    "frame": np.uint32,
    "time_ns": np.int64,
    "src_port": np.uint16,
    "dst_port": np.uint16,
    "frame_len": np.uint32,
    "cap_len": np.uint32,
    "seq_raw": np.uint32,
    "len": np.uint32,
    "flags": np.uint16,
    "window_size_value": np.uint16,
    "sack_perm": np.bool_,
    "src": np.int32,  # which address it is
    "dst": np.int32,
}
_SOME: Final[dict[str, Any]] = {
    "ip_id": np.uint16,
    "ttl": np.uint8,
    "hlim": np.uint8,
    "mss_val": np.uint16,
    "wscale_shift": np.uint8,
    "tsval": np.uint32,
    "tsecr": np.uint32,
}
_ENDS: Final = ("src", "dst")
TOLD: Final = frozenset({*_FIXED, *_SOME} - {"frame"})

_KEY: Final = 17  # bytes: an address of IPv6, or of IPv4 and zeros; then which of both it is
_END, _NOTHING = 0, 1  # options of one byte
_MSS, _SCALE, _SACK_OK, _SACK, _STAMPS = 2, 3, 4, 5, 8
_SIZES: Final = {_MSS: 4, _SCALE: 3, _SACK_OK: 2, _STAMPS: 10}
_MOST_SHIFT: Final = 14  # RFC 7323 2.3
_NOWHERE: Final = np.int64(1 << 40)  # in no piece


class Headers:
    """What the headers say, piece by piece."""

    def __init__(self) -> None:
        self._columns = {name: Grown(kind) for name, kind in {**_FIXED, **_SOME}.items()}
        self._there = {name: Grown(np.bool_) for name in _SOME}
        self._addresses: dict[bytes, int] = {}

    def add(self, view: View, frames: Frames, ip: Packets, plain: Bools, first: int) -> None:
        """Take over a piece.

        Args:
            view: of the piece.
            frames: in it.
            ip: their packets.
            plain: which of them are plainly TCP.
            first: how many frames came before.

        Raises:
            Odd: a header is not as usual.
        """
        rows = np.flatnonzero(plain)
        if not len(rows):
            return
        at, segment, six = ip.at[rows], ip.payload[rows], ip.six[rows]
        start, stop, wire = frames.start[rows], frames.stop[rows], frames.wire[rows]
        total = np.where(six, view.half[at + 4].astype(np.int64) + 40, view.half[at + 2])
        size = (view.byte[segment + 12] >> 4).astype(np.int64) * 4
        body = segment + size
        usual = (segment - at == np.where(six, 40, 20)) & (size >= 20) & (segment + 20 <= stop)
        if not (usual & (body <= at + total) & (at + total <= start + wire)).all():
            raise Odd
        four = ~six
        piece: dict[str, Any] = {
            "frame": first + rows + 1,
            "time_ns": frames.time_ns[rows],
            "src_port": view.half[segment],
            "dst_port": view.half[segment + 2],
            "frame_len": wire,
            "cap_len": stop - start,
            "seq_raw": view.word[segment + 4],
            "len": at + total - body,
            "flags": view.half[segment + 12] & 0xFFF,
            "window_size_value": view.half[segment + 14],
            "ip_id": (view.half[at + 4], four),
            "ttl": (view.byte[at + 8], four),
            "hlim": (view.byte[at + 7], six),
            "src": self._codes(_keys(view, np.where(six, at + 8, at + 12), six)),
            "dst": self._codes(_keys(view, np.where(six, at + 24, at + 16), six)),
            **_options(view, segment + 20, body, stop),
        }
        for name in _SOME:
            piece[name], there = piece[name]
            self._there[name].add(there)
        for name, column in self._columns.items():
            column.add(piece[name])

    def _codes(self, keys: Any) -> NDArray[np.int32]:
        """Which address each key is."""
        encoded, known = keys.dictionary_encode(), self._addresses
        codes = [known.setdefault(key, len(known)) for key in encoded.dictionary.to_pylist()]
        places: NDArray[np.int32] = np.array(codes, np.int32)[encoded.indices]
        return places

    def table(self) -> dict[str, Any]:
        """Arrow arrays of `TOLD` and ``frame``, a row for each segment."""
        there = {name: column.done() for name, column in self._there.items()}
        names = pa.array([_name(key) for key in self._addresses], pa.string())
        table: dict[str, Any] = {}
        for name, column in self._columns.items():
            table[name] = pa.array(column.done(), mask=~there[name] if name in there else None)
        for name in _ENDS:
            table[name] = pa.DictionaryArray.from_arrays(table[name], names)
        return table


def _options(view: View, start: Ints, end: Ints, stop: Ints) -> dict[str, Any]:
    """Those of TCP that are columns, as values and where they are.

    Args:
        view: of the piece.
        start: where the options of each segment begin.
        end: where they end by the header.
        stop: where the frame was cut; a value that was is not told.

    Raises:
        Odd: an option is not as usual.
    """
    at, rows = start, np.arange(len(start))
    place = {kind: np.full(len(start), _NOWHERE) for kind in (*_SIZES, _SACK)}
    last = np.minimum(end, stop)
    while True:
        kind = view.byte[at]
        long = (kind != _END) & (kind != _NOTHING)
        on = (kind != _END) & (at + long < last[rows])  # the size of a long one is there
        at, rows, kind, long = at[on], rows[on], kind[on], long[on]
        if not len(rows):
            break
        size = np.where(long, view.byte[at + 1].astype(np.int64), 1)
        if ((size < 1 + long) | (at + size > end[rows])).any():
            raise Odd
        for one, where in place.items():
            here = np.flatnonzero(kind == one)
            if not len(here):
                continue
            found, length = rows[here], size[here]
            right = length == _SIZES[one] if one in _SIZES else (length % 8 == 2) & (length > 2)
            if not right.all() or (where[found] != _NOWHERE).any():
                raise Odd
            where[found] = at[here]
        at = at + size

    def told(numbers: NDArray[Any], kind: int, offset: int, size: int) -> tuple[Any, Bools]:
        there = place[kind] + offset + size <= stop
        return numbers[np.where(there, place[kind] + offset, 0)], there

    shift, has_shift = told(view.byte, _SCALE, 2, 1)
    if (shift[has_shift] > _MOST_SHIFT).any():
        raise Odd
    return {
        "mss_val": told(view.half, _MSS, 2, 2),
        "wscale_shift": (shift, has_shift),
        "tsval": told(view.word, _STAMPS, 2, 4),
        "tsecr": told(view.word, _STAMPS, 6, 4),
        "sack_perm": place[_SACK_OK] + 2 <= stop,
    }


def _keys(view: View, at: Ints, six: Bools) -> Any:
    """The addresses of 4 or 16 bytes there, as keys."""
    keys = np.zeros((len(at), _KEY), np.uint8)
    _copy(view.byte, at, keys, 0, 4)
    if six.any():
        rows = np.flatnonzero(six)
        longer = keys[rows]
        _copy(view.byte, at[rows], longer, 4, 16)
        longer[:, -1] = 1
        keys[rows] = longer
    buffers = [None, pa.py_buffer(keys)]
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(_KEY), len(at), buffers)


def _copy(byte: NDArray[np.uint8], at: Ints, keys: NDArray[np.uint8], low: int, high: int) -> None:
    for offset in range(low, high):
        keys[:, offset] = byte[at + offset]


def _name(key: bytes) -> str:
    if key[-1]:
        return socket.inet_ntop(socket.AF_INET6, key[:-1])
    return socket.inet_ntoa(key[:4])
