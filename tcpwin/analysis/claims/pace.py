"""Words for the small waits and the sudden ends."""

from __future__ import annotations

import numpy as np

from tcpwin.analysis.claims.case import Case, Words
from tcpwin.analysis.resets import foreign
from tcpwin.analysis.segments import SYN


def delayed_ack(case: Case) -> Words:
    """Nagle's algorithm meets a delayed ACK."""
    facts, flow = case.facts, case.flow
    count = max(int(case.number("count")), 1)
    first = int(case.finding.first_row)
    una = facts.states[flow].steps.una[first + 1 : case.stream.stop]
    ack = first + 1 + int(np.argmax(una >= facts.segments.end[first]))
    times = "once" if count == 1 else f"{count} times"
    return Words(
        f"{case.sender.capitalize()} held back small data until all before it was acknowledged, "
        f"{times}, {case.lost} in all: Nagle's algorithm waits for the delayed ACK of "
        f"{case.receiver}.",
        case.evidence("the last segment out, and nothing else until", first)
        + case.evidence("its ACK", ack),
        f"TCP_NODELAY on the socket of {case.sender}",
        f"set TCP_NODELAY on the socket of {case.sender}, or write a request in one piece",
    )


def reset(case: Case) -> Words:
    """Somebody broke the connection."""
    facts = case.facts
    segments = facts.segments
    row = int(case.finding.first_row)
    who = "the client" if segments.from_client[row] else "the server"
    start = case.stream.start
    before = slice(start, row)
    refused = bool(((segments.flags[before] & SYN) != 0).all()) and row > start
    left = int(facts.owed[max(row - 1, start)])
    out = int(max(facts.states[case.flow].flight[max(row - 1, start)], 0))
    strange = bool(foreign(facts)[row])
    name = f"A device on the path, in the name of {who}," if strange else who.capitalize()
    if refused:
        how = "broke off the handshake" if segments.from_client[row] else "refused the connection"
        claim = f"{name} {how} with a reset."
    else:
        what = (
            f"{left:,} bytes were owed"
            if left > 0
            else f"{out:,} bytes were not acknowledged"
            if out > 0
            else "a request was not answered"
            if facts.answer_due[max(row - 1, start)]
            else f"{case.sender} was within a write"
        )
        claim = f"{name} reset the connection while {what}."
    hops = segments.hops
    same = segments.from_client[before] == segments.from_client[row]
    others = hops[before][same]
    evidence = case.evidence("the reset", row)
    if strange:
        evidence += case.evidence(
            f"its TTL is {hops[row]}, other packets of {who} have {np.median(others):.0f}: a "
            "device on the path sent it", row,
        )  # fmt: skip
    return Words(
        claim,
        evidence,
        f"a capture at {who} that shows no such packet leaving",
        (
            f"check whether anything listens on that port of {who}, or whether a firewall rejects"
            if refused
            else f"look into the log of the application on {who} at that time"
        )
        + ("; and for a firewall on the path" if strange else ""),
    )
