"""What the rules ask of a stall: one column for each question, for all stalls at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.artefacts import riddled
from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Ints, take
from tcpwin.analysis.idgaps import missing_packets
from tcpwin.analysis.loss import AGAIN, KEEP_ALIVE, NEW, PROBE
from tcpwin.analysis.segments import ACK, FIN, SYN
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
    """What the rules ask of stalls of one flow.

    connecting, syn_again, unseen, near_sender, near_receiver, one_sided, reopened_row
    (NEVER if the window did not reopen inside), pokes_after (probes or keep-alives of the
    sender after that), missing (packets that IP identifications miss, the end
    included), dup_acks, sacked, in_flight, burst_over (no new data but after the receiver's
    word), first_length (of what is sent first), timers (retransmissions that came at least a
    round trip after the sender's packet before: a timer's, not one of several in a burst).
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
    before = groups.previous(groups.last(sends), NEVER)
    waited = segments.time_ns - take(segments.time_ns, before, UNKNOWN)
    timers = (loss.kind == AGAIN) & (waited >= np.maximum(facts.path.min_ns, 0)[groups.ids])
    missing = missing_packets(facts, flow)
    end = table["end_row"].to_numpy()
    ended = take(missing, np.where(take(sends, end, False), end, NEVER), 0)
    return table.assign(
        connecting=take(steps.una, start, UNKNOWN) < syn_end[group],
        syn_again=inside.count(sends & segments.has(SYN)) > 0,
        unseen=riddled(facts, flow)[group],
        near_sender=near_sender(facts, flow)[group],
        near_receiver=near_receiver(facts, flow)[group],
        one_sided=facts.one_sided[group],
        reopened_row=reopened,
        pokes_after=np.where(reopened != NEVER, after, 0),
        timers=inside.count(timers),
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
    result: Bools = (own == NEVER) | ((other != NEVER) & (other < own))
    return result


def silence_features(facts: Facts, table: pd.DataFrame) -> pd.DataFrame:
    """What the rules ask of silences of a whole stream.

    last_from and next_from (flow of the last and of the next new data, -1 for none), owed,
    answer_due, never_answered, cut_off (the last data was a full segment without PSH: its sender
    had more), updates (window updates inside), asked and answered (what the waiting side sent,
    and whether anything came back), missing, near_client, near_server, one_sided, closing (what
    ended it was a farewell: a few bytes and the FIN), unseen (the capture lacks much), kept_up
    (keep-alives inside), acked_on (an ACK of more of the server's data ended it), slow_start (it
    ended as after a timer).
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
    served = groups.sum(fresh[1]) > 0
    first_answer = groups.first_where(fresh[1])
    before_answer = ~served[group] | (first_answer[group] > start)
    owing = np.where(last_from == 0, 1, np.maximum(last_from, 1))  # the flow that is due
    raised = [_raises(facts, flow) for flow in (0, 1)]
    updates = np.where(owing == 1, inside.count(raised[1]), inside.count(raised[0]))
    missing = [missing_packets(facts, flow) for flow in (0, 1)]
    lacking = [
        np.maximum(inside.count(gap) + take(gap, end, 0), _hole_at(facts, flow, end))
        for flow, gap in enumerate(missing)
    ]
    asked, answered = _questions(facts, table, inside)
    return table.assign(
        last_from=last_from,
        next_from=next_from,
        owed=facts.owed[start],
        answer_due=facts.answer_due[start],
        never_answered=before_answer & (last_from == 0),
        cut_off=facts.cut_off[0][start] | facts.cut_off[1][start],
        updates=updates,
        asked=asked,
        answered=answered,
        clocked=_clocked(facts, table, next_from),
        closing=_closing(facts, end, next_from),
        unseen=(riddled(facts, 0) | riddled(facts, 1))[group],
        kept_up=inside.count(_keeps_up(facts)) > 0,
        acked_on=take(facts.states[1].steps.newly > 0, end, False)
        & (take(segments.length, end, 1) == 0),
        missing=np.where(ends_with_data, np.where(next_from == 1, lacking[1], lacking[0]), 0),
        near_client=near_sender(facts, 0)[group],
        near_server=near_sender(facts, 1)[group],
        one_sided=facts.one_sided[group],
        slow_start=np.where(
            next_from == 1, _starts_slowly(facts, 1, end), _starts_slowly(facts, 0, end)
        ),
        last_data_row=last,
    )


def _hole_at(facts: Facts, flow: int, rows: Ints) -> Ints:
    """How many segments the hole holds that each of `rows` opens, 0 where it opens none.

    Those that the capture dropped do not count.
    """
    segments, loss = facts.segments, facts.losses[flow]
    size = segments.seq - facts.states[flow].steps.sent_before - facts.dropped[flow]
    largest = np.maximum(facts.mss[flow], 1)[segments.groups.ids]
    return take(np.where(loss.holes, -(-size // largest), 0), rows, 0)


# Below, the time between two segments can be that of a slow link.
_TELLING_NS: Final = 5_000_000


def _starts_slowly(facts: Facts, flow: int, rows: Ints) -> Bools:
    """One full segment, a round trip of nothing, then several at once: as after a timer.

    RFC 5681 3.1: a loss window of one segment; one that was idle has two or more.
    """
    segments = facts.segments
    groups, time = segments.groups, segments.time_ns
    fresh = facts.losses[flow].kind == NEW
    first = take(fresh & (segments.length >= facts.mss[flow][groups.ids]), rows, False)
    following = groups.next(fresh)
    second = take(following, rows, NEVER)
    third = take(following, second, NEVER)
    rtt = take(facts.path.min_ns[groups.ids], rows, UNKNOWN)
    waited = take(time, second, 0) - take(time, rows, 0)
    close = take(time, third, 0) - take(time, second, 0)
    heard = take(facts.states[flow].steps.una, second, 0) >= take(segments.end, rows, 0)
    pause = (4 * waited >= 3 * rtt) & (waited <= 2 * rtt + _TELLING_NS) & (4 * close <= rtt)
    result: Bools = first & (third != NEVER) & (rtt >= _TELLING_NS) & pause & heard
    return result


def _keeps_up(facts: Facts) -> Bools:
    """Keep-alives of either side: somebody keeps the idle connection on purpose."""
    result: Bools = (facts.losses[0].kind == KEEP_ALIVE) | (facts.losses[1].kind == KEEP_ALIVE)
    return result


def _clocked(facts: Facts, table: pd.DataFrame, next_from: Ints) -> Bools:
    """What ended the silence was let go by an ACK.

    Its sender had waited for that ACK for most of the time, not for its application.
    """
    groups, time = facts.segments.groups, facts.segments.time_ns
    start, end = table["start_row"].to_numpy(), table["end_row"].to_numpy()
    before = np.maximum(end - 1, start)
    result = np.zeros(len(table), bool)
    for flow in (0, 1):
        steps = facts.states[flow].steps
        ack = take(groups.last(steps.newly > 0), before, NEVER)
        inside = (ack > start) & (end != NEVER)
        waited = take(time, ack, 0) - time[start]
        paused = take(time, end, 0) - take(time, ack, 0)
        out = take(steps.nxt, start, 0) > take(steps.una, start, 0)
        result |= (next_from == flow) & inside & out & (paused < waited)
    return result


# A TLS alert record takes 24 to 37 bytes, an HTTP/2 GOAWAY in TLS up to 63: together under
# 128. More is an answer.
_FAREWELL: Final = 128


def _closing(facts: Facts, end: Ints, next_from: Ints) -> Bools:
    """The sender of the row that ended a silence said no more than a farewell and closed."""
    segments = facts.segments
    groups = segments.groups
    result = np.zeros(len(end), bool)
    for flow in (0, 1):
        sends = segments.sends(flow)
        fins = sends & segments.has(FIN)
        fin = take(np.where(fins, np.arange(groups.rows), groups.next(fins)), end, NEVER)
        answer = take(groups.next(facts.losses[1 - flow].kind == NEW), end, NEVER)
        said = take(segments.end, fin, 0) - take(segments.seq, end, 0) - 1
        closes = (fin != NEVER) & (said <= _FAREWELL) & ((answer == NEVER) | (answer > fin))
        result |= closes & (next_from == flow)
    return result


def _raises(facts: Facts, flow: int) -> Bools:
    """Accepted announcements that raise the flow's window without acknowledging anything."""
    state = facts.states[flow]
    accepted = state.steps.window_row == np.arange(len(facts.segments.frame))
    before = facts.segments.groups.previous(state.window)
    result: Bools = (
        accepted & (before > UNKNOWN) & (state.window > before) & (state.steps.newly == 0)
    )
    return result


def _questions(facts: Facts, table: pd.DataFrame, inside: Inside) -> tuple[Ints, Bools]:
    """What the client sent that must be answered, inside a silence or at its end.

    That is a keep-alive, a FIN, data sent again; and whether the server sent anything after
    the first of it.
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
