"""RTT from the time stamp option: also for the side that sends nothing but ACKs.

A receiver's ACK carries a TSval that the sender echoes in its next data; the first match
gives the round trip from the capture point to the sender and back (RFC 7323 4.1).
"""

from __future__ import annotations

import numpy as np

from tcpwin.analysis.grouped import UNKNOWN, Groups, Ints
from tcpwin.analysis.segments import SYN, Segments


def stamp_samples(segments: Segments, flow: int) -> Ints:
    """Round trips told by time stamps, ns; shape (n,).

    For each row that is the first to echo a stamp of the flow's sender the time since that
    stamp was first seen, ``UNKNOWN`` elsewhere.
    Only while the echoing side keeps sending: one that was silent in between may have echoed
    late because it had nothing to say.
    """
    n = len(segments.frame)
    result = np.full(n, UNKNOWN)
    stamp, echo = segments.column("tsval"), segments.column("tsecr")
    sends = segments.sends(flow)
    out = np.flatnonzero(sends & (stamp >= 0) & ~segments.has(SYN))
    back = np.flatnonzero(~sends & (echo > 0) & ~segments.has(SYN))
    if not len(out) or not len(back):
        return result
    ids = segments.groups.ids
    sent_keys, sent_first = np.unique(ids[out] << 32 | stamp[out], return_index=True)
    echo_keys, echo_first = np.unique(ids[back] << 32 | echo[back], return_index=True)
    _, in_sent, in_echo = np.intersect1d(
        sent_keys, echo_keys, assume_unique=True, return_indices=True
    )
    begin, end = out[sent_first[in_sent]], back[echo_first[in_echo]]
    talks = np.concatenate(([0], np.cumsum(~sends)))
    busy = (end > begin) & (talks[end] - talks[np.minimum(begin + 1, n)] > 0)
    elapsed = segments.time_ns[end] - segments.time_ns[begin]
    good = busy & (elapsed >= 0)
    result[end[good]] = elapsed[good]
    return result


def quantile(values: Ints, groups: Ints, streams: int, share: float = 0.5) -> np.ndarray:
    """Value under which `share` of `values` (any order) lie, for each of `streams` groups.

    NaN without one.
    """
    result = np.full(streams, np.nan)
    if len(values):
        order = np.lexsort((values, groups))
        runs = Groups.of_sorted(groups[order])
        place = runs.starts + ((runs.sizes - 1) * share).astype(np.int64)
        result[groups[order][runs.starts]] = values[order][place]
    return result
