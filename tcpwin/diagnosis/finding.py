"""A finding and a verdict, with the keys that the definitions page fixes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from tcpwin.analysis.claims import Evidence
from tcpwin.units import format_duration

_PLAIN: Final = (
    "cause", "blame", "flow", "start_s", "end_s", "open", "lost_s", "first_frame", "last_frame",
    "confidence", "claim",
)  # fmt: skip


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
            **plain_keys(self),
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


def plain_keys(finding: Any) -> dict[str, Any]:
    """What a finding of one capture and one of two tell under the same keys."""
    values = {name: getattr(finding, name) for name in _PLAIN}
    return {name: round(v, 9) if isinstance(v, float) else v for name, v in values.items()}


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
