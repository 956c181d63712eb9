"""A diagnosis in words for a screen: lines of at most 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from tcpwin.analysis.ends.words import Witness
from tcpwin.diagnosis.compared import ComparedFinding
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
        *wrap(verdict.claim),
    ]
    for number, finding in enumerate(chosen, 1):
        lines += ["", *finding_lines(number, finding, verbose=verbose)]
    left = len(diagnosis.findings) - len(chosen)
    if left > 0:
        lines += ["", f"… and {left} more finding{'s' if left > 1 else ''} (--verbose)."]
    for artefact in diagnosis.artefacts:
        lines += ["", *wrap(f"Capture: {artefact['artefact']}: {artefact['claim']}.")]
    if not verbose and verdict.cause != "healthy":
        mine = [f.next_step for f in chosen if f.cause == verdict.cause]
        lines += ["", *wrap(f"Next: {mine[0] if mine else 'nothing to do'}.")]
    return "\n".join(lines)


def wrap(text: str, indent: str = "  ") -> list[str]:
    """Lines of at most `WIDTH`, each indented."""
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def columns(head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int) -> Iterator[str]:
    """A table, its first `left` columns flush left and the others flush right."""
    lines = [head, *rows]
    sizes = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for cells in lines:
        padded = [
            cell.ljust(size) if place < left else cell.rjust(size)
            for place, (cell, size) in enumerate(zip(cells, sizes, strict=True))
        ]
        yield "  ".join(padded).rstrip()


def finding_lines(
    number: int, finding: Finding | ComparedFinding, *, verbose: bool, shown: int = SHOWN
) -> Iterator[str]:
    """A finding with `shown` lines of its evidence and its filters; all of it with `verbose`."""
    span = f"{finding.start_s:.3f} s to {'the end' if finding.open else f'{finding.end_s:.3f} s'}"
    flow = f" {finding.flow}" if finding.flow else ""
    yield f"{number}. {finding.cause}{flow}, {span} [{finding.confidence}]"
    yield from wrap(finding.claim, "   ")
    for item in finding.evidence if verbose else finding.evidence[:shown]:
        more = " …" if len(item.frames) > FRAMES else ""
        frames = ", ".join(map(str, item.frames[:FRAMES])) + more
        whose = f"{item.capture}'s " if isinstance(item, Witness) else ""
        yield from textwrap.wrap(
            f"{item.text} ({whose}frame {frames})",
            WIDTH,
            initial_indent="   - ",
            subsequent_indent="     ",
        )
    if verbose:
        yield from wrap(f"Refuted by: {finding.refuted_by}.", "   ")
        yield from wrap(f"Next: {finding.next_step}.", "   ")
    if isinstance(finding, ComparedFinding):
        yield from (f"   at the {capture}: {text}" for capture, text in finding.filters.items())
    else:
        yield f"   {finding.filter}"
