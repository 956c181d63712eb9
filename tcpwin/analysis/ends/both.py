"""Both captures of one connection, put in order: who is near the client, whose clock is ahead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from tcpwin.analysis.ends.clock import Clock, fit
from tcpwin.analysis.ends.copies import journey
from tcpwin.analysis.ends.end import End
from tcpwin.analysis.ends.match import Links, match, sole
from tcpwin.analysis.ends.shift import shift
from tcpwin.analysis.grouped import Ints
from tcpwin.analysis.vantage import CLIENT, SERVER

# Which capture is nearer the client is told by packets, each a witness; so many must agree. Our
# own reasoning: one in ten may be wrong, by reordering or a change of route; below that is none.
_AGREE: Final = 0.9


@dataclass(frozen=True)
class Both:
    """Both captures of one connection.

    Attributes:
        client, server: the captures nearer the client and nearer the server.
        links: for each flow the packets that both have; `a` are rows of the flow's sender,
            `b` of its receiver.
        swapped: the second capture that was given is the client's.
        told_by: what told which capture is nearer the client: ``journeys``, ``hops``,
            ``vantage`` or ``order`` (nothing did: the first that was given).
    """

    client: End
    server: End
    links: tuple[Links, Links]
    swapped: bool
    told_by: str

    def sender(self, flow: int) -> End:
        """The capture nearer the flow's sender."""
        return (self.client, self.server)[flow]

    def receiver(self, flow: int) -> End:
        """The capture nearer the flow's receiver."""
        return (self.server, self.client)[flow]

    @cached_property
    def clock(self) -> Clock:
        """The server's clock as seen from the client's, by packets that nobody merged."""
        pairs = []
        for flow, links in enumerate(self.links):
            alone = sole(links)
            rows = (
                (links.a[alone], links.b[alone]) if flow == 0 else (links.b[alone], links.a[alone])
            )
            times = self.client.segments.time_ns[rows[0]], self.server.segments.time_ns[rows[1]]
            pairs.append(times)
        return fit(pairs[0], pairs[1])

    def expected_ns(self, flow: int) -> Ints:
        """When each packet of the flow's sender should have come, in the receiver's clock.

        As long after it was sent as it took its neighbours; shape of the sender's rows.
        """
        links, sender, receiver = self.links[flow], self.sender(flow), self.receiver(flow)
        sent = sender.segments.time_ns[sender.rows(flow)]
        return sent + self._took(sent, flow, links, sender, receiver, by_sent=True)

    def sent_ns(self, flow: int) -> Ints:
        """When each packet that the flow's receiver has should have been sent."""
        links, sender, receiver = self.links[flow], self.sender(flow), self.receiver(flow)
        came = receiver.segments.time_ns[receiver.rows(flow)]
        return came - self._took(came, flow, links, sender, receiver, by_sent=False)

    def _took(
        self, at: Ints, flow: int, links: Links, sender: End, receiver: End, *, by_sent: bool
    ) -> Ints:
        sent, came = sender.segments.time_ns[links.a], receiver.segments.time_ns[links.b]
        if len(sent):
            return journey(at, (sent, came), by_sent=by_sent)
        offset = self.clock.offset(at)
        return offset if flow == 0 else -offset

    def client_ns(self, end: End, times: Ints) -> Ints:
        """Times of a capture as the client's clock would have shown them."""
        return times if end is self.client else self.clock.to_client(times)


def bring_together(a: End, b: End, *, flipped: bool) -> Both:
    """Align, match and order two captures of one connection.

    `flipped`: they disagree on who is the client; that of which the SYN was captured is
    believed, else the first.
    """
    if flipped and bool(b.facts.segments.client_known[0]) and not a.facts.segments.client_known[0]:
        a = replace(a, flip=True)
    elif flipped:
        b = replace(b, flip=True)
    b = replace(b, shift=(shift(a, b, 0), shift(a, b, 1)))
    links = match(a, b, 0), match(a, b, 1)
    told, told_by = _first_is_client(a, b, links)
    if told:
        return Both(a, b, (links[0], _turned(links[1])), swapped=False, told_by=told_by)
    return Both(b, a, (_turned(links[0]), links[1]), swapped=True, told_by=told_by)


def same_capture(both: Both) -> bool:
    """Every packet of either is in the other, all at the same distance in time."""
    steps = []
    for flow, links in enumerate(both.links):
        sender, receiver = both.sender(flow), both.receiver(flow)
        if len(np.unique(links.a)) < len(sender.rows(flow)):
            return False
        if len(np.unique(links.b)) < len(receiver.rows(flow)):
            return False
        took = receiver.segments.time_ns[links.b] - sender.segments.time_ns[links.a]
        steps.append(took if flow == 0 else -took)
    return len(np.unique(np.concatenate(steps))) == 1


def _turned(links: Links) -> Links:
    return replace(links, a=links.b, b=links.a)


def _first_is_client(a: End, b: End, links: tuple[Links, Links]) -> tuple[bool, str]:
    found = _by_journeys(a, b, links)
    if found is not None:
        return found, "journeys"
    found = _by_hops(a, b, links)
    if found is not None:
        return found, "hops"
    seen = [int(end.facts.vantage[0]) for end in (a, b)]
    if seen[0] != seen[1]:
        near = [{CLIENT: SERVER, SERVER: CLIENT}.get(v, v) if e.flip else v
                for v, e in zip(seen, (a, b), strict=True)]  # fmt: skip
        if CLIENT in near:
            return near[0] == CLIENT, "vantage"
        if SERVER in near:
            return near[1] == SERVER, "vantage"
    return True, "order"


def _by_journeys(a: End, b: End, links: tuple[Links, Links]) -> bool | None:
    """What b's clock shows more than a's: more for packets that pass a first.

    The difference between the two directions is a round trip, whatever the clocks show.
    """
    times = [(a.segments.time_ns[one.a], b.segments.time_ns[one.b]) for one in links]
    if not len(times[0][0]) or not len(times[1][0]):
        return None
    more = times[1][1] - times[1][0]
    trips = journey(times[1][0], times[0], by_sent=True) - more
    if (trips > 0).mean() >= _AGREE:
        return True
    return False if (trips < 0).mean() >= _AGREE else None


def _by_hops(a: End, b: End, links: tuple[Links, Links]) -> bool | None:
    """A packet has more hops left where it is nearer its sender."""
    votes = []
    for sign, one in zip((1, -1), links, strict=True):
        votes.append(sign * (a.segments.hops[one.a] - b.segments.hops[one.b]))
    lead = np.concatenate(votes)
    if not len(lead):
        return None
    if (lead > 0).mean() >= _AGREE:
        return True
    return False if (lead < 0).mean() >= _AGREE else None
