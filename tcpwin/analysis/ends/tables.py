"""The tables that people see of two captures of one connection."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tcpwin.analysis.ends.both import Both
from tcpwin.analysis.ends.changes import changes
from tcpwin.analysis.ends.fates import FATES, LOST, PARTLY, WHY
from tcpwin.analysis.ends.match import sole
from tcpwin.analysis.ends.places import PLACES
from tcpwin.analysis.grouped import NEVER, Ints, take
from tcpwin.analysis.segments import FLOWS

NS = 1e9


def begin_ns(both: Both) -> int:
    """The connection's first packet in either capture, by the client's clock: time 0."""
    ends = (both.client, both.server)
    return min(int(both.client_ns(end, end.segments.time_ns).min()) for end in ends)


def packet_table(both: Both, flow: int, fates: pd.DataFrame) -> pd.DataFrame:
    """One row per packet of the flow, as the definitions page has them.

    Columns: frame_sent, frame_received (in the sender's and the receiver's capture, NA where
    it is not there), flow, sent_s, received_s (seconds from the connection's first packet, by
    the client's clock, NaN where not seen), delay_s (one way), seq (relative, as the client's
    capture counts), len, flags, pieces (packets at the receiver), fate, why, changed (what
    the path changed, in words; "" for nothing).
    """
    sender, receiver = both.sender(flow), both.receiver(flow)
    sent, came = fates["sent_row"].to_numpy(), fates["came_row"].to_numpy()
    zero = begin_ns(both)
    times = []
    for end, rows in ((sender, sent), (receiver, came)):
        clock = (both.client_ns(end, end.segments.time_ns) - zero) / NS
        times.append(take(clock, rows, np.nan))
    here = sent != NEVER
    length, flags = (
        np.where(here, take(one, sent, 0), take(other, came, 0))
        for one, other in (
            (sender.segments.length, receiver.segments.length),
            (sender.segments.flags, receiver.segments.flags),
        )
    )
    return pd.DataFrame(
        {
            "frame_sent": _frames(sender.segments.frame, sent),
            "frame_received": _frames(receiver.segments.frame, came),
            "flow": FLOWS[flow],
            "sent_s": times[0],
            "received_s": times[1],
            "delay_s": times[1] - times[0],
            "seq": fates["seq"].to_numpy() + both.client.shift[flow],
            "len": length,
            "flags": flags,
            "pieces": fates["pieces"].to_numpy(),
            "fate": np.array(FATES, object)[fates["fate"].to_numpy()],
            "why": np.array(WHY, object)[fates["why"].to_numpy()],
            "changed": changes(both, flow, sent, came),
        }
    )


def delay_table(both: Both, flow: int) -> pd.DataFrame:
    """One-way delays of the packets that nobody merged or split, in the order of sending.

    Columns: frame_sent, frame_received, time_s (of sending), delay_s. Their absolute value is
    as sure as the clock's offset; how they change is not touched by it.
    """
    links, zero = both.links[flow], begin_ns(both)
    alone = sole(links)
    sender, receiver = both.sender(flow), both.receiver(flow)
    rows = links.a[alone], links.b[alone]
    sent, came = (
        both.client_ns(end, end.segments.time_ns)[row]
        for end, row in zip((sender, receiver), rows, strict=True)
    )
    table = pd.DataFrame(
        {
            "frame_sent": sender.segments.frame[rows[0]],
            "frame_received": receiver.segments.frame[rows[1]],
            "time_s": (sent - zero) / NS,
            "delay_s": (came - sent) / NS,
        }
    )
    return table.sort_values("time_s", kind="stable", ignore_index=True)


def stall_table(both: Both, stalls: pd.DataFrame) -> pd.DataFrame:
    """The stalls with what both captures tell of each.

    Columns: flow, cause, blame, confidence, start_s, end_s, open, first_frame, last_frame (in
    the capture of `capture`: ``client`` or ``server``), one column of seconds for each of
    `places.PLACES` (``sender_s``, ``way_there_s``, …), place (where most was spent), lost_there,
    lost_back.
    """
    zero = begin_ns(both)
    frames = []
    for name in ("start_row", "last_row"):
        rows = stalls[name].to_numpy(np.int64)
        known = [take(end.segments.frame, np.minimum(rows, len(end.segments.frame) - 1), 0)
                 for end in (both.client, both.server)]  # fmt: skip
        frames.append(np.where(stalls["by_client"].to_numpy(bool), *known))
    table = pd.DataFrame(
        {
            "flow": np.array(FLOWS, object)[stalls["flow"].to_numpy(np.int64)],
            **{name: stalls[name].to_numpy() for name in ("cause", "blame", "confidence")},
            "start_s": (stalls["start_ns"] - zero) / NS,
            "end_s": (stalls["end_ns"] - zero) / NS,
            "open": stalls["open"].to_numpy(bool),
            "capture": np.where(stalls["by_client"].to_numpy(bool), "client", "server"),
            "first_frame": frames[0],
            "last_frame": frames[1],
        }
    )
    for name in PLACES:
        table[f"{name.replace('-', '_')}_s"] = stalls[name].to_numpy() / NS
    table["place"] = np.array(PLACES, object)[stalls["place"].to_numpy(np.int64)]
    for name in ("lost_there", "lost_back"):
        table[name] = stalls[name].to_numpy()
    return table


def flow_numbers(both: Both, flow: int, fates: pd.DataFrame) -> dict[str, object]:
    """Counts of packets by fate, and the one-way delay: what `compare --json` tells of a flow."""
    count = fates["fate"].value_counts()
    delay = delay_table(both, flow)["delay_s"].to_numpy() * 1e3
    quantiles = (
        dict(zip(("min", "median", "p95", "max"),
                 (round(float(v), 6) for v in np.quantile(delay, (0, 0.5, 0.95, 1))), strict=True))
        if len(delay) else dict.fromkeys(("min", "median", "p95", "max"))
    )  # fmt: skip
    sent = fates["sent_row"].to_numpy() != NEVER
    gone = np.isin(fates["fate"].to_numpy(), (LOST, PARTLY))
    return {
        "sent": int(sent.sum()),
        "came": int((fates["came_row"].to_numpy() != NEVER).sum()),
        "fates": {name: int(count.get(place, 0)) for place, name in enumerate(FATES)},
        "lost_share": round(float(gone.sum() / max(int(sent.sum()), 1)), 6),
        "lost_frames": both.sender(flow)
        .segments.frame[fates["sent_row"].to_numpy()[gone]]
        .tolist(),
        "delay_ms": quantiles,
    }


def _frames(frame: Ints, rows: Ints) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(take(frame, rows, 0), rows == NEVER)
