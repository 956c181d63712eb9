"""Where the capture was taken: at the client, at the server, in the middle, or unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tcpwin.analysis.grouped import UNKNOWN, Bools, Ints

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

VANTAGES: Final = ("client", "server", "middle", "unknown")
CLIENT, SERVER, MIDDLE, NOWHERE = range(4)
_NEAR_NS: Final = 1_000_000  # a host answers a handshake within a millisecond
_RATIO: Final = 5
_FAR_NS: Final = 2_000_000
_EVEN: Final = 3
_FRESH_TTLS: Final = (64, 128, 255)  # what hosts send; each router takes one off


def vantage(facts: Facts) -> Ints:
    """Index into `VANTAGES` for each stream, shape (streams,).

    By the halves of the handshake; without one by the fastest data-to-ACK times of the two
    directions (a delayed ACK at the near host would hide in a median); else by TTLs that no
    router has touched on one side only. Source: the definitions page, "Where the capture
    was taken".
    """
    to_server, to_client = facts.handshake
    seen = _by_halves(to_server, to_client)
    samples = _by_halves(facts.rtts[0].min_ns, facts.rtts[1].min_ns)
    seen = np.where(seen == NOWHERE, samples, seen)
    return np.where(seen == NOWHERE, _by_hops(facts), seen)


def _by_halves(to_server: Ints, to_client: Ints) -> Ints:
    """From the time to the server and back and the time to the client and back."""
    known = (to_server > UNKNOWN) & (to_client > UNKNOWN)
    small, large = np.minimum(to_server, to_client), np.maximum(to_server, to_client)
    at_host = known & (small <= _NEAR_NS) & (large >= _RATIO * np.maximum(small, 1))
    between = known & (small >= _FAR_NS) & (large <= _EVEN * small)
    near = np.where(to_client < to_server, CLIENT, SERVER)
    return np.where(at_host, near, np.where(between, MIDDLE, NOWHERE))


def _by_hops(facts: Facts) -> Ints:
    segments = facts.segments
    fresh = np.isin(segments.hops, _FRESH_TTLS)
    untouched = []
    for flow in (0, 1):
        sends = segments.sends(flow)
        count = segments.groups.sum(sends)
        untouched.append((count > 0) & (segments.groups.sum(sends & fresh) == count))
    one_sided = [segments.groups.sum(segments.sends(flow)) == 0 for flow in (0, 1)]
    at_client = untouched[0] & ~untouched[1] & ~one_sided[1]
    at_server = untouched[1] & ~untouched[0] & ~one_sided[0]
    return np.select([at_client, at_server], [CLIENT, SERVER], NOWHERE)


def near_sender(facts: Facts, flow: int) -> Bools:
    """Streams captured at the host that sends the flow's data."""
    result: Bools = facts.vantage == (CLIENT if flow == 0 else SERVER)
    return result


def near(facts: Facts, flow: int) -> np.ndarray:
    """At which end of the flow each stream was captured: sender, receiver, middle, unknown."""
    names = ("sender", "receiver") if flow == 0 else ("receiver", "sender")
    result: np.ndarray = np.array((*names, *VANTAGES[MIDDLE:]), object)[facts.vantage]
    return result


def near_receiver(facts: Facts, flow: int) -> Bools:
    """Streams captured at the host that receives the flow's data."""
    result: Bools = facts.vantage == (SERVER if flow == 0 else CLIENT)
    return result
