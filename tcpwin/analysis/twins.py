"""Packets captured twice: a mirror port that shows each packet at its entry and its exit."""

from __future__ import annotations

from typing import Final

import numpy as np

from tcpwin.analysis.grouped import Bools, Groups, Ints
from tcpwin.analysis.segments import Segments

# Identifications wrap, but not together with seq and time.
_SAME_ID_NS: Final = 1_000_000_000
# Without one only time tells: a mirror's copies come together, a sender waits an RTT.
_AT_ONCE_NS: Final = 10_000_000
# A direction is mirrored when at least a quarter of its data comes again at once; one that
# has no data, when nearly every packet does: what is rounded up to two copies of each.
_DATA: Final = 0.67
_PURE: Final = 0.2


def twins(segments: Segments) -> Bools:
    """Rows that repeat an earlier row of the stream to the bit, as far as columns tell.

    The same sender, IP identification, sequence and acknowledgement numbers, length, flags,
    window and time stamps, shortly after it; the time to live may differ. Where the
    identification does not tell (IPv6, always the same), a row counts only in a direction
    that repeats its data too, and once in as many as there are copies of the data, since a
    duplicate ACK looks the same.
    """
    n = len(segments.frame)
    result = np.zeros(n, bool)
    if n < 2:
        return result
    ids = segments.column("ip_id")
    side = 2 * segments.groups.ids + segments.from_client
    stamp, echo = segments.column("tsval"), segments.column("tsecr")
    columns = (side, segments.seq, segments.ack, segments.length, segments.flags,
               segments.window, ids, stamp, echo)  # fmt: skip
    order = np.lexsort(columns[::-1])
    same = np.ones(n - 1, bool)
    for column in columns:
        sorted_column = column[order]
        same &= sorted_column[1:] == sorted_column[:-1]
    if not same.any():
        return result
    telling = ((ids > 0) & _counted(side, ids))[order]
    gap = np.abs(np.diff(segments.time_ns[order]))
    same &= gap <= np.where(telling[1:], _SAME_ID_NS, _AT_ONCE_NS)
    runs = Groups.of_sorted(np.cumsum(np.concatenate(([True], ~same))))
    position = np.arange(n) - runs.first
    copies = _copies(side[order], (segments.end > segments.seq)[order], position == 0)
    result[order] = (position > 0) & (telling | (position % copies[side[order]] != 0))
    return result


def _counted(side: Ints, ids: Ints) -> Bools:
    """Rows of a direction in which the identification is not always the same."""
    directions = int(side.max()) + 1
    low, high = np.full(directions, 1 << 16), np.full(directions, -1)
    np.minimum.at(low, side, ids)
    np.maximum.at(high, side, ids)
    return (low < high)[side]


def _copies(side: Ints, takes: Bools, first: Bools) -> Ints:
    """How often each direction shows a packet, judged by those that take sequence numbers.

    Nobody sends data twice at once; a direction without any is judged by all it has.
    """
    directions = int(side.max()) + 1

    def times(rows: Bools, rounding: float) -> tuple[Ints, Ints]:
        seen = np.bincount(side[rows], minlength=directions)
        distinct = np.bincount(side[rows & first], minlength=directions)
        return seen, np.floor(seen / np.maximum(distinct, 1) + rounding).astype(np.int64)

    data, by_data = times(takes, _DATA)
    _, by_all = times(np.ones(len(side), bool), _PURE)
    return np.maximum(np.where(data > 0, by_data, by_all), 1)
