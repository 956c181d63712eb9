"""One finding with what the words about it are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Ints
from tcpwin.analysis.vantage import VANTAGES
from tcpwin.units import format_duration

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

NS: Final = 1e9
SHOWN: Final = 100  # frames of one kind that an evidence names; it says when there are more


@dataclass(frozen=True)
class Evidence:
    """What was seen, and in which frames (Wireshark's numbers)."""

    text: str
    frames: tuple[int, ...]


@dataclass(frozen=True)
class Words:
    """A finding in words: what is claimed, why, what would overturn it, what to do next."""

    claim: str
    evidence: tuple[Evidence, ...]
    refuted_by: str
    next_step: str


def counted(number: int, noun: str) -> str:
    """``1 segment``, ``2 segments``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@dataclass(frozen=True)
class Case:
    """A row of the findings table with its stream; rows are those of ``facts.segments``."""

    facts: Facts
    finding: Any  # a named tuple of `findings.COLUMNS` and the features of a stall

    @property
    def group(self) -> int:
        """Index of the stream."""
        return int(self.finding.group)

    @property
    def flow(self) -> int:
        """0 for client->server, 1 for server->client."""
        return max(int(self.finding.flow), 0)

    @cached_property
    def ends(self) -> tuple[str, str]:
        """Sender and receiver of the flow."""
        return ("the client", "the server") if self.flow == 0 else ("the server", "the client")

    @property
    def sender(self) -> str:
        """Who sends the flow's data."""
        return self.ends[0]

    @property
    def receiver(self) -> str:
        """Who receives it."""
        return self.ends[1]

    @property
    def way(self) -> str:
        """The path that the data takes."""
        return "client->server" if self.flow == 0 else "server->client"

    @property
    def back(self) -> str:
        """The path that its ACKs take."""
        return "server->client" if self.flow == 0 else "client->server"

    @property
    def vantage(self) -> str:
        """Where the capture was taken."""
        return VANTAGES[int(self.facts.vantage[self.group])]

    @property
    def other_end(self) -> str:
        """Where a capture would tell more of the flow: the receiver, unless this one is there."""
        return self.sender if self.receiver.endswith(self.vantage) else self.receiver

    @property
    def rows(self) -> slice:
        """The finding's rows, both ends included."""
        finding = self.finding
        return slice(int(finding.first_row), int(finding.last_row) + 1)

    @cached_property
    def stream(self) -> slice:
        """All rows of the stream."""
        groups = self.facts.segments.groups
        start = int(groups.starts[self.group])
        return slice(start, start + int(groups.sizes[self.group]))

    # Of arrays over all streams only the finding's own part is looked at: a capture may have
    # ten thousand findings.

    def inside(self, marks: Bools) -> Ints:
        """Rows of the finding where `marks`, of all rows, holds."""
        return self.where(marks[self.rows])

    def where(self, marks: Bools) -> Ints:
        """Rows of the finding where `marks`, one for each of its rows, holds."""
        result: Ints = np.flatnonzero(marks) + self.rows.start
        return result

    def sends(self, rows: slice | None = None) -> Bools:
        """Which of these rows, those of the finding if none are named, carry the flow's data."""
        chosen = self.facts.segments.from_client[rows or self.rows]
        return chosen if self.flow == 0 else ~chosen

    def kind(self, flow: int | None = None) -> Ints:
        """What each row of the finding is to a flow, its own if none is named: `loss.KINDS`."""
        return self.facts.losses[self.flow if flow is None else flow].kind[self.rows]

    def has(self, flag: int) -> Bools:
        """Which rows of the finding carry a flag."""
        result: Bools = (self.facts.segments.flags[self.rows] & flag) != 0
        return result

    def raised(self, rows: slice) -> Bools:
        """Which of these rows, the stream's first among them or not, raise the flow's window."""
        window = self.facts.states[self.flow].window
        before = window[rows.start - 1] if rows.start > self.stream.start else UNKNOWN
        own = window[rows]
        return own > np.concatenate(([before], own))[:-1]

    def replies(self, asks: Ints, *, of_sender: bool, until: int | None = None) -> Ints:
        """The first packet of one side after each of `asks`, each named once.

        Up to the row `until`, exclusive, or the stream's end.
        """
        if not len(asks):
            return asks
        after = slice(int(asks[0]), self.stream.stop if until is None else until)
        theirs = np.flatnonzero(self.sends(after) == of_sender) + after.start
        at = np.searchsorted(theirs, asks, side="right")
        return np.unique(theirs[at[at < len(theirs)]])

    def frames(self, rows: Ints | int) -> tuple[int, ...]:
        """Frame numbers of these rows, the first `SHOWN` of many."""
        picked = np.atleast_1d(rows)
        picked = picked[picked != NEVER][:SHOWN]
        return tuple(int(n) for n in self.facts.segments.frame[picked])

    def frame(self, row: int) -> int:
        """Frame number of a row."""
        return int(self.facts.segments.frame[row])

    def evidence(self, text: str, rows: Ints | int) -> tuple[Evidence, ...]:
        """One evidence, or none where there is no such row."""
        frames, all_of_them = self.frames(rows), np.atleast_1d(rows)
        count = int(np.count_nonzero(all_of_them != NEVER))
        more = f" (the first {SHOWN} of {count:,} frames)" if count > SHOWN else ""
        return (Evidence(text + more, frames),) if frames else ()

    def since(self, row: int) -> float:
        """Seconds from the start of the stream to a row."""
        begin = self.facts.segments.groups.starts[self.group]
        time = self.facts.segments.time_ns
        return float(time[row] - time[begin]) / NS

    @property
    def lost(self) -> str:
        """The time lost, as text."""
        return format_duration(self.finding.lost_ns / NS)

    @property
    def so_far(self) -> str:
        """The words "so far" for what was not over when the capture ended."""
        return " so far" if self.finding.open else ""

    @property
    def until(self) -> str:
        """How it ended."""
        if self.finding.open:
            return "to the end of the capture"
        end = getattr(self.finding, "end_row", NEVER)
        return f"until frame {self.frame(int(end))}" if end == end and end != NEVER else ""

    @cached_property
    def rtt(self) -> str:
        """The smallest round trip of the path, as text."""
        ns = int(self.facts.path.min_ns[self.group])
        return format_duration(ns / NS) if ns > UNKNOWN else "an unknown RTT"

    def state(self, name: str, row: int) -> int:
        """A state value of the flow after a row: ``window``, ``flight``, ``usable``."""
        return int(getattr(self.facts.states[self.flow], name)[row])

    def gaps(self, rows: Ints) -> str:
        """The times between rows, for a back-off ladder: ``0.2, 0.4, 0.8 s``."""
        gaps = np.diff(self.facts.segments.time_ns[rows]) / NS
        shown = ", ".join(f"{gap:.3g}" for gap in gaps[:6])
        return f"{shown}{', …' if len(gaps) > 6 else ''} s"

    def number(self, name: str) -> int:
        """A feature of the stall; 0 where the finding has none."""
        value = getattr(self.finding, name, 0)
        return int(value) if value == value else 0

    def capture_at(self, where: str, seconds: float | None = None) -> str:
        """Advice to capture at one end: with which filter, and for how long."""
        client, server = self.facts.ends
        ports = (client["client_port"][self.group], server["server_port"][self.group])
        hosts = f"host {client['client'][self.group]} and host {server['server'][self.group]}"
        span = seconds if seconds is not None else 2 * float(self.finding.lost_ns) / NS
        duration = format_duration(max(span, 10.0))
        return (
            f"capture at {where} with the filter '{hosts} and tcp port {min(ports)}' for "
            f"{duration} or more"
        )
