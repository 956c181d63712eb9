"""How streams begin and end: handshake, close, which directions were seen, a write cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Ints, take
from tcpwin.analysis.loss import NEW
from tcpwin.analysis.segments import ACK, FIN, PSH, RST, SYN, Segments

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts


def handshake(segments: Segments) -> tuple[Ints, Ints]:
    """SYN to SYN/ACK and SYN/ACK to ACK in ns per stream, ``UNKNOWN`` where not seen.

    Counted from the newest SYN before the SYN/ACK and from the newest SYN/ACK before the
    first ACK: an older one may have been lost.
    """
    groups = segments.groups
    syn, ack = segments.has(SYN), segments.has(ACK)
    answer = groups.first_where(syn & ack & ~segments.from_client)
    opened = take(groups.last(syn & ~ack & segments.from_client), answer, NEVER)
    confirms = segments.from_client & ack & ~syn & ~segments.has(RST)
    answered = groups.last(syn & ack & ~segments.from_client)
    confirmed = groups.first_where(confirms & (answered != NEVER))
    before = take(answered, confirmed, NEVER)
    time = segments.time_ns

    def between(start: Ints, stop: Ints) -> Ints:
        seen = (start != NEVER) & (stop != NEVER)
        return np.where(seen, take(time, stop, 0) - take(time, start, 0), UNKNOWN)

    return between(opened, answer), between(before, confirmed)


def closed(segments: Segments) -> Bools:
    """Streams that ended: an RST, or a FIN each way; shape (streams,)."""
    groups, fin = segments.groups, segments.has(FIN)
    both = [groups.max(fin & segments.sends(flow)) for flow in (0, 1)]
    return np.asarray(groups.max(segments.has(RST)) | (both[0] & both[1]), bool)


def one_sided(segments: Segments) -> Bools:
    """Streams of which the capture holds one direction only, shape (streams,).

    A lone SYN that nobody answers is no proof of that.
    """
    groups = segments.groups
    alone = [groups.sum(segments.sends(flow)) == 0 for flow in (0, 1)]
    beyond_syn = groups.sum(~segments.has(SYN)) > 0
    return np.asarray((alone[0] | alone[1]) & beyond_syn, bool)


def cut_off(facts: Facts) -> tuple[Bools, Bools]:
    """Rows after which each flow's sender stopped within a write.

    The newest data of the stream is its own, a full segment and without PSH, which marks
    the last of a buffer (RFC 9293 3.9.1.2).
    """
    segments = facts.segments
    fresh = [loss.kind == NEW for loss in facts.losses]
    newest = segments.groups.last(fresh[0] | fresh[1])

    def of(flow: int) -> Bools:
        full = segments.length >= facts.mss[flow][segments.groups.ids]
        open_end = fresh[flow] & full & ~segments.has(PSH)
        return np.asarray(take(open_end, newest, False), bool)

    return of(0), of(1)
