"""Words for what the receive window did."""

from __future__ import annotations

import numpy as np

from tcpwin.analysis.claims.case import NS, Case, Words
from tcpwin.analysis.grouped import NEVER, Ints
from tcpwin.analysis.loss import KEEP_ALIVE, NEW, PROBE
from tcpwin.units import format_byte_count, format_duration


def zero_window(case: Case) -> Words:
    """The receiver's window was closed."""
    facts, flow = case.facts, case.flow
    choke = facts.chokes[flow]
    zero = case.inside(choke.zero & ~case.facts.segments.sends(flow))
    probes = case.inside(facts.losses[flow].kind == PROBE)
    replies = _after(case, probes)
    opened = _reopened(case)
    seconds = case.finding.lost_ns / NS
    if not case.finding.stall:
        claim = (
            f"The window of {case.receiver} was 0 for {case.lost}; data resumed by itself, "
            "so this was harmless."
        )
    else:
        claim = (
            f"The receive window of {case.receiver} was closed for {case.lost}{case.so_far}: its "
            f"application did not read, and {case.sender} had to wait."
        )
    evidence = case.evidence(f"{case.receiver} announces a window of 0", zero)
    if len(probes):
        ladder = np.append(case.rows.start, probes)
        evidence += case.evidence(
            f"{len(probes)} window probes of {case.sender}, {case.gaps(ladder)} apart", probes
        )
        evidence += case.evidence(
            "each probe was answered with the window still closed: the path works in both "
            "directions" if len(replies) >= len(probes) else
            f"{len(replies)} of {len(probes)} probes were answered", replies,
        )  # fmt: skip
    if opened != NEVER:
        window = case.state("window", opened)
        evidence += case.evidence(f"reopened to {format_byte_count(window)}", opened)
    resumed = _resumed(case)
    if resumed != NEVER and opened != NEVER:
        delay = (facts.segments.time_ns[resumed] - facts.segments.time_ns[opened]) / NS
        evidence += case.evidence(f"data resumed {format_duration(delay)} later", resumed)
    return Words(
        claim,
        evidence,
        f"a window update before the end of these {format_duration(seconds)} in a capture at "
        f"{case.receiver}",
        f"look at the process on {case.receiver} that reads this socket "
        "(blocked, swapped out, slow disk, one thread for all); 'ss -tm' there shows its full "
        "receive queue"
        if case.finding.stall
        else "nothing to do",
    )


def small_window(case: Case) -> Words:
    """The window was open, but by less than a segment."""
    facts, flow = case.facts, case.flow
    choke = facts.chokes[flow]
    small = case.inside((choke.shut | choke.small) & ~facts.segments.sends(flow))
    if not len(small):
        small = case.inside(choke.full & ~facts.segments.sends(flow))
    mss = int(facts.mss[flow][case.group])
    windows = facts.states[flow].window[small]
    span = f"{windows.min():,} to {windows.max():,} bytes" if len(small) else "small steps"
    return Words(
        f"{case.receiver.capitalize()} left {case.sender} less than one segment of {mss:,} bytes "
        f"of window for {case.lost}{case.so_far} ({span}): silly window.",
        case.evidence(f"window of {span} announced", small),
        "segments of full size sent in this time",
        f"give the socket of {case.receiver} a larger receive buffer "
        "(SO_RCVBUF, net.ipv4.tcp_rmem) and let its application read in larger pieces",
    )


def receive_window(case: Case) -> Words:
    """The window limited the flow for a large share of its time."""
    facts, flow = case.facts, case.flow
    groups = facts.segments.groups
    full = case.inside(facts.chokes[flow].full & facts.segments.sends(flow))
    windows = facts.states[flow].window[case.rows]
    largest = int(windows.max())
    total = (facts.end_ns - groups.min(facts.segments.time_ns))[case.group]
    share = case.finding.lost_ns / max(int(total), 1)
    return Words(
        f"The window of {case.receiver} (at most {format_byte_count(largest)}) was full for "
        f"{case.lost}, {share:.0%} of the time: no more than one window per round trip "
        f"({case.rtt}) can be sent.",
        case.evidence("data that reaches the edge of the window", full),
        f"white space under the edge in a capture at {case.sender}",
        f"raise the receive buffer of {case.receiver} above rate times RTT "
        "(SO_RCVBUF not set, net.ipv4.tcp_rmem), or find out why its application reads slowly",
    )


def window_update_lost(case: Case) -> Words:
    """The window reopened, and its sender did not learn of it."""
    facts, flow = case.facts, case.flow
    opened = case.rows.start
    kind = facts.losses[flow].kind
    pokes = case.inside((kind == PROBE) | (kind == KEEP_ALIVE))
    pokes = pokes[pokes > opened]
    window = case.state("window", opened)
    return Words(
        f"{case.receiver.capitalize()} reopened its window to {format_byte_count(window)} in frame "
        f"{case.frame(opened)}, yet {case.sender} went on probing for {case.lost}{case.so_far}: "
        f"the path {case.back} lost the update.",
        case.evidence("the window is open again", opened)
        + case.evidence(f"{len(pokes)} probes sent after that", pokes),
        f"the update in a capture at {case.sender}",
        case.capture_at(case.sender) + f"; look for loss on the way {case.back}",
    )


def _after(case: Case, asks: Ints) -> Ints:
    """The first packet of the receiver after each of `asks`, inside the finding."""
    replies = case.facts.segments.groups.next(~case.facts.segments.sends(case.flow))[asks]
    return np.unique(replies[(replies != NEVER) & (replies < case.rows.stop)])


def _reopened(case: Case) -> int:
    row = int(case.facts.chokes[case.flow].opened_after(np.array([case.rows.start]))[0])
    zero = np.flatnonzero(case.facts.chokes[case.flow].zero[case.rows])
    if len(zero):
        begin = case.rows.start + int(zero[0])
        row = int(case.facts.chokes[case.flow].opened_after(np.array([begin]))[0])
    return row


def _resumed(case: Case) -> int:
    fresh = case.facts.segments.groups.next(case.facts.losses[case.flow].kind == NEW)
    opened = _reopened(case)
    return int(fresh[opened]) if opened != NEVER else NEVER
