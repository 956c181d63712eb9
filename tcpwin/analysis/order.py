"""Which of two packets of one sender left first, as far as their headers tell."""

from __future__ import annotations

from typing import Final

import numpy as np

from tcpwin.analysis.grouped import NEVER, Bools, Ints
from tcpwin.analysis.segments import Segments

# Of a host that counts its packets, nearly every step is small and upwards; a host that
# draws identifications at random goes up by so little in one step of 128.
_COUNTS: Final = 0.8
_SMALL: Final = 512


def counts_ip_ids(segments: Segments, sends: Bools) -> Bools:
    """Streams whose sender (rows `sends`) numbers its packets upwards, shape (streams,)."""
    groups = segments.groups
    ids = segments.column("ip_id")
    rows = np.flatnonzero(sends & (ids >= 0))
    stream = groups.ids[rows]
    steps = (np.diff(ids[rows]) + 32768) % 65536 - 32768
    same = stream[1:] == stream[:-1]
    small = same & (steps > 0) & (steps <= _SMALL)
    total = np.bincount(stream[1:][same], minlength=len(groups))
    upward = np.bincount(stream[1:][small], minlength=len(groups))
    return (total > 0) & (upward >= _COUNTS * total)


def sent_earlier(segments: Segments, sends: Bools, rows: Ints, than: Ints) -> tuple[Bools, Bools]:
    """Whether `rows` left their sender before the rows `than`, and whether that can be told.

    By the time stamp option where the two differ (RFC 7323 3.2), else by the IP
    identification of a host that counts.
    """
    paired = than != NEVER
    other = np.maximum(than, 0)
    stamp = segments.column("tsval")
    ticks = (stamp[rows] - stamp[other] + (1 << 31)) % (1 << 32) - (1 << 31)
    by_stamp = paired & (stamp[rows] >= 0) & (stamp[other] >= 0) & (ticks != 0)
    ids = segments.column("ip_id")
    steps = (ids[rows] - ids[other] + 32768) % 65536 - 32768
    counted = counts_ip_ids(segments, sends)[segments.groups.ids[rows]]
    by_id = paired & counted & (ids[rows] >= 0) & (ids[other] >= 0) & (steps != 0)
    return np.where(by_stamp, ticks < 0, by_id & (steps < 0)), by_stamp | by_id
