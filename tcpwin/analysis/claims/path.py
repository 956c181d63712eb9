"""Words for what the path did: loss, silence, size, order, queues."""

from __future__ import annotations

from typing import Final

import numpy as np

from tcpwin.analysis.claims.case import NS, Case, Evidence, Words, counted
from tcpwin.analysis.grouped import NEVER
from tcpwin.analysis.loss import AGAIN, LATE, PROBE
from tcpwin.analysis.segments import SYN
from tcpwin.units import format_duration

_STAMPS: Final = 12  # bytes of the time stamps option, RFC 7323 appendix A


def loss(case: Case) -> Words:
    """Segments were lost and repaired without a stall."""
    facts, flow = case.facts, case.flow
    needed = case.inside(facts.losses[flow].needed)
    before = np.count_nonzero(facts.losses[flow].fills[needed])
    where = (
        "before the capture point"
        if before == len(needed)
        else "behind the capture point"
        if before == 0
        else "on both sides of the capture point"
    )
    total = int(facts.losses[flow].data[case.stream].sum())
    duplicates = np.flatnonzero(facts.duplicates[flow][case.stream]) + case.stream.start
    were = "was" if len(needed) == 1 else "were"
    recovery = f"; recovery took {case.lost} in all" if case.finding.lost_ns > 0 else ""
    return Words(
        f"{len(needed):,} of {counted(total, 'segment')} {case.way} {were} lost {where} and sent "
        f"again{recovery}.",
        case.evidence("sent again", needed)
        + case.evidence(f"{counted(len(duplicates), 'duplicate ACK')} asked for them", duplicates),
        f"their first copies in a capture at {case.receiver}"
        if before == 0
        else f"a capture at {case.sender} in which they were sent once",
        f"look for drops on the path {case.way} (interface errors, policer, full queue); "
        + case.capture_at(case.receiver if before == 0 else case.sender, 60),
    )


def rto(case: Case) -> Words:
    """Only the timer repaired a loss."""
    again, missing = _sent_again(case), case.number("missing")
    seen = case.evidence("sent again after a timer", again)
    if missing and not len(again):
        seen = _jump(case)
    elif case.number("slow_start") and not len(again):
        seen = case.evidence(
            "one segment, then nothing for a round trip, then several: so goes a sender on after "
            "its timer", case.number("end_row"),
        )  # fmt: skip
    return Words(
        f"Loss on the path {case.way} stopped the flow for {case.lost}{case.so_far}: no duplicate "
        f"ACKs came in time, only the retransmission timer of {case.sender} helped.",
        case.evidence("the last progress", case.rows.start) + seen + _end(case),
        f"an acknowledgement that reached {case.sender} in this time",
        f"look for bursts of loss on the path {case.way}; " + case.capture_at(case.other_end, 60),
    )


def tail_loss(case: Case) -> Words:
    """The end of a burst was lost."""
    again = _sent_again(case)
    seen = case.evidence("sent again by a probe or timer", again) if len(again) else _jump(case)
    return Words(
        f"The last segments of a burst {case.way} were lost; nothing behind them could cause "
        f"duplicate ACKs, so {case.lost}{case.so_far} passed until a probe or timer repaired it.",
        case.evidence("the last progress", case.rows.start) + seen + _end(case),
        "duplicate ACKs or SACK blocks for later data in this time",
        f"look for drops on the path {case.way}; a sender with tail loss probes (RFC 8985) "
        "recovers sooner",
    )


def path_silent(case: Case) -> Words:
    """The sender asks and nothing comes back."""
    again = _sent_again(case)
    probes = case.where(case.kind() == PROBE)
    asks = np.sort(np.concatenate([again, probes]))
    back = case.where(~case.sends())
    back = back[(back > asks[0]) & (back != case.number("end_row"))] if len(asks) else back
    if not len(asks):
        text = (
            f"Nothing that would close the gap came from {case.sender} for "
            f"{case.lost}{case.so_far}: the path {case.way} swallows it, or {case.sender} is gone."
        )
        evidence = case.evidence("the last progress", case.rows.start) + _jump(case)
    elif len(back) and case.finding.open:
        text = (
            f"{case.sender.capitalize()} sent again {counted(len(asks), 'time')} over {case.lost}"
            f"{case.so_far} in vain while {case.receiver} is still heard: the path {case.way} "
            "swallows its packets."
        )
        evidence = case.evidence(f"heard from {case.receiver}, yet nothing acknowledged", back)
    else:
        text = (
            f"{case.sender.capitalize()} sent again {counted(len(asks), 'time')} with back-off "
            f"over {case.lost}{case.so_far} and nothing came back: the path is silent."
        )
        evidence = case.evidence("the last progress", case.rows.start)
    if len(asks):
        ladder = np.append(case.rows.start, asks)
        evidence += case.evidence(f"sent again, {case.gaps(ladder)} apart", asks)
    return Words(
        text,
        evidence + _end(case),
        f"a packet of {case.receiver} in this time, or the retransmissions arriving in a capture "
        "there",
        case.capture_at(case.receiver)
        + "; that shows which direction is dead, and whether the host still lives",
    )


def acks_lost(case: Case) -> Words:
    """What was sent again had arrived."""
    again = _sent_again(case)
    twice = case.facts.states[case.flow].blocks
    told = twice["row"].to_numpy()  # ascending
    mine = slice(*told.searchsorted((case.rows.start, case.rows.stop)))
    reports = told[mine][twice["dsack"].to_numpy(bool)[mine]]
    return Words(
        f"{case.sender.capitalize()} sent again {counted(len(again), 'segment')} over "
        f"{case.lost}{case.so_far} that {case.receiver} had received and acknowledged: the path "
        f"{case.back} lost the ACKs.",
        case.evidence("sent again though it had arrived", again)
        + case.evidence("D-SACK: received twice", np.unique(reports)),
        f"these ACKs arriving in a capture at {case.sender}",
        case.capture_at(case.sender) + f"; look for a filter or loss on the way {case.back}",
    )


def path_mtu(case: Case) -> Words:
    """Full-size segments never arrive."""
    facts, flow = case.facts, case.flow
    segments = facts.segments
    again = _sent_again(case)
    holes = case.inside(facts.losses[flow].holes)
    mss = int(facts.mss[flow][case.group])
    stream = int(segments.streams[case.group])
    first, last = facts.refusals[0].searchsorted((stream, stream + 1))
    told = tuple(facts.refusals[1][first:last][:3].tolist())
    router = " A router said so (ICMP)." if told else " No router says so."
    options = _STAMPS if segments.stamped[case.group] else 0
    evidence = case.evidence("large segments sent again", again)
    evidence += case.evidence("a smaller one arrives behind a hole", holes)
    if not evidence:
        evidence = case.evidence("a full segment that a router refused", case.rows.start)
    if told:
        evidence += (type(evidence[0])("too big, said the router", told),)
    return Words(
        f"Segments of full size ({mss:,} bytes) do not get through the path {case.way}, smaller "
        f"ones do; that cost {case.lost}{case.so_far}.{router}",
        evidence,
        "one segment of full size that was acknowledged",
        f"test the path with 'ping -M do -s {mss + options + 12}'; let ICMP 'fragmentation "
        "needed' through, clamp the MSS at the tunnel, or set net.ipv4.tcp_mtu_probing=1",
    )


def reordering(case: Case) -> Words:
    """Segments overtook each other."""
    late = case.where(case.kind() == LATE)
    waited = case.finding.lost_ns / NS / max(len(late), 1)
    return Words(
        f"{counted(len(late), 'segment')} {case.way} came late by {format_duration(waited)} on "
        "average, each sent once: the path changed their order, none was lost.",
        case.evidence("came late", late),
        "a second copy of one of them in a capture at the sender",
        "harmless while no retransmission follows; otherwise look for parallel links or queues",
    )


def queueing(case: Case) -> Words:
    """A deep queue."""
    base = case.rtt
    marks = case.frames(np.array([case.finding.first_row, case.finding.last_row]))
    return Words(
        f"While data flows {case.way} the round trip grows to several times its minimum of {base}: "
        f"a deep queue on the path, worth some {case.lost} of waiting. A larger window would only "
        "make the queue longer.",
        case.evidence(
            f"round trips swollen from frame {marks[0]} to {marks[-1]}",
            np.array([case.finding.first_row, case.finding.last_row]),
        ),
        "the same round trip when nothing is sent",
        "find the bottleneck's queue and manage it (fq_codel, cake), or pace the sender (BBR)",
    )


def connect(case: Case) -> Words:
    """The handshake had to be tried again."""
    mine = case.where(case.has(SYN) & case.sends())
    what = "SYN" if case.flow == 0 else "SYN/ACK"
    gone = "was never answered" if case.finding.open else f"was answered after {case.lost}"
    return Words(
        f"The {what} of {case.sender} was sent {counted(len(mine), 'time')} and {gone}.",
        case.evidence(f"{what}, {case.gaps(mine)} apart" if len(mine) > 1 else what, mine)
        + _end(case),
        f"an answer in a capture at {case.receiver}",
        case.capture_at(case.receiver, 30)
        + "; a dead host, a filter and a dead path look alike from one end",
    )


def _sent_again(case: Case) -> np.ndarray:
    return case.where(case.kind() == AGAIN)


def _jump(case: Case) -> tuple[Evidence, ...]:
    missing, end = case.number("missing"), case.number("end_row")
    if missing <= 0 or end == NEVER:
        return ()
    opens = bool(case.facts.losses[case.flow].holes[end])
    if opens:
        before = case.facts.states[case.flow].steps.sent_before[end]
        size = int(case.facts.segments.seq[end] - before)
        return case.evidence(
            f"the sequence numbers jump by {size:,} bytes: {case.sender} had sent what never came "
            "here", end,
        )  # fmt: skip
    return case.evidence(
        f"the IP identifications of {case.sender} jump by {missing} more than the packets seen: "
        "it had sent what never came here", end,
    )  # fmt: skip


def _end(case: Case) -> tuple[Evidence, ...]:
    end = getattr(case.finding, "end_row", NEVER)
    if end != end or int(end) == NEVER:
        return ()
    return case.evidence("progress again", int(end))
