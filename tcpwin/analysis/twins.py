"""Packets captured twice: a mirror port that shows each packet at its entry and its exit."""

from __future__ import annotations

from typing import Final

import numpy as np

from tcpwin.analysis.grouped import Bools
from tcpwin.analysis.segments import Segments

# A retransmission takes a new IP identification; where the host sends the same one always,
# only time tells. Nobody retransmits within a millisecond and in every direction.
_AT_ONCE_NS: Final = 1_000_000
_SAME_ID_NS: Final = 1_000_000_000  # identifications wrap, but not together with seq and time
_MIRRORED: Final = 0.5  # share of all packets above which a blind twin is taken for a copy


def twins(segments: Segments) -> Bools:
    """Rows that repeat an earlier row of the stream to the bit, as far as columns tell.

    The same sender, IP identification, sequence and acknowledgement numbers, length, flags,
    window and time stamps, shortly after it. Without a telling identification (0, IPv6) a
    twin counts only in a stream where most packets have one: a duplicate ACK looks the same.
    """
    n = len(segments.frame)
    result = np.zeros(n, bool)
    if n < 2:
        return result
    ids = segments.column("ip_id")
    columns = (
        segments.groups.ids,
        segments.from_client,
        segments.seq,
        segments.ack,
        segments.length,
        segments.flags,
        segments.window,
        ids,
        segments.column("tsval"),
        segments.column("tsecr"),
    )
    order = np.lexsort((np.arange(n), *columns[::-1]))
    same = np.ones(n - 1, bool)
    for column in columns:
        sorted_column = column[order]
        same &= sorted_column[1:] == sorted_column[:-1]
    later, earlier = order[1:][same], order[:-1][same]
    gap = np.abs(segments.time_ns[later] - segments.time_ns[earlier])
    telling = ids[later] > 0
    result[later[telling & (gap <= _SAME_ID_NS)]] = True
    blind = np.zeros(n, bool)
    blind[later[~telling & (gap <= _AT_ONCE_NS)]] = True
    share = segments.groups.sum(blind) >= _MIRRORED * segments.groups.sizes / 2
    return result | (blind & share[segments.groups.ids])
