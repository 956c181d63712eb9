"""What both captures together say of each stall: one of the known causes, and whose it is."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.ends.both import Both
from tcpwin.analysis.ends.fates import BOTH as ARRIVED
from tcpwin.analysis.ends.fates import LOST, PARTLY, UNKNOWN_FATE
from tcpwin.analysis.ends.places import BACK, PLACES, RECEIVER, SENDER, THERE
from tcpwin.analysis.findings import verdict_table
from tcpwin.analysis.grouped import NEVER, Bools, Ints, take

PATH: Final = ("loss", "rto", "tail-loss", "path-silent", "path-mtu", "connect", "reordering")
WINDOW: Final = ("zero-window", "small-window", "receive-window", "window-update-lost",
                 "reopened-silent")  # fmt: skip
AT_RECEIVER: Final = ("zero-window", "small-window", "receive-window", "delayed-ack")
WORD_WITH_PEER: Final = ("peer-idle", "complete-waiting")
Fates = tuple[pd.DataFrame, pd.DataFrame]  # of both flows, see `timed`
GONE: Final = (LOST, PARTLY)
COUNTS: Final = ("lost_there", "unseen_there", "came", "lost_back", "unseen_back")
BLAME: Final = np.array(["sender", "path", "receiver", "path"], object)  # by place


def resolve(both: Both, stalls: pd.DataFrame, fates: Fates) -> pd.DataFrame:
    """`places.stall_places` with the cause, blame and confidence that both captures give.

    A cause that one capture found stays where the place bears it out; where it does not, the
    place decides. What is lost is proven; what the other capture could not see is not.
    Further columns: lost_there, lost_back, unseen_there, unseen_back (packets that were lost,
    that the other capture was not there to see, of those that matter to the stall, see `since`),
    and came (packets of the flow that were sent in the stall and came).
    """
    table = stalls.copy()
    peer = table["cause"].isin(WORD_WITH_PEER).to_numpy()
    table["receiver"] += np.where(peer, table["sender"], 0)
    table["sender"] = np.where(peer, 0, table["sender"])
    spent = table[list(PLACES)].to_numpy()
    place = spent.argmax(axis=1) if len(table) else np.zeros(0, np.int64)
    table["place"] = place
    table = table.assign(**_counts(both, table, fates))
    old = table["cause"].to_numpy(object)
    lost = np.where(place == THERE, table["lost_there"], table["lost_back"])
    unseen = np.where(place == THERE, table["unseen_there"], table["unseen_back"])
    table["cause"] = _cause(table, old, place, lost + unseen > 0)
    kept = (table["cause"] == old).to_numpy()
    on_the_way = (place == THERE) | (place == BACK)
    mutual = table["cause"].isin(("complete-waiting", "delayed-ack")).to_numpy()
    table["blame"] = np.where(mutual, table["blame"], BLAME[place])
    sure = np.where(on_the_way, lost > 0, (table["unseen_there"] + table["unseen_back"]) == 0)
    sure &= both.clock.steady & ~mutual
    # What one capture proves of itself is not proven of the path behind it.
    own = np.where(kept & ~on_the_way, table["confidence"], "likely").astype(object)
    table["confidence"] = np.where(sure, "proven", own)
    return table


def _cause(table: pd.DataFrame, old: np.ndarray, place: Ints, gone: Bools) -> np.ndarray:
    silent = table["open"].to_numpy(bool) & (table["came"] == 0).to_numpy()
    there = np.where(np.isin(old, PATH), old, np.where(silent, "path-silent", "rto"))
    back = np.where(np.isin(old, WINDOW), "window-update-lost", "acks-lost")
    back = np.where(old == "connect", "connect", back)
    here = np.isin(old, (*AT_RECEIVER, *WORD_WITH_PEER))
    held = np.where(here, old, np.where(np.isin(old, WINDOW), "zero-window", "unknown"))
    quiet = np.where(np.isin(old, (*WORD_WITH_PEER, "delayed-ack")), old, "sender-idle")
    slow = np.full(len(table), "queueing", object)  # nothing is lost: it only took long
    return np.select(
        [(place == THERE) & gone, (place == BACK) & gone, place == RECEIVER, place == SENDER],
        [there, back, held, quiet],
        slow,
    )


def _counts(both: Both, stalls: pd.DataFrame, fates: Fates) -> dict[str, Ints]:
    result = {name: np.zeros(len(stalls), np.int64) for name in COUNTS}
    for flow in (0, 1):
        rows = np.flatnonzero(stalls["flow"] == flow)
        own = stalls.iloc[rows]
        start, end = (own[name].to_numpy(np.int64) for name in ("start_ns", "end_ns"))
        there_from, back_from = since(both, own, flow)
        for way, begin, packets in (("there", there_from, flow), ("back", back_from, 1 - flow)):
            fate = fates[packets]["fate"].to_numpy()
            time = fates[packets]["client_ns"].to_numpy()
            result[f"lost_{way}"][rows] = _inside(time, np.isin(fate, GONE), begin, end)
            result[f"unseen_{way}"][rows] = _inside(time, fate == UNKNOWN_FATE, begin, end)
        fate, time = fates[flow]["fate"].to_numpy(), fates[flow]["client_ns"].to_numpy()
        result["came"][rows] = _inside(time, fate == ARRIVED, start + 1, end)
    return result


def _inside(times: Ints, marks: Bools, start: Ints, end: Ints) -> Ints:
    """How many marked ones of ascending times lie between `start` and `end`, both included."""
    total = np.append(0, np.cumsum(marks))
    last = np.searchsorted(times, end, side="right")
    result: Ints = total[last] - total[np.minimum(np.searchsorted(times, start), last)]
    return result


def since(both: Both, stalls: pd.DataFrame, flow: int) -> tuple[Ints, Ints]:
    """From when on packets matter to stalls of this flow: there, and back (client's clock).

    There, from when the oldest byte was sent that was not acknowledged as the stall began;
    back, from when the receiver first acknowledged it, or one round trip before the stall.
    """
    sender = both.sender(flow)
    times = np.maximum.accumulate(both.client_ns(sender, sender.segments.time_ns))
    start = stalls["start_ns"].to_numpy(np.int64)
    row = np.maximum(np.searchsorted(times, start, side="right") - 1, 0)
    steps = sender.state(flow).steps
    oldest = np.searchsorted(steps.nxt, steps.una[row], side="right")
    sent = np.append(times, np.iinfo(np.int64).max)[oldest]
    receiver, una = both.receiver(flow), sender.una(flow)[row]
    answered = np.searchsorted(receiver.una(flow), una, side="right")
    clock = np.maximum.accumulate(both.client_ns(receiver, receiver.segments.time_ns))
    answers = np.append(clock, np.iinfo(np.int64).max)[answered]
    trip = start - 2 * int(both.clock.half_ns or 0)
    return np.minimum(sent, start + 1), np.minimum(answers, trip)


def timed(both: Both, flow: int, fates: pd.DataFrame) -> pd.DataFrame:
    """The fates with client_ns, when each packet was sent by the client's clock, sorted by it.

    Of what only the receiver's capture has, when it came.
    """
    times = []
    for end, name in ((both.sender(flow), "sent_row"), (both.receiver(flow), "came_row")):
        clock = both.client_ns(end, end.segments.time_ns)
        times.append(take(clock, fates[name].to_numpy(), NEVER))
    table = fates.assign(client_ns=np.where(times[0] != NEVER, times[0], times[1]))
    return table.sort_values("client_ns", kind="stable", ignore_index=True)


def findings(both: Both, stalls: pd.DataFrame) -> pd.DataFrame:
    """The stalls, and what cost time without one, as the sender's capture has it.

    Columns: flow, cause, blame, confidence, start_ns, end_ns, open, lost_ns, stall (index of
    the row of `stalls`, -1 where it is none), source (index of the row of the capture's
    own findings, -1 for a stall), by_client.
    """
    columns = ["flow", "cause", "blame", "confidence", "start_ns", "end_ns", "open", "by_client"]
    parts = [stalls[columns].assign(stall=np.arange(len(stalls)), source=-1)]
    for flow in (0, 1):
        end = both.sender(flow)
        own = end.facts.findings
        own = own[~own["stall"].astype(bool) & (own["flow"] == end.own(flow))]
        part = own.assign(flow=flow, by_client=end is both.client, stall=-1, source=own.index)
        for name in ("start_ns", "end_ns"):
            part[name] = both.client_ns(end, part[name].to_numpy(np.int64))
        part["own_lost_ns"] = part["lost_ns"]
        parts.append(part[[*columns, "stall", "source", "own_lost_ns"]])
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    lasted = table["end_ns"] - table["start_ns"]
    table["lost_ns"] = table.get("own_lost_ns", lasted).fillna(lasted).astype(np.int64)
    types = {"open": bool, "stall": np.int64, "source": np.int64, "flow": np.int64}
    table = table.drop(columns="own_lost_ns", errors="ignore").astype(types)
    return table.sort_values(["start_ns", "flow"], kind="stable", ignore_index=True)


def verdict(both: Both, table: pd.DataFrame) -> pd.Series[Any]:
    """The verdict over `findings`, by the rule that one capture is judged by: its only row."""
    rows = table.assign(group=0, stall=table["stall"] >= 0)
    return verdict_table(both.client.facts, rows).iloc[0]
