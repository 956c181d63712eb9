"""The diagnosis of one stream.

The keys of `to_dict` are fixed; others build on them (see the definitions page of the docs).
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from tcpwin.analysis import FLOWS, Facts
from tcpwin.analysis.artefacts import claim
from tcpwin.analysis.claims import WORDS, Case
from tcpwin.diagnosis.finding import Finding, Verdict
from tcpwin.diagnosis.ledger import NS, Ledger
from tcpwin.diagnosis.text import render
from tcpwin.units import format_duration

MATTER: Final = 3  # findings that a screen has room for


@dataclass(frozen=True, eq=False, repr=False)
class Diagnosis:
    """All that was found in one stream; prints as text, shows as HTML in Jupyter."""

    ledger: Ledger
    group: int

    @property
    def facts(self) -> Facts:
        """What the analysis worked out."""
        return self.ledger.facts

    @property
    def stream(self) -> int:
        """The number, as in ``tcp.stream``."""
        return self.ledger.streams[self.group]

    @property
    def client(self) -> str:
        """``address:port`` of the client."""
        return self.ledger.ends[self.group][0]

    @property
    def server(self) -> str:
        """``address:port`` of the server."""
        return self.ledger.ends[self.group][1]

    @property
    def packets(self) -> int:
        """Packets of the stream in the capture, copies included."""
        return self.ledger.packets[self.group]

    @property
    def begin_ns(self) -> int:
        """When the stream began, ns since 1970 UTC."""
        return self.ledger.begin_ns[self.group]

    @property
    def duration_s(self) -> float:
        """To the end of the capture for a stream that was not closed, else to its last packet."""
        return self.ledger.duration_s[self.group]

    @property
    def vantage(self) -> str:
        """Where the capture was taken: client, server, middle or unknown."""
        return self.ledger.vantages[self.group]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, in the order of time."""
        return tuple(self._finding(row) for row in self.ledger.findings[self.group])

    @property
    def finding(self) -> Finding | None:
        """The finding that the verdict speaks of; None where nothing cost noticeable time."""
        row = self.ledger.verdicts[self.group]
        if row.cause == "healthy":
            return None
        number: int = row.finding - self.ledger.first_finding[self.group]
        return self.findings[number]

    @cached_property
    def verdict(self) -> Verdict:
        """The finding that cost the most time, or that ended the stream."""
        row = self.ledger.verdicts[self.group]
        lost_s = row.lost_ns / NS
        if self.finding is None:
            half = any(artefact["artefact"] == "one-sided" for artefact in self.artefacts)
            seen = " that the one direction captured would show" if half else ""
            text = f"Nothing cost noticeable time{seen} in {format_duration(self.duration_s)}."
        else:
            flow = FLOWS[row.flow] if row.flow >= 0 else None
            text = self.finding.claim
            count = sum(f.cause == row.cause and f.flow == flow for f in self.findings)
            if count > 1:
                text = f"{count} times, {format_duration(lost_s)} in all. The longest: {text}"
        return Verdict(
            cause=row.cause,
            blame=row.blame,
            flow=None if row.flow < 0 else FLOWS[row.flow],
            lost_s=lost_s,
            share=row.share,
            confidence=row.confidence,
            claim=text,
        )

    @cached_property
    def artefacts(self) -> tuple[dict[str, Any], ...]:
        """What the capture did to the truth: artefact, flow, count, claim."""
        return tuple(
            {
                "artefact": row.artefact,
                "flow": None if row.flow < 0 else FLOWS[row.flow],
                "count": row.number,
                "claim": claim(row.what, row.number),
            }
            for row in self.ledger.artefacts[self.group]
        )

    @property
    def flows(self) -> dict[str, dict[str, Any]]:
        """The numbers of both flows, by name."""
        return {name: self.ledger.flows[flow][self.group] for flow, name in enumerate(FLOWS)}

    def to_dict(self) -> dict[str, Any]:
        """The stream with the keys of the definitions page."""
        return {
            "stream": self.stream,
            "client": self.client,
            "server": self.server,
            "duration_s": round(self.duration_s, 9),
            "packets": self.packets,
            "vantage": self.vantage,
            "verdict": self.verdict.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
            "artefacts": list(self.artefacts),
            "flows": self.flows,
        }

    def that_matter(self) -> tuple[Finding, ...]:
        """The findings that cost most, of the verdict's cause first, one of each cause."""
        ranked = sorted(
            self.findings, key=lambda f: (f.cause != self.verdict.cause, not f.open, -f.lost_s)
        )
        first = {(f.cause, f.flow): f for f in reversed(ranked)}
        return tuple(f for f in ranked if first[f.cause, f.flow] is f)[:MATTER]

    def text(self, *, verbose: bool = False) -> str:
        """The diagnosis in words, lines of at most 80 columns; all of it with `verbose`."""
        return render(self, self.findings if verbose else self.that_matter(), verbose=verbose)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Diagnosis of stream {self.stream}: {self.verdict.title}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text())}</pre>"

    def _finding(self, row: Any) -> Finding:
        words = WORDS[row.cause](Case(self.facts, row))
        frame = self.facts.segments.frame
        return Finding(
            cause=row.cause,
            blame=row.blame,
            flow=None if row.flow < 0 else FLOWS[int(row.flow)],
            start_s=(int(row.start_ns) - self.begin_ns) / NS,
            end_s=(int(row.end_ns) - self.begin_ns) / NS,
            open=bool(row.open),
            lost_s=float(row.lost_ns) / NS,
            first_frame=int(frame[int(row.first_row)]),
            last_frame=int(frame[int(row.last_row)]),
            confidence=row.confidence,
            claim=words.claim[:1].upper() + words.claim[1:],
            evidence=words.evidence,
            refuted_by=words.refuted_by,
            next_step=words.next_step,
        )
