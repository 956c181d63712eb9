"""What the rules ask of a stall: one column for each question, for all stalls at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Ints, take
from tcpwin.analysis.idgaps import missing_packets
from tcpwin.analysis.loss import AGAIN, KEEP_ALIVE, NEW, PROBE
from tcpwin.analysis.segments import ACK, FIN, PSH, SYN
from tcpwin.analysis.vantage import near_receiver, near_sender

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts


class Inside:
    """Counts of rows strictly inside each stall (the row that ends it left out)."""

    def __init__(self, table: pd.DataFrame) -> None:
        last = table["last_row"].to_numpy()
        endless = table["end_row"].to_numpy() == NEVER
        self.stop = np.where(endless, last + 1, last)
        self.begin = np.minimum(table["start_row"].to_numpy() + 1, self.stop)

    def count(self, mask: Bools | Ints) -> Ints:
        """Rows inside where `mask` holds (or the sum of its values)."""
        total = np.concatenate(([0], np.cumsum(mask)))
        return np.asarray(total[self.stop] - total[self.begin], np.int64)

    def first(self, following: Ints, after: Ints) -> Ints:
        """`following[after]` where that lies inside, else ``NEVER``."""
        row = take(following, after, NEVER)
        return np.where((row != NEVER) & (row < self.stop), row, NEVER)


def flow_features(facts: Facts, flow: int, table: pd.DataFrame) -> pd.DataFrame:
    """For stalls of one flow: connecting, near_sender, near_receiver, one_sided, reopened_row
    (NEVER if the window did not reopen inside), pokes_after (probes or keep-alives of the
    sender after that), missing (packets that IP identifications miss, the end
    included), dup_acks, sacked, in_flight, burst_over (no new data but after the receiver's word).
    """
    segments, state = facts.segments, facts.states[flow]
    groups, steps, loss = segments.groups, state.steps, facts.losses[flow]
    group, start = table["group"].to_numpy(), table["start_row"].to_numpy()
    inside = Inside(table)
    sends = steps.sends
    syn_end = groups.max(np.where(sends & segments.has(SYN), segments.end, UNKNOWN))
    shut_from = np.where(
        facts.chokes[flow].shut[start], start, take(groups.next(facts.chokes[flow].shut), start, -1)
    )
    reopened = inside.first(groups.next(~facts.chokes[flow].shut & state.known), shut_from)
    pokes = (loss.kind == PROBE) | (loss.kind == KEEP_ALIVE) | (loss.kind == AGAIN)
    total = np.concatenate(([0], np.cumsum(pokes)))
    after = total[inside.stop] - total[np.minimum(np.maximum(reopened, 0) + 1, inside.stop)]
    missing = missing_packets(facts, flow)
    end = table["end_row"].to_numpy()
    ended = take(missing, np.where(take(sends, end, False), end, NEVER), 0)
    return table.assign(
        connecting=take(steps.una, start, UNKNOWN) < syn_end[group],
        near_sender=near_sender(facts, flow)[group],
        near_receiver=near_receiver(facts, flow)[group],
        one_sided=facts.one_sided[group],
        reopened_row=reopened,
        pokes_after=np.where(reopened != NEVER, after, 0),
        missing=inside.count(missing) + ended,
        dup_acks=inside.count(facts.duplicates[flow]),
        sacked=state.sacked[start],
        in_flight=np.maximum(steps.nxt - steps.una, 0)[start],
        burst_over=_burst_ended(facts, flow, start),
        first_length=take(segments.length, table["first_ask"].to_numpy(), 0),
    )


def _burst_ended(facts: Facts, flow: int, start: Ints) -> Bools:
    """The flow's next new data waits for data of the other side, or never comes."""
    segments = facts.segments
    fresh = [loss.kind == NEW for loss in facts.losses]
    own = take(segments.groups.next(fresh[flow]), start, NEVER)
    other = take(segments.groups.next(fresh[1 - flow]), start, NEVER)
    return (own == NEVER) | ((other != NEVER) & (other < own))


def silence_features(facts: Facts, table: pd.DataFrame) -> pd.DataFrame:
    """For silences of a whole stream: last_from and next_from (flow of the last and of the
    next new data, -1 for none), owed, answer_due, never_answered, cut_off (the last data
    was a full segment without PSH: its sender had more), complete, updates (window updates
    inside), asked and answered (what the waiting side sent, and whether anything came back),
    missing, near_client, near_server, one_sided.
    """
    segments = facts.segments
    groups = segments.groups
    group, start, end = (table[name].to_numpy() for name in ("group", "start_row", "end_row"))
    fresh = [loss.kind == NEW for loss in facts.losses]
    any_fresh = fresh[0] | fresh[1]
    last = take(groups.last(any_fresh), start, NEVER)
    last_from = np.where(last == NEVER, -1, np.where(take(fresh[1], last, False), 1, 0))
    ends_with_data = take(any_fresh, end, False)
    next_from = np.where(ends_with_data, np.where(take(fresh[1], end, False), 1, 0), -1)
    inside = Inside(table)
    largest = np.where(last_from == 1, facts.mss[1][group], facts.mss[0][group])
    whole = take(segments.length, last, 0) >= largest
    pushed = take(segments.has(PSH), last, True)
    served = groups.sum(fresh[1]) > 0
    first_answer = groups.first_where(fresh[1])
    before_answer = ~served[group] | (first_answer[group] > start)
    owing = np.where(last_from == 0, 1, np.maximum(last_from, 1))  # the flow that is due
    raised = [_raises(facts, flow) for flow in (0, 1)]
    updates = np.where(owing == 1, inside.count(raised[1]), inside.count(raised[0]))
    missing = [missing_packets(facts, flow) for flow in (0, 1)]
    lacking = np.where(next_from == 1, take(missing[1], end, 0), take(missing[0], end, 0))
    asked, answered = _questions(facts, table, inside)
    return table.assign(
        last_from=last_from,
        next_from=next_from,
        owed=facts.owed[start],
        answer_due=facts.answer_due[start],
        never_answered=before_answer & (last_from == 0),
        cut_off=(last != NEVER) & whole & ~pushed,
        updates=updates,
        asked=asked,
        answered=answered,
        missing=np.where(ends_with_data, lacking, 0),
        near_client=near_sender(facts, 0)[group],
        near_server=near_sender(facts, 1)[group],
        one_sided=facts.one_sided[group],
        last_data_row=last,
    )


def _raises(facts: Facts, flow: int) -> Bools:
    """Accepted announcements that raise the flow's window without acknowledging anything."""
    state = facts.states[flow]
    accepted = state.steps.window_row == np.arange(len(facts.segments.frame))
    before = facts.segments.groups.previous(state.window)
    return accepted & (before > UNKNOWN) & (state.window > before) & (state.steps.newly == 0)


def _questions(facts: Facts, table: pd.DataFrame, inside: Inside) -> tuple[Ints, Bools]:
    """What the client sent that must be answered (keep-alive, FIN, data sent again) inside a
    silence or at its end, and whether the server sent anything after the first of it.
    """
    segments = facts.segments
    groups = segments.groups
    kind = facts.losses[0].kind
    asks = segments.from_client & (
        (kind == KEEP_ALIVE) | (kind == AGAIN) | (segments.has(FIN) & segments.has(ACK))
    )
    first = inside.first(groups.next(asks), table["start_row"].to_numpy())
    end = table["end_row"].to_numpy()
    first = np.where((first == NEVER) & take(asks, end, False), end, first)
    reply = take(groups.next(~segments.from_client), first, NEVER)
    count = inside.count(asks) + take(asks, end, False)
    return count, (first != NEVER) & (reply != NEVER)
