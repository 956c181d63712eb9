"""A finding and a verdict, with the keys that the definitions page fixes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tcpwin.analysis.claims import Evidence
from tcpwin.units import format_duration


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
        return frame_filter(n for item in self.evidence for n in item.frames)

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


def frame_filter(frames: Iterable[int]) -> str:
    """A display filter for these frames, neighbours joined: ``frame.number in {3, 5..9}``."""
    runs: list[list[int]] = []
    for frame in sorted(set(frames)):
        if runs and frame == runs[-1][1] + 1:
            runs[-1][1] = frame
        else:
            runs.append([frame, frame])
    if not runs:
        return "frame.number == 0"
    parts = [str(first) if first == last else f"{first}..{last}" for first, last in runs]
    return f"frame.number in {{{', '.join(parts)}}}"
