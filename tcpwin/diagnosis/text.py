"""A diagnosis in words for a screen: lines of at most 80 columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from tcpwin.diagnosis.finding import Finding
from tcpwin.units import format_duration

if TYPE_CHECKING:
    from tcpwin.diagnosis.stream import Diagnosis

WIDTH: Final = 80
SHOWN: Final = 3  # lines of evidence of a finding
FRAMES: Final = 4  # frames of a line of evidence


def render(diagnosis: Diagnosis, chosen: tuple[Finding, ...], *, verbose: bool) -> str:
    """Verdict, the chosen findings, the artefacts, the next step."""
    verdict = diagnosis.verdict
    duration, packets = format_duration(diagnosis.duration_s), f"{diagnosis.packets:,} packets"
    lines = [
        f"Stream {diagnosis.stream}  {diagnosis.client} -> {diagnosis.server}",
        f"{duration}, {packets}, captured at: {diagnosis.vantage}",
        "",
        f"Verdict: {verdict.title}",
        *_wrap(verdict.claim),
    ]
    for number, finding in enumerate(chosen, 1):
        lines += ["", *_finding_lines(number, finding, verbose=verbose)]
    left = len(diagnosis.findings) - len(chosen)
    if left > 0:
        lines += ["", f"… and {left} more finding{'s' if left > 1 else ''} (--verbose)."]
    for artefact in diagnosis.artefacts:
        lines += ["", *_wrap(f"Capture: {artefact['artefact']}: {artefact['claim']}.")]
    if not verbose and verdict.cause != "healthy":
        mine = [f.next_step for f in chosen if f.cause == verdict.cause]
        lines += ["", *_wrap(f"Next: {mine[0] if mine else 'nothing to do'}.")]
    return "\n".join(lines)


def _wrap(text: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _finding_lines(number: int, finding: Finding, *, verbose: bool) -> list[str]:
    span = f"{finding.start_s:.3f} s to {'the end' if finding.open else f'{finding.end_s:.3f} s'}"
    flow = f" {finding.flow}" if finding.flow else ""
    lines = [f"{number}. {finding.cause}{flow}, {span} [{finding.confidence}]"]
    lines += _wrap(finding.claim, "   ")
    for item in finding.evidence if verbose else finding.evidence[:SHOWN]:
        more = " …" if len(item.frames) > FRAMES else ""
        frames = ", ".join(map(str, item.frames[:FRAMES])) + more
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
