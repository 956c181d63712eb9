"""Which cause a stall has: small rules over its features, the first that fits.

Each rule takes the table of stalls (all streams at once) and returns a mask; the tables
`WINDOW_RULES`, `DATA_RULES` and `SILENCE_RULES` give their order and the blame.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

Mask = np.ndarray


class Rule(NamedTuple):
    """A cause, who is to blame, how sure the signature makes us, and when it applies."""

    cause: str
    blame: str
    confidence: str
    applies: Callable[[pd.DataFrame], pd.Series]


# Two timers in a row without any answer are more than a lost packet: the second was sent
# into a path of which nothing came back for a whole RTO (RFC 6298 5.5 doubles it).
_TIMERS: Final = 2
# Of a transfer that goes on later, three: a retransmission that is lost once more is
# ordinary in a burst loss.
_TIMERS_ENDED: Final = 3


def unanswered_probes(s: pd.DataFrame) -> pd.Series:
    """The sender probes a closed window and nothing comes back."""
    return (s.probes >= _TIMERS) & (s.back_after == 0)


def update_lost(s: pd.DataFrame) -> pd.Series:
    """The window reopened here, yet the sender goes on probing it."""
    return (s.part == "reopened") & ((s.pokes_after > 0) | s.ended_by_byte) & ~s.near_sender


def reopened_silent(s: pd.DataFrame) -> pd.Series:
    """The window reopened and nothing is sent any more, not even a probe."""
    return s.part == "reopened"


def closed(s: pd.DataFrame) -> pd.Series:
    """A window of 0 for at least half of the time."""
    return s.zero_ns * 2 >= s.shut_ns


def too_small(s: pd.DataFrame) -> pd.Series:
    """Open, but by less than a sender waits for."""
    return s.shut_ns > 0


def connecting(s: pd.DataFrame) -> pd.Series:
    """The handshake is not done: a SYN was sent again, or nobody answers it."""
    return s.connecting & (s.syn_again | s.open)


def acknowledged_before(s: pd.DataFrame) -> pd.Series:
    """What is sent again had arrived, and the path lost nothing else: the ACKs were lost."""
    resent = (2 * s.spurious >= s.again) & (s.spurious > 0)
    return resent & (s.missing < s.again + s.probes) & ((s.back_after == 0) | (s.needless > 0))


def too_large(s: pd.DataFrame) -> pd.Series:
    """Only segments larger than any that ever arrived are lost."""
    return s.too_large


def nothing_back(s: pd.DataFrame) -> pd.Series:
    """Retransmissions with back-off, and no packet of any kind from the other side."""
    timers = np.where(s.open, _TIMERS, _TIMERS_ENDED)
    return (s.back_after == 0) & (s.timers + s.missing >= timers) & (s.again >= 1)


def heard_in_vain(s: pd.DataFrame) -> pd.Series:
    """The other side is heard (keep-alives, data) but what is sent again never arrives."""
    return s.open & (s.again >= _TIMERS_ENDED) & (s.sacked + s.dup_acks == 0)


def outage_by_ids(s: pd.DataFrame) -> pd.Series:
    """The sender's packet numbers miss several that never came here."""
    return (s.missing >= _TIMERS_ENDED) & ~s.near_sender & (s.again <= s.missing)


def hole_left_open(s: pd.DataFrame) -> pd.Series:
    """At the receiver: a hole, told by duplicate ACKs, and nothing comes any more."""
    return s.open & ~s.near_sender & (s.again == 0) & (s.sacked + s.dup_acks > 0)


def tail_lost(s: pd.DataFrame) -> pd.Series:
    """The end of a burst was lost: nothing behind it could cause a duplicate ACK."""
    return s.burst_over & (s.again + s.missing > 0) & (s.dup_acks == 0) & (s.sacked == 0)


def timer(s: pd.DataFrame) -> pd.Series:
    """Repaired by the retransmission timer."""
    return (s.again > 0) | (s.missing > 0) | s.ended_by_fill


def slow_ack(s: pd.DataFrame) -> pd.Series:
    """Little waits for its ACK, and small data follows that at once.

    No longer than the longest delay a receiver may take.
    """
    longest = 500_000_000  # RFC 9293 3.8.6.3
    little = (s.in_flight > 0) & (s.in_flight < 2 * s.mss) & s.released
    return little & (s.end_ns - s.start_ns - s.rtt_ns <= longest)


WINDOW_RULES: Final = (
    Rule("window-update-lost", "path", "likely", update_lost),
    Rule("reopened-silent", "undecidable", "likely", reopened_silent),
    Rule("path-silent", "path", "likely", unanswered_probes),
    Rule("zero-window", "receiver", "proven", closed),
    Rule("small-window", "receiver", "proven", too_small),
)

DATA_RULES: Final = (
    Rule("connect", "path", "proven", connecting),
    Rule("acks-lost", "path", "proven", acknowledged_before),
    Rule("path-mtu", "path", "likely", too_large),
    Rule("path-silent", "path", "proven", nothing_back),
    Rule("path-silent", "path", "likely", heard_in_vain),
    Rule("path-silent", "path", "likely", hole_left_open),
    Rule("tail-loss", "path", "likely", tail_lost),
    Rule("path-silent", "path", "likely", outage_by_ids),
    Rule("rto", "path", "proven", timer),
    Rule("delayed-ack", "sender", "possible", slow_ack),
)


def lost_before_here(s: pd.DataFrame) -> pd.Series:
    """The sender's packet numbers jump over the silence: it was not silent."""
    near = np.where(s.next_from == 1, s.near_server, s.near_client)
    return (s.missing > 0) & ~near & (s.next_from >= 0)


def lost_tail(s: pd.DataFrame) -> pd.Series:
    """As `lost_before_here`, with little behind it."""
    return lost_before_here(s) & s.burst_over


def outage(s: pd.DataFrame) -> pd.Series:
    """As `lost_before_here`, longer than one timer and with several packets gone."""
    second = 1_000_000_000
    return lost_before_here(s) & (s.missing >= _TIMERS_ENDED) & (s.end_ns - s.start_ns > second)


def restarted(s: pd.DataFrame) -> pd.Series:
    """The same sender goes on in mid-burst, and as slowly as after a timer."""
    near = np.where(s.next_from == 1, s.near_server, s.near_client)
    return s.slow_start & ~near & (s.last_from == s.next_from)


def more_was_due(s: pd.DataFrame) -> pd.Series:
    """The server owes bytes or an answer, or stopped within a write."""
    ended_without = s.next_from != 1
    owes = (s.owed > 0) | s.answer_due | s.never_answered | (s.cut_off & (s.last_from == 1))
    return owes & ended_without & (s.last_from >= 0)


def silent_after_update(s: pd.DataFrame) -> pd.Series:
    """More was due, the window was raised, and nothing came."""
    return more_was_due(s) & (s.updates > 0) & ~s.near_server


def silent_sender(s: pd.DataFrame) -> pd.Series:
    """More was due and nothing came."""
    return more_was_due(s)


def all_delivered(s: pd.DataFrame) -> pd.Series:
    """The answer is complete, nobody announced to keep the connection, nobody closes."""
    return s.open & (s.owed == 0) & s.body_known & ~s.keep_alive & ~s.kept_up


def within_write(s: pd.DataFrame) -> pd.Series:
    """Seen from afar: a sender stopped after a full segment without PSH and went on by itself.

    Its buffer held more (RFC 9293 3.9.1.2), so it was not its application that it waited for.
    """
    near = np.where(s.next_from == 1, s.near_server, s.near_client)
    return s.cut_off & (s.last_from == s.next_from) & (s.next_from >= 0) & ~near


def held_up(s: pd.DataFrame) -> pd.Series:
    """As `within_write`, for longer than round trips explain.

    Four of them: RFC 6298's timer where RTTVAR is most of the RTT.
    """
    return within_write(s) & (s.end_ns - s.start_ns > 4 * s.rtt_ns)


def own_pause(s: pd.DataFrame) -> pd.Series:
    """The side that ended the silence had the word: its own data before, or a request."""
    own = (s.next_from == 1) | ((s.next_from == 0) & (s.last_from == 0))
    return own & ~within_write(s) & ~s.clocked


def next_request(s: pd.DataFrame) -> pd.Series:
    """The client's next request ended the silence."""
    return s.next_from == 0


def half_seen(s: pd.DataFrame) -> pd.Series:
    """Only one direction was captured, and it tells that the other went on.

    It acknowledges more after the silence, or it is data that stopped within a write and
    went on.
    """
    return s.one_sided & (s.acked_on | (s.cut_off & (s.last_from == s.next_from)))


SILENCE_RULES: Final = (
    Rule("unknown", "undecidable", "possible", half_seen),
    Rule("tail-loss", "path", "likely", lost_tail),
    Rule("path-silent", "path", "likely", outage),
    Rule("rto", "path", "likely", lost_before_here),
    Rule("rto", "path", "possible", restarted),
    Rule("reopened-silent", "undecidable", "likely", silent_after_update),
    Rule("sender-idle", "undecidable", "likely", silent_sender),
    Rule("complete-waiting", "undecidable", "likely", all_delivered),
    Rule("sender-idle", "undecidable", "possible", held_up),
    Rule("sender-idle", "sender", "likely", own_pause),
    Rule("peer-idle", "receiver", "likely", next_request),
)


def judge(stalls: pd.DataFrame, rules: tuple[Rule, ...]) -> pd.DataFrame:
    """`stalls` with cause, blame and confidence of the first rule that applies.

    Where none does: ``unknown`` and undecidable, and not at all for a silence in which
    nobody owed anything.
    """
    masks = [np.asarray(rule.applies(stalls), bool) for rule in rules]

    def choose(values: list[str], default: str) -> np.ndarray:
        return np.select(masks, values, default) if len(stalls) else np.array([], object)

    return stalls.assign(
        cause=choose([rule.cause for rule in rules], "unknown"),
        blame=choose([rule.blame for rule in rules], "undecidable"),
        confidence=choose([rule.confidence for rule in rules], "possible"),
        fits=np.any(masks, axis=0),
    )
