"""The diagnosis of streams: findings that can be argued with, as objects, text, HTML, JSON.

The keys of `to_dict` are fixed; others build on them (see the definitions page of the docs).
"""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pandas as pd

from tcpwin.analysis import FLOWS, LIMITERS, VANTAGES, Facts
from tcpwin.analysis.artefacts import CLAIMS
from tcpwin.analysis.claims import WORDS, Case, Evidence
from tcpwin.units import format_duration, format_endpoint

NS: Final = 1e9
WIDTH: Final = 80
MATTER: Final = 3  # findings that a screen has room for


@dataclass(frozen=True)
class Finding:
    """One finding of a stream. Times are seconds from the start of the stream.

    `blame` is sender, receiver, path, capture, none or undecidable; `confidence` proven,
    likely or possible. `filter` is a display filter that selects the frames of `evidence`.
    """

    cause: str
    blame: str
    flow: str | None
    start_s: float
    end_s: float
    open: bool
    lost_s: float
    first_frame: int
    last_frame: int
    confidence: str
    claim: str
    evidence: tuple[Evidence, ...]
    refuted_by: str
    next_step: str

    @property
    def filter(self) -> str:
        """A Wireshark display filter that shows exactly the frames of the evidence."""
        return frame_filter(sorted({n for item in self.evidence for n in item.frames}))

    def to_dict(self) -> dict[str, Any]:
        """The finding with the keys of the definitions page."""
        return {
            "cause": self.cause,
            "blame": self.blame,
            "flow": self.flow,
            "start_s": round(self.start_s, 9),
            "end_s": round(self.end_s, 9),
            "open": self.open,
            "lost_s": round(self.lost_s, 9),
            "first_frame": self.first_frame,
            "last_frame": self.last_frame,
            "confidence": self.confidence,
            "claim": self.claim,
            "evidence": [{"text": e.text, "frames": list(e.frames)} for e in self.evidence],
            "refuted_by": self.refuted_by,
            "next_step": self.next_step,
            "filter": self.filter,
        }


@dataclass(frozen=True)
class Verdict:
    """What cost a stream the most time, or what ended it. `share` is of its duration."""

    cause: str
    blame: str
    flow: str | None
    lost_s: float
    share: float
    confidence: str
    claim: str

    @property
    def title(self) -> str:
        """One line: ``zero-window - receiver, 23.7 s lost (94%) [proven]``."""
        if self.cause == "healthy":
            return self.cause
        cost = f", {format_duration(self.lost_s)} lost ({self.share:.0%})" if self.lost_s else ""
        return f"{self.cause} - {self.blame}{cost} [{self.confidence}]"

    def to_dict(self) -> dict[str, Any]:
        """The verdict with the keys of the definitions page."""
        return {**vars(self), "lost_s": round(self.lost_s, 9), "share": round(self.share, 6)}


@dataclass(frozen=True)
class Diagnosis:
    """All that was found in one stream; prints as text, shows as HTML in Jupyter."""

    facts: Facts
    group: int

    @property
    def stream(self) -> int:
        """The number, as in ``tcp.stream``."""
        return int(self.facts.segments.streams[self.group])

    @cached_property
    def endpoints(self) -> tuple[str, str]:
        """Client and server as ``address:port``."""
        segments = self.facts.segments
        start = segments.groups.starts[self.group]
        packet = self.facts.packets.iloc[segments.order[start]]
        ends = [
            format_endpoint(str(packet[name]), int(packet[f"{name}_port"]))
            for name in ("src", "dst")
        ]
        client, server = ends if segments.from_client[start] else reversed(ends)
        return client, server

    @property
    def client(self) -> str:
        """``address:port`` of the client."""
        return self.endpoints[0]

    @property
    def server(self) -> str:
        """``address:port`` of the server."""
        return self.endpoints[1]

    @property
    def packets(self) -> int:
        """Packets of the stream in the capture, copies included."""
        return int(self.facts.all_segments.groups.sizes[self.group])

    @property
    def begin_ns(self) -> int:
        """When the stream began, ns since 1970 UTC."""
        segments = self.facts.segments
        return int(segments.time_ns[self._rows].min())

    @property
    def _rows(self) -> slice:
        groups = self.facts.segments.groups
        start = int(groups.starts[self.group])
        return slice(start, start + int(groups.sizes[self.group]))

    @property
    def duration_s(self) -> float:
        """To the end of the capture for a stream that was not closed, else to its last packet."""
        return (int(self.facts.end_ns[self.group]) - self.begin_ns) / NS

    @property
    def vantage(self) -> str:
        """Where the capture was taken: client, server, middle or unknown."""
        return VANTAGES[int(self.facts.vantage[self.group])]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, in the order of time."""
        table = self.facts.findings
        return tuple(self._finding(row) for row in _rows_of(table, self.group))

    @cached_property
    def verdict(self) -> Verdict:
        """The finding that cost the most time, or that ended the stream."""
        row = self.facts.verdicts.iloc[self.group]
        if row["cause"] == "healthy":
            claim = f"Nothing cost noticeable time in {format_duration(self.duration_s)}."
        else:
            table = self.facts.findings
            worst = next(table.loc[[row["finding"]]].itertuples(index=False))
            claim = self._finding(worst).claim
            same = table[(table["group"] == self.group) & (table["cause"] == row["cause"])]
            same = same[same["flow"] == row["flow"]]
            if len(same) > 1:
                claim = (
                    f"{len(same)} times, {format_duration(row['lost_ns'] / NS)} in all. The "
                    f"longest: {claim}"
                )
        flow = None if row["flow"] < 0 else FLOWS[row["flow"]]
        return Verdict(
            cause=str(row["cause"]),
            blame=str(row["blame"]),
            flow=flow,
            lost_s=float(row["lost_ns"]) / NS,
            share=float(row["share"]),
            confidence=str(row["confidence"]),
            claim=claim,
        )

    @cached_property
    def artefacts(self) -> tuple[dict[str, Any], ...]:
        """What the capture did to the truth: artefact, flow, count, claim."""
        return tuple(_artefact(row) for row in _rows_of(self.facts.artefacts, self.group))

    @cached_property
    def flows(self) -> dict[str, dict[str, Any]]:
        """The numbers of both flows, by name."""
        return {name: self._flow(flow) for flow, name in enumerate(FLOWS)}

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

    def text(self, *, verbose: bool = False) -> str:
        """The diagnosis in words, lines of at most 80 columns; all of it with `verbose`."""
        verdict = self.verdict
        head = f"Stream {self.stream}  {self.client} -> {self.server}"
        facts = (
            f"{format_duration(self.duration_s)}, {self.packets:,} packets, captured at: "
            f"{self.vantage}"
        )
        lines = [head, facts, "", f"Verdict: {verdict.title}", *_wrap(verdict.claim)]
        chosen = self.findings if verbose else self.that_matter()
        for number, finding in enumerate(chosen, 1):
            lines += ["", *_finding_lines(number, finding, verbose)]
        left = len(self.findings) - len(chosen)
        if left > 0:
            lines += ["", f"… and {left} more findings (--verbose)."]
        for artefact in self.artefacts:
            lines += ["", *_wrap(f"Capture: {artefact['artefact']}: {artefact['claim']}.")]
        if not verbose and verdict.cause != "healthy":
            lines += ["", *_wrap(f"Next: {self._next_step()}.")]
        return "\n".join(lines)

    def that_matter(self) -> tuple[Finding, ...]:
        """The findings that cost most, of the verdict's cause first, one of each cause."""
        ranked = sorted(
            self.findings, key=lambda f: (f.cause != self.verdict.cause, not f.open, -f.lost_s)
        )
        first = {(f.cause, f.flow): f for f in reversed(ranked)}
        return tuple(f for f in ranked if first[f.cause, f.flow] is f)[:MATTER]

    def _next_step(self) -> str:
        mine = [f for f in self.that_matter() if f.cause == self.verdict.cause]
        return mine[0].next_step if mine else "nothing to do"

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text())}</pre>"

    def _finding(self, row: Any) -> Finding:
        words = WORDS[row.cause](Case(self.facts, row))
        frame = self.facts.segments.frame
        last = int(row.last_row)
        return Finding(
            cause=row.cause,
            blame=row.blame,
            flow=None if row.flow < 0 else FLOWS[int(row.flow)],
            start_s=(int(row.start_ns) - self.begin_ns) / NS,
            end_s=(int(row.end_ns) - self.begin_ns) / NS,
            open=bool(row.open),
            lost_s=float(row.lost_ns) / NS,
            first_frame=int(frame[int(row.first_row)]),
            last_frame=int(frame[last]),
            confidence=row.confidence,
            claim=_sentence(words.claim),
            evidence=words.evidence,
            refuted_by=words.refuted_by,
            next_step=words.next_step,
        )

    def _flow(self, flow: int) -> dict[str, Any]:
        row = self.facts.flow_tables[flow].iloc[self.group]
        seconds = {name: float(row[f"limit_{name}"]) for name in LIMITERS}
        total = sum(seconds.values())
        plain = {
            name: _plain(row[name]) for name in row.index if not name.startswith(("rtt_", "limit_"))
        }
        stalled = plain.pop("stalled_s")
        return {
            **plain,
            "rtt_ms": {name: _plain(row[f"rtt_{name}_ms"]) for name in ("min", "median", "p95")},
            "stalled_s": stalled,
            "limits": {
                name: {"share": round(s / total, 6) if total else 0.0, "seconds": round(s, 9)}
                for name, s in seconds.items()
            },
        }


@dataclass(frozen=True)
class CaptureDiagnosis:
    """The diagnosis of every stream of a capture; words are made when first asked for."""

    facts: Facts
    about: dict[str, Any]  # tcpwin, tshark, path and facts of the capture

    @cached_property
    def streams(self) -> tuple[Diagnosis, ...]:
        """One diagnosis per stream, in the order of their numbers."""
        return tuple(
            Diagnosis(self.facts, group) for group in range(len(self.facts.segments.groups))
        )

    @property
    def causes(self) -> set[str]:
        """All causes found, verdicts and findings."""
        return set(self.facts.verdicts["cause"]) | set(self.facts.findings["cause"])

    @cached_property
    def artefacts(self) -> list[dict[str, Any]]:
        """The artefacts of the whole capture, counted over its streams."""
        table = self.facts.artefacts
        sums = table.groupby("artefact", sort=False)["count"].sum()
        return [
            {"artefact": name, "flow": None, "count": int(count), "claim": _claim(name, int(count))}
            for name, count in sums.items()
        ]

    def to_dict(self) -> dict[str, Any]:
        """The whole as `diagnose --json` prints it."""
        capture = {**self.about["capture"], "artefacts": self.artefacts}
        return {
            "tcpwin": self.about["tcpwin"],
            "tshark": self.about["tshark"],
            "capture": capture,
            "streams": [stream.to_dict() for stream in self.streams],
        }

    def __iter__(self) -> Iterator[Diagnosis]:
        return iter(self.streams)

    def __len__(self) -> int:
        return len(self.facts.segments.groups)


def frame_filter(frames: list[int]) -> str:
    """A display filter for these frames, neighbours joined: ``frame.number in {3, 5..9}``."""
    if not frames:
        return "frame.number == 0"
    runs: list[list[int]] = []
    for frame in frames:
        if runs and frame == runs[-1][1] + 1:
            runs[-1][1] = frame
        else:
            runs.append([frame, frame])
    parts = [str(first) if first == last else f"{first}..{last}" for first, last in runs]
    return f"frame.number in {{{', '.join(parts)}}}"


def _rows_of(table: pd.DataFrame, group: int) -> Iterator[Any]:
    """The rows of one stream in a table that is sorted by group."""
    groups = table["group"].to_numpy()
    first, last = groups.searchsorted(group), groups.searchsorted(group, side="right")
    return table.iloc[first:last].itertuples(index=False)


def _artefact(row: Any) -> dict[str, Any]:
    flow = None if row.flow < 0 else FLOWS[int(row.flow)]
    count = int(row.count_) if hasattr(row, "count_") else int(row[3])
    return {
        "artefact": row.artefact,
        "flow": flow,
        "count": count,
        "claim": _claim(row.artefact, count),
    }


def _claim(artefact: str, count: int) -> str:
    return CLAIMS[artefact].format(count=count)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(value: Any) -> Any:
    """A number for JSON: no numpy types, None for what is not known."""
    if value is pd.NA or value is None:
        return None
    if isinstance(value, str):
        return value
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float):
        return None if math.isnan(number) else round(number, 9)
    return number


def _wrap(text: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _finding_lines(number: int, finding: Finding, verbose: bool) -> list[str]:
    span = f"{finding.start_s:.3f} s to {'the end' if finding.open else f'{finding.end_s:.3f} s'}"
    flow = f" {finding.flow}" if finding.flow else ""
    lines = [f"{number}. {finding.cause}{flow}, {span} [{finding.confidence}]"]
    lines += _wrap(finding.claim, "   ")
    shown = finding.evidence if verbose else finding.evidence[:3]
    for item in shown:
        frames = ", ".join(map(str, item.frames[:4])) + (" …" if len(item.frames) > 4 else "")
        lines += textwrap.wrap(
            f"{item.text} (frame {frames})",
            WIDTH,
            initial_indent="   - ",
            subsequent_indent="     ",
        )
    if verbose:
        lines += _wrap(f"Refuted by: {finding.refuted_by}.", "   ")
        lines += _wrap(f"Next: {finding.next_step}.", "   ")
    lines.append(f"   {finding.filter}")
    return lines
