"""Throughput and goodput of every flow: moving averages that change when a packet comes or leaves.

Throughput is the rate of the payload that is sent, whatever is sent again included; goodput the
rate at which payload is acknowledged for the first time. Their distance is what was sent in
vain, or is still on the way. Headers count in neither.

Sources: Wireshark's TCP stream graph "Throughput" (rate of sent bytes, rate of ACKed bytes, moving
average over 1 s); RFC 2647 3.17 and RFC 5166 2.1 (goodput leaves out what was retransmitted).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import UNKNOWN, Groups, Ints, take
from tcpwin.analysis.segments import FIN, SYN

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

NS: Final = 1_000_000_000
_WINDOW_NS: Final = NS  # Wireshark's moving average
_SHARE: Final = 10  # of a stream that is shorter than ten windows, a window is a tenth at most


def averaging_ns(duration_ns: Ints) -> Ints:
    """Over how long to average, per stream: 1 s, and for a short one 1, 2 or 5 times 10**n ns.

    Ten averages side by side at least: over 1 s, a stream of 30 ms would be one flat hill.
    """
    tenth = np.maximum(duration_ns // _SHARE, 1)
    power = 10 ** np.floor(np.log10(tenth) + 1e-12).astype(np.int64)
    digit = np.select([tenth >= 5 * power, tenth >= 2 * power], [5, 2], 1)
    result: Ints = np.minimum(power * digit, _WINDOW_NS)
    return result


def rate_table(facts: Facts, flow: int, window_s: float | None = None) -> pd.DataFrame:
    """The rates of flow 0 (client->server) or 1 of all streams, over the time that went before.

    Args:
        facts: the facts of the streams.
        flow: 0 or 1.
        window_s: seconds to average over; `averaging_ns` chooses it where None.

    Returns:
        A row where a rate changes: when bytes are sent or acknowledged, and when they fall out of
        the average. Sorted by stream and time. Columns: row (the packet that came or leaves),
        group, time_ns (of the change), window_ns, throughput_bps, goodput_bps (bit/s). A stream
        whose packets all have one time has no rate, and no rows. Goodput is NaN in a stream
        without ACKs.
    """
    segments = facts.segments
    groups = segments.groups
    clock = groups.cummax(segments.time_ns)
    begin, end = groups.min(segments.time_ns), groups.max(clock)
    duration = end - begin
    chosen = None if window_s is None else np.full(len(groups), max(1, round(window_s * NS)))
    width = averaging_ns(duration) if chosen is None else chosen
    data = facts.losses[flow].data
    sent = np.where(data, segments.length, 0)
    good = acknowledged(facts, flow)
    rows = np.flatnonzero(((sent > 0) | (good > 0)) & (duration > 0)[groups.ids])
    ids = groups.ids[rows]
    came, width = clock[rows], width[ids]
    # What leaves comes first: of all that happens at one time, the last row has the outcome.
    stream, time = np.tile(ids, 2), np.concatenate([came + width, came])
    sign = np.repeat([-1, 1], len(rows))
    order = np.lexsort((time, stream))
    stream, time = stream[order], time[order]
    merged = Groups.of_sorted(stream)
    over_s = np.tile(width, 2)[order] / NS
    sums = [merged.cumsum((np.tile(count[rows], 2) * sign)[order]) for count in (sent, good)]
    heard = groups.max(facts.states[flow].steps.acks)[stream]
    settled = np.append((stream[1:] != stream[:-1]) | (time[1:] != time[:-1]), True)[: len(time)]
    return pd.DataFrame(
        {
            "row": np.tile(rows, 2)[order],
            "group": stream,
            "time_ns": time,
            "window_ns": np.tile(width, 2)[order],
            "throughput_bps": sums[0] * 8 / over_s,
            "goodput_bps": np.where(heard, sums[1] * 8 / over_s, np.nan),
        }
    )[settled].reset_index(drop=True)


def acknowledged(facts: Facts, flow: int) -> Ints:
    """Payload bytes that each row acknowledges for the first time; SYN and FIN are none."""
    segments, steps = facts.segments, facts.states[flow].steps
    groups = segments.groups
    before = groups.previous(steps.una)
    result = steps.newly
    for flag in (SYN, FIN):
        rows = groups.first_where(steps.sends & segments.fits & segments.has(flag))
        # A FIN takes the number behind its payload, a SYN the one before.
        at = segments.seq if flag == SYN else segments.end - 1
        number = take(at, rows, UNKNOWN)[groups.ids]
        result = result - ((number > UNKNOWN) & (before <= number) & (number < steps.una))
    return np.maximum(result, 0)
