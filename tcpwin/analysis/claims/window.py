"""Words for what the receive window did."""

from __future__ import annotations

import numpy as np

from tcpwin.analysis.claims.case import NS, Case, Words, counted
from tcpwin.analysis.grouped import NEVER
from tcpwin.analysis.loss import KEEP_ALIVE, PROBE
from tcpwin.units import format_byte_count, format_duration


def zero_window(case: Case) -> Words:
    """The receiver's window was closed."""
    facts, flow = case.facts, case.flow
    choke = facts.chokes[flow]
    zero = case.where(choke.zero[case.rows] & ~case.sends())
    probes = case.where(case.kind() == PROBE)
    replies = case.replies(probes, of_sender=False, until=case.rows.stop)
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
            f"{counted(len(probes), 'window probe')} of {case.sender}, {case.gaps(ladder)} apart",
            probes,
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
    tight = choke.shut[case.rows] | choke.small[case.rows]
    small = case.where(tight & ~case.sends())
    if not len(small):
        small = case.where(choke.full[case.rows] & ~case.sends())
    mss = int(facts.mss[flow][case.group])
    windows = facts.states[flow].window[small]
    small, windows = small[windows > 0], windows[windows > 0]
    if not len(small):
        small = np.array([case.rows.start])
        windows = facts.states[flow].window[small]
    least, most = int(windows.min()), int(windows.max())
    span = format_byte_count(most) if least == most else f"{least:,} to {most:,} bytes"
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
    full = case.where(facts.chokes[flow].full[case.rows] & case.sends())
    windows = facts.states[flow].window[case.rows]
    largest = int(windows.max())
    total = facts.end_ns[case.group] - facts.segments.time_ns[case.stream].min()
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
    opened, kind = case.rows.start, case.kind()
    pokes = case.where((kind == PROBE) | (kind == KEEP_ALIVE))
    pokes = pokes[pokes > opened]
    if bool(getattr(case.finding, "ended_by_byte", False)) and case.number("end_row") > opened:
        pokes = np.append(pokes, case.number("end_row"))
    window = case.state("window", opened)
    return Words(
        f"{case.receiver.capitalize()} reopened its window to {format_byte_count(window)} in frame "
        f"{case.frame(opened)}, yet {case.sender} only probed it for {case.lost}{case.so_far}: "
        f"the path {case.back} lost the update.",
        case.evidence("the window is open again", opened)
        + case.evidence(f"{counted(len(pokes), 'probe')} sent after that", pokes),
        f"the update in a capture at {case.sender}",
        case.capture_at(case.sender) + f"; look for loss on the way {case.back}",
    )


def _reopened(case: Case) -> int:
    """The row at which the window is usable again after its first zero; ``NEVER`` if none."""
    choke = case.facts.chokes[case.flow]
    zero = case.inside(choke.zero)
    return int(choke.next_open[zero[0] if len(zero) else case.rows.start])


def _resumed(case: Case) -> int:
    opened = _reopened(case)
    return int(case.facts.losses[case.flow].next_new[opened]) if opened != NEVER else NEVER
