"""Words for silences: who had the word, and what later packets exclude."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tcpwin.analysis.claims.case import NS, Case, Evidence, Words
from tcpwin.analysis.grouped import NEVER, Ints
from tcpwin.analysis.loss import AGAIN, KEEP_ALIVE
from tcpwin.analysis.segments import FIN
from tcpwin.units import format_byte_count, format_bytes, format_duration


def reopened_silent(case: Case) -> Words:
    """The window was open again and nothing came: it is not the window."""
    acks = case.facts.states[case.flow].steps.acks
    last = case.rows.stop - 1
    raises = case.where(case.raised(case.rows) & acks[case.rows])
    window, usable = case.state("window", last), case.state("usable", last)
    evidence = case.evidence(
        f"the window is {format_byte_count(window)} and {format_byte_count(usable)} of it are "
        "usable; nothing is in flight",
        raises if len(raises) else case.rows.start,
    )
    evidence += _prior(case) + _owed(case) + _excluded(case)
    if case.finding.blame == "undecidable":
        who = "a silent server and a path that swallows its packets look alike from here"
    elif case.finding.blame == "path":
        who = "what was sent to ask for an answer was not answered: the path is dead"
    else:
        who = "the path worked, so the sending application is silent"
    return Words(
        f"{case.sender.capitalize()} sent nothing for {case.lost}{case.so_far} although the window "
        f"had reopened: the window is not the cause; {who}.",
        evidence,
        f"retransmissions of {case.sender} in a capture at its end (then the path loses them), or "
        "their absence (then its application is silent)",
        _look(case),
    )


def sender_idle(case: Case) -> Words:
    """The side that had the word took its time."""
    finding = case.finding
    asked = case.number("last_from") != case.flow
    resumed = (
        f" and resumed by itself in {case.until.removeprefix('until ')}"
        if not finding.open and case.number("next_from") == case.flow
        else ""
    )
    what = "took" if asked and resumed else "paused for" if resumed else "was silent for"
    after = " before it answered" if asked and resumed else ""
    claim = (
        f"{case.sender.capitalize()} {what} {case.lost}{case.so_far}{after}{resumed}: the window "
        "was open, nothing was in flight, everything was acknowledged."
    )
    if finding.blame == "undecidable":
        claim += " Whether it was silent or the path lost what it sent cannot be told from here."
    end = int(finding.end_row)
    evidence = case.evidence("the last packet that brought something", case.rows.start)
    evidence += case.evidence("the next one", end) if end != NEVER else ()
    evidence += _owed(case) + _excluded(case)
    return Words(
        claim,
        evidence,
        f"packets of {case.sender} in this time in a capture at its end",
        _look(case),
    )


def peer_idle(case: Case) -> Words:
    """The next request ended the wait."""
    end = int(case.finding.end_row)
    return Words(
        f"{case.receiver.capitalize()} took {case.lost} for its next request; {case.sender} had "
        "answered all before and waited.",
        case.evidence("the last packet of the exchange before", case.rows.start)
        + case.evidence("the next request", end),
        "an answer that was still owed at that time",
        f"ask what {case.receiver} does between its requests; the network and {case.sender} are "
        "not what it waits for",
    )


def complete_waiting(case: Case) -> Words:
    """All was delivered and nobody closes."""
    return Words(
        f"The answer is complete (all of its Content-Length was delivered and acknowledged), and "
        f"for {case.lost}{case.so_far} nobody has closed the connection: if {case.receiver} waits, "
        "it waits for an end that does not come.",
        case.evidence("the last of the body is acknowledged", case.rows.start) + _owed(case),
        "bytes beyond the announced length, or a FIN in a capture at the other end",
        f"check whether {case.receiver} reads by Content-Length or until the connection closes, "
        f"and whether {case.sender} should have sent 'Connection: close' and a FIN",
    )


def unknown(case: Case) -> Words:
    """Time was lost and nothing fits."""
    return Words(
        f"{case.lost}{case.so_far} passed without progress from frame "
        f"{case.frame(case.rows.start)} on, and nothing in the capture tells why.",
        case.evidence("the last packet that brought something", case.rows.start),
        "a capture of both directions at either end",
        case.capture_at("both ends"),
    )


def _look(case: Case) -> str:
    """Into the application where it is known to be silent, else where that can be seen."""
    if case.finding.blame == "sender":
        return (
            f"look into the application on {case.sender} (its log at that time, what it waits "
            "for: disk, database, another service)"
        )
    seconds = 2 * case.finding.lost_ns / NS
    return (
        case.capture_at(case.sender, seconds)
        + ": if it shows data or retransmissions, the path swallows them; if it shows nothing, "
        "the application is silent"
    )


def _owed(case: Case) -> tuple[Evidence, ...]:
    left = int(case.facts.owed[case.rows.start])
    if left <= 0 or case.flow == 0:
        return ()
    exchanges = case.facts.exchanges
    group = exchanges["group"].to_numpy()  # ascending
    first = int(group.searchsorted(case.group))
    rows = exchanges["response_row"].to_numpy()[first : group.searchsorted(case.group + 1)]
    told = np.flatnonzero((rows != NEVER) & (rows <= case.rows.start))[-1:]
    size: Any = exchanges["body_bytes"].iat[first + int(told[0])] if len(told) else pd.NA
    of = "" if size is pd.NA else f" of {format_bytes(float(size))}"
    rows = rows[told]
    return case.evidence(f"the server still owes {left:,} bytes{of} (Content-Length)", rows)


def _excluded(case: Case) -> tuple[Evidence, ...]:
    """What the waiting side sent meanwhile, and whether it was answered."""
    kind, fin = case.kind(1 - case.flow), case.has(FIN)
    rows = case.where(~case.sends() & ((kind == KEEP_ALIVE) | (kind == AGAIN) | fin))
    if not len(rows):
        return ()
    answered = case.replies(rows, of_sender=True)
    if len(answered):
        text = "was answered: the path works in both directions"
    else:
        text = "was not answered"
    what = "FIN" if fin[rows - case.rows.start].any() else "keep-alive"
    return case.evidence(f"a {what} of {case.receiver} meanwhile {text}", np.append(rows, answered))


def _prior(case: Case) -> tuple[Evidence, ...]:
    """How the sender had behaved after earlier reopenings."""
    runs, resumes = reopenings(case)
    if not len(runs):
        return ()
    slowest = format_duration(float(resumes.max()) / NS)
    times = "once" if len(runs) == 1 else f"{len(runs)} times"
    within = f"within {slowest}" + (" each time" if len(runs) > 1 else "")
    return case.evidence(f"the window had reopened {times} before; data resumed {within}", runs)


def reopenings(case: Case) -> tuple[Ints, Ints]:
    """Earlier window updates of the flow that new data followed: (rows, ns until the data).

    Updates with no data between them are one reopening, counted from its last: as long as
    the window goes on rising, its sender may be waiting for more of it.
    """
    segments, steps = case.facts.segments, case.facts.states[case.flow].steps
    before = slice(case.stream.start, case.rows.start)
    pure = steps.acks[before] & (steps.newly[before] == 0) & (segments.length[before] == 0)
    rows = np.flatnonzero(case.raised(before) & pure) + before.start
    following = case.facts.losses[case.flow].next_new[rows]
    known = (following != NEVER) & (following <= case.rows.start)
    rows, following = rows[known], following[known]
    last = np.append(following[1:] != following[:-1], True)[: len(rows)]
    rows, following = rows[last], following[last]
    return rows, segments.time_ns[following] - segments.time_ns[rows]
