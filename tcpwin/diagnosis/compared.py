"""The diagnosis of one connection by two captures, in the shape of that of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pandas as pd

from tcpwin.analysis.claims import WORDS, Case
from tcpwin.analysis.ends import Ends
from tcpwin.analysis.ends.words import SIDES, StallCase, Told, Witness
from tcpwin.analysis.segments import FLOWS
from tcpwin.diagnosis.finding import Verdict, frame_filter, plain_keys
from tcpwin.units import format_duration

NS: Final = 1e9


@dataclass(frozen=True)
class ComparedFinding:
    """One finding of two captures; as `Finding`, and each evidence says whose frames it has.

    Times are seconds from the connection's first packet, by the client's clock. `capture` is
    where `first_frame` and `last_frame` are counted.
    """

    cause: str
    blame: str
    flow: str | None
    start_s: float
    end_s: float
    open: bool
    lost_s: float
    capture: str
    first_frame: int
    last_frame: int
    confidence: str
    spent_s: dict[str, float]
    told: Told

    @property
    def claim(self) -> str:
        """One sentence with its numbers."""
        return self.told.claim

    @property
    def evidence(self) -> tuple[Witness, ...]:
        """What was seen, in which capture."""
        return self.told.evidence

    @property
    def refuted_by(self) -> str:
        """What would show that it is not so."""
        return self.told.refuted_by

    @property
    def next_step(self) -> str:
        """Where to look."""
        return self.told.next_step

    @property
    def filters(self) -> dict[str, str]:
        """For each capture a display filter that shows exactly the evidence there."""
        return filters(self.evidence)

    def to_dict(self) -> dict[str, Any]:
        """The finding with the keys of the definitions page, frames by capture."""
        by_capture = self.filters
        return {
            **plain_keys(self),
            "capture": self.capture,
            "spent_s": {name: round(value, 9) for name, value in self.spent_s.items()},
            "evidence": [
                {"text": e.text, "capture": e.capture, "frames": list(e.frames)}
                for e in self.evidence
            ],
            "refuted_by": self.refuted_by,
            "next_step": self.next_step,
            "filter": by_capture.get(self.capture, frame_filter(())),
            "filters": by_capture,
        }


def filters(evidence: Iterable[Witness]) -> dict[str, str]:
    """For each capture a display filter for the frames of these."""
    frames: dict[str, list[int]] = {}
    for item in evidence:
        frames.setdefault(item.capture, []).extend(item.frames)
    return {name: frame_filter(frames[name]) for name in SIDES if frames.get(name)}


@dataclass(frozen=True, eq=False)
class Compared:
    """Verdict and findings of two captures of one connection."""

    ends: Ends

    @cached_property
    def findings(self) -> tuple[ComparedFinding, ...]:
        """What was found, in the order of time."""
        return tuple(self._finding(row) for row in self.ends.findings.itertuples())

    @cached_property
    def verdict(self) -> Verdict:
        """What cost the most time, or what ended the connection."""
        row = self.ends.verdict
        lost_s = float(row["lost_ns"]) / NS
        place = int(row["finding"])
        flow = int(row["flow"])
        if place < 0:
            duration = format_duration(self.ends.duration_s)
            text = f"Nothing cost noticeable time in {duration}. {self._losses()}"
        else:
            text = self.findings[place].claim
            same = self.ends.findings
            count = int(((same["cause"] == row["cause"]) & (same["flow"] == flow)).sum())
            if count > 1:
                text = f"{count} times, {format_duration(lost_s)} in all. The longest: {text}"
            if same["source"].iloc[place] >= 0:
                text = f"{text} {self._losses()}"
        return Verdict(
            cause=str(row["cause"]),
            blame=str(row["blame"]),
            flow=None if flow < 0 else FLOWS[flow],
            lost_s=lost_s,
            share=float(row["share"]),
            confidence=str(row["confidence"]),
            claim=text,
        )

    def that_matter(self, most: int = 3) -> tuple[ComparedFinding, ...]:
        """The findings that cost most, of the verdict's cause first, one of each cause."""
        cause = self.verdict.cause
        ranked = sorted(self.findings, key=lambda f: (f.cause != cause, not f.open, -f.lost_s))
        first = {(f.cause, f.flow): f for f in reversed(ranked)}
        return tuple(f for f in ranked if first[f.cause, f.flow] is f)[:most]

    def _losses(self) -> str:
        parts = []
        for flow, numbers in enumerate(self.ends.flows):
            lost = len(numbers["lost_frames"])
            parts.append(f"{lost:,} of {numbers['sent']:,} packets {FLOWS[flow]}")
        return f"Lost on the way: {', '.join(parts)}."

    def _finding(self, row: Any) -> ComparedFinding:
        stall = int(row.stall)
        zero = self.ends.begin_ns
        side = "client" if row.by_client else "server"
        end = self.ends.both.client if row.by_client else self.ends.both.server
        if stall >= 0:
            case = StallCase(self.ends.both, self.ends.fates, self._stall(stall))
            told, first, last = case.told(), case.stall.start_row, case.stall.last_row
            spent = {k.removesuffix("_s"): float(self.ends.stalls[k].iloc[stall])
                     for k in ("sender_s", "way_there_s", "receiver_s", "way_back_s")}  # fmt: skip
        else:
            own = next(end.facts.findings.loc[[int(row.source)]].itertuples(index=False))
            words = WORDS[row.cause](Case(end.facts, own))
            evidence = tuple(Witness(e.text, side, e.frames) for e in words.evidence)
            claim = words.claim[:1].upper() + words.claim[1:]
            told = Told(claim, evidence, words.refuted_by, words.next_step)
            first, last, spent = own.first_row, own.last_row, {}
        frame = end.segments.frame
        return ComparedFinding(
            cause=str(row.cause),
            blame=str(row.blame),
            flow=FLOWS[int(row.flow)] if row.flow >= 0 else None,
            start_s=(int(row.start_ns) - zero) / NS,
            end_s=(int(row.end_ns) - zero) / NS,
            open=bool(row.open),
            lost_s=float(row.lost_ns) / NS,
            capture=side,
            first_frame=int(frame[int(first)]),
            last_frame=int(frame[min(int(last), len(frame) - 1)]),
            confidence=str(row.confidence),
            spent_s=spent,
            told=told,
        )

    def _stall(self, place: int) -> Any:
        table: pd.DataFrame = self.ends.resolved.iloc[[place]]
        names = {name: str(name).replace("-", "_") for name in table}
        return next(table.rename(columns=names).itertuples(index=False))
