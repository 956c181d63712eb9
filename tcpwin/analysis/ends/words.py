"""Findings of two captures in words: what neither of them could say alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.claims.case import SHOWN, counted
from tcpwin.analysis.ends.both import Both
from tcpwin.analysis.ends.end import End
from tcpwin.analysis.ends.fates import BOTH, UNKNOWN_FATE
from tcpwin.analysis.ends.places import BACK, PLACES, RECEIVER, THERE
from tcpwin.analysis.ends.verdicts import GONE, Fates, since
from tcpwin.analysis.grouped import NEVER, UNKNOWN
from tcpwin.analysis.segments import FLOWS
from tcpwin.units import format_byte_count, format_duration

NS: Final = 1e9
SIDES: Final = ("client", "server")


@dataclass(frozen=True)
class Witness:
    """What was seen, in which capture (``client`` or ``server``), and in which frames of it."""

    text: str
    capture: str
    frames: tuple[int, ...]


@dataclass(frozen=True)
class Told:
    """A finding in words."""

    claim: str
    evidence: tuple[Witness, ...]
    refuted_by: str
    next_step: str


@dataclass(frozen=True)
class StallCase:
    """One stall of `verdicts.resolve` with the packets that it is about."""

    both: Both
    fates: Fates
    stall: Any  # a named tuple

    @property
    def flow(self) -> int:
        """0 for client->server, 1 for server->client."""
        return int(self.stall.flow)

    @property
    def sender(self) -> str:
        """Who sends the flow's data."""
        return f"the {SIDES[self.flow]}"

    @property
    def receiver(self) -> str:
        """Who receives it."""
        return f"the {SIDES[1 - self.flow]}"

    @property
    def lasted(self) -> str:
        """How long, ``so far`` when it reaches to the end."""
        text = format_duration((self.stall.end_ns - self.stall.start_ns) / NS)
        return f"{text} so far" if self.stall.open else text

    def packets(self, flow: int) -> pd.DataFrame:
        """The packets of a flow, of the stall's or of what comes back, that matter to it."""
        table = pd.DataFrame([self.stall])
        begin = since(self.both, table, self.flow)[0 if flow == self.flow else 1][0]
        fates = self.fates[flow]
        time = fates["client_ns"].to_numpy()
        first, last = np.searchsorted(time, [begin, self.stall.end_ns + 1])
        return fates.iloc[first:last]

    @cached_property
    def there(self) -> pd.DataFrame:
        """What the sender sent."""
        return self.packets(self.flow)

    @cached_property
    def back(self) -> pd.DataFrame:
        """What came back."""
        return self.packets(1 - self.flow)

    def frames(self, end: End, rows: pd.Series[int] | Any) -> tuple[int, ...]:
        """Frame numbers of an end's rows, the first `SHOWN`."""
        known = np.asarray(rows, np.int64)
        known = known[(known != NEVER) & (known < len(end.segments.frame))]
        return tuple(end.segments.frame[known[:SHOWN]].tolist())

    def lost(self, flow: int) -> pd.DataFrame:
        """The lost packets among those that matter."""
        table = self.there if flow == self.flow else self.back
        return table[table["fate"].isin(GONE)]

    def window(self) -> int:
        """The window that the flow's sender knew as the stall ended, in bytes; 0 if none."""
        sender = self.both.sender(self.flow)
        times = np.maximum.accumulate(self.both.client_ns(sender, sender.segments.time_ns))
        row = int(np.searchsorted(times, int(self.stall.end_ns))) - 1
        value = int(sender.state(self.flow).window[max(row, 0)])
        return max(value, 0) if value > UNKNOWN else 0

    def witnesses(self) -> Iterator[Witness]:
        """What each capture shows of the stall."""
        for flow in (self.flow, 1 - self.flow):
            table = self.there if flow == self.flow else self.back
            name, other = SIDES[flow], SIDES[1 - flow]
            sender, receiver = self.both.sender(flow), self.both.receiver(flow)
            lost = table[table["fate"].isin(GONE)]
            if len(lost):
                text = f"{counted(len(lost), 'packet')} of the {name} not in the {other}'s capture"
                yield Witness(text, name, self.frames(sender, lost["sent_row"]))
            unseen = table[(table["fate"] == UNKNOWN_FATE) & (table["sent_row"] != NEVER)]
            if len(unseen):
                text = f"{counted(len(unseen), 'packet')} that the {other}'s capture cannot tell of"
                yield Witness(text, name, self.frames(sender, unseen["sent_row"]))
            came = table[table["fate"] == BOTH]
            if len(came):
                last = came.tail(1)
                text = f"the last packet {FLOWS[flow]} that came, as sent"
                yield Witness(text, name, self.frames(sender, last["sent_row"]))
                yield Witness(
                    "the same, as it came", other, self.frames(receiver, last["came_row"])
                )

    def told(self) -> Told:
        """The stall in words."""
        claim, refuted = _CLAIMS[int(self.stall.place)](self)
        spent = ", ".join(
            f"{format_duration(getattr(self.stall, _ATTRIBUTE[name]) / NS)} {_WHERE[name]}"
            for name in PLACES
            if getattr(self.stall, _ATTRIBUTE[name]) > 0
        )
        where = Witness(
            f"of the time, {spent.format(sender=self.sender, receiver=self.receiver)}",
            SIDES[0] if self.stall.by_client else SIDES[1],
            self.frames(
                self.both.client if self.stall.by_client else self.both.server,
                sorted({int(self.stall.start_row), int(self.stall.last_row)}),
            ),
        )
        return Told(claim, (where, *self.witnesses()), refuted, self._next())

    def _next(self) -> str:
        place = int(self.stall.place)
        if place == RECEIVER:
            return f"look at what the application of {self.receiver} did meanwhile"
        if place in (THERE, BACK):
            flow = self.flow if place == THERE else 1 - self.flow
            return (
                f"capture between the two, at the routers and firewalls on the way {FLOWS[flow]}: "
                "the packets vanish behind the last place that still shows them"
            )
        return f"look at what the application of {self.sender} did meanwhile"


_ATTRIBUTE: Final = {name: name.replace("-", "_") for name in PLACES}
_WHERE: Final = {
    "sender": "in {sender}",
    "way-there": "on the way there",
    "receiver": "in {receiver}",
    "way-back": "on the way back",
}


def span(frames: tuple[int, ...], total: int) -> str:
    """``frame 7``, ``frames 1,301–1,312``, ``frames 3, 9, 12``, ``14 packets in frames 5–51``.

    `frames` may be the first of `total` only.
    """
    if len(frames) == 1 == total:
        return f"frame {frames[0]:,}"
    if len(frames) == total and frames[-1] - frames[0] == total - 1:
        return f"frames {frames[0]:,}–{frames[-1]:,}"
    if total <= 4:
        return f"frames {', '.join(f'{frame:,}' for frame in frames)}"
    if len(frames) < total:
        return f"{total:,} packets from frame {frames[0]:,} on"
    return f"{total:,} packets in frames {frames[0]:,}–{frames[-1]:,}"


def _there(case: StallCase) -> tuple[str, str]:
    sender, receiver, flow = case.sender, case.receiver, case.flow
    refuted = f"the packets in another capture at {receiver}"
    lost = case.lost(flow)
    if lost.empty:
        unseen = case.there[case.there["fate"] == UNKNOWN_FATE]
        if unseen.empty:
            return f"Nothing was lost: packets of {sender} took {case.lasted} to arrive.", refuted
        frames = span(case.frames(case.both.sender(flow), unseen["sent_row"]), len(unseen))
        return (
            f"{sender.capitalize()} sent {frames} while {receiver}'s capture was not running, as "
            f"far as it shows: probably they never came; {case.lasted} passed."
        ), f"{receiver}'s host log, or a capture there that ran all the time"
    frames = span(case.frames(case.both.sender(flow), lost["sent_row"]), len(lost))
    way, none = FLOWS[flow], case.stall.came == 0
    if case.stall.cause == "path-mtu":
        sizes = (lost["end"] - lost["seq"]).to_numpy()
        came = case.fates[flow][case.fates[flow]["fate"] == BOTH]
        largest = int((came["end"] - came["seq"]).max()) if len(came) else 0
        return (
            f"{sender.capitalize()} sent {frames} and none reached {receiver}: each carries "
            f"{sizes.min():,} bytes or more, while packets of up to {largest:,} came: the path "
            f"{way} swallows what is larger."
        ), refuted
    if none:
        return (
            f"{sender.capitalize()} sent {frames}; none reached {receiver}: the path {way} "
            f"swallows them ({case.lasted})."
        ), refuted
    return (
        f"{counted(len(lost), 'packet')} of {sender} ({frames}) got lost on the way {way}; "
        f"{case.lasted} passed until {sender} sent again what came."
    ), refuted


def _back(case: StallCase) -> tuple[str, str]:
    sender, receiver, back = case.sender, case.receiver, 1 - case.flow
    refuted = f"the packets in another capture at {sender}"
    lost = case.lost(back)
    if lost.empty:
        return f"Answers of {receiver} took {case.lasted} to arrive.", refuted
    frames = span(case.frames(case.both.sender(back), lost["sent_row"]), len(lost))
    what = {
        "window-update-lost": f"{receiver.capitalize()} opened its window again",
        "connect": f"{receiver.capitalize()} answered",
    }.get(str(case.stall.cause), f"{receiver.capitalize()} acknowledged what came")
    return (
        f"{what} in {frames} of its capture; none reached {sender}: the path {FLOWS[back]} "
        f"swallows them ({case.lasted})."
    ), refuted


def _receiver(case: StallCase) -> tuple[str, str]:
    sender, receiver = case.sender, case.receiver
    refuted = f"packets of {sender} that {receiver}'s capture does not have"
    if case.stall.cause == "peer-idle":
        what = f"the next request of {receiver} is what all waited for"
    elif case.stall.cause == "complete-waiting":
        what = f"the answer is complete at {receiver}; neither side closes"
    elif case.stall.cause == "unknown":
        what = f"{receiver} had it and did not acknowledge it"
    else:
        what = f"{receiver} offered no window to send into; its application did not read"
    return f"All that {sender} sent had come: {what} ({case.lasted}).", refuted


def _sender(case: StallCase) -> tuple[str, str]:
    sender, receiver = case.sender, case.receiver
    window = format_byte_count(case.window())
    return (
        f"All that {sender} sent had come, the ACKs had come back with a window of {window}, and "
        f"{sender} sent nothing for {case.lasted}: its application, not the path."
    ), f"packets of {sender} after that, in another capture at {receiver} or at {sender}"


_CLAIMS: Final = (_sender, _there, _receiver, _back)
