"""How far a flow has come after every packet: what was sent, what was acknowledged.

The part of the state that needs no window scale; scale inference itself builds on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Ints, take
from tcpwin.analysis.segments import ACK, SYN, Segments


@dataclass(frozen=True)
class Progress:
    """One flow of every stream, after each packet of either direction; arrays of shape (n,).

    Attributes:
        sends: rows that carry this flow's data.
        acks: rows that acknowledge it.
        sent_before: highest seq+len sent before this row (``UNKNOWN`` before the first).
        nxt: highest seq+len sent; an acknowledgement beyond it proves that more was sent.
        una: highest acknowledgement.
        newly: bytes that this row acknowledges for the first time.
        window_row: row of the newest window announcement, ``NEVER`` before the first.
    """

    sends: Bools
    acks: Bools
    sent_before: Ints
    nxt: Ints
    una: Ints
    newly: Ints
    window_row: Ints


def progress(segments: Segments, flow: int) -> Progress:
    """Follow flow 0 (client->server) or 1 through all streams (RFC 9293 3.3.1, 3.10.7.4)."""
    groups = segments.groups
    sends = segments.sends(flow)
    moves = sends & segments.fits
    sent = groups.cummax(np.where(moves, segments.end, UNKNOWN))
    acks = ~sends & segments.has(ACK) & segments.fits
    opening = moves & segments.has(SYN)  # nothing of it is acknowledged yet
    una = groups.cummax(np.where(acks, segments.ack, np.where(opening, segments.seq, UNKNOWN)))
    before = groups.previous(una)
    newly = np.where(acks & (before > UNKNOWN), una - before, 0)
    return Progress(
        sends=sends,
        acks=acks,
        sent_before=groups.previous(sent),
        nxt=np.maximum(sent, una),
        una=una,
        newly=newly,
        window_row=_newest_window(segments, acks, before),
    )


def _newest_window(segments: Segments, acks: Bools, una_before: Ints) -> Ints:
    """SND.WL1/WL2: an old segment that comes late does not set the window back.

    As Linux does (tcp_may_update_window), a segment that acknowledges something new counts
    whatever its sequence number is.
    """
    newest = segments.groups.previous(segments.groups.cummax(np.where(acks, segments.seq, UNKNOWN)))
    in_order = (segments.ack >= una_before) & (segments.seq >= newest)
    return segments.groups.last(acks & ((segments.ack > una_before) | in_order))


def announced(segments: Segments, steps: Progress) -> Ints:
    """The newest window as it stood in the header, ``UNKNOWN`` before the first."""
    return take(segments.window, steps.window_row, UNKNOWN)


__all__ = ["NEVER", "Progress", "announced", "progress"]
