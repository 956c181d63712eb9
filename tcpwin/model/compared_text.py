"""A comparison of two captures in words for a screen: lines of at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tcpwin.analysis import FLOWS
from tcpwin.analysis.ends import rewritten
from tcpwin.diagnosis.text import columns, finding_lines, wrap
from tcpwin.units import format_duration

if TYPE_CHECKING:
    from tcpwin.model.comparison import Comparison

SHOWN: Final = 4  # lines of evidence of a finding
STALLS: Final = 6
_ABOUT: Final = {
    "lost": "lost on the way",
    "partly-lost": "lost in part",
    "capture-missed": "missed by a capture, not by the path",
    "foreign": "made by something between the two, not by the host",
    "unknown": "not to be known",
}
_TOLD: Final = {
    "hops": "which capture is nearer the client was told by the hops that packets had left",
    "vantage": "which capture is nearer the client was told by each capture by itself",
    "order": "nothing tells which capture is nearer the client: the first is taken for it",
}
_REWRITTEN: Final = {
    "addresses": "addresses or ports",
    "sequence_numbers": "sequence numbers",
    "ip_ids": "IP identifications",
    "time_stamps": "time stamps",
}


def render(comparison: Comparison, *, verbose: bool = False) -> str:
    """Who is who, the verdict, the findings, the packets each way, the clocks, the stalls."""
    client, server, verdict = comparison.client, comparison.server, comparison.verdict
    found = comparison.findings if verbose else comparison.compared.that_matter()
    lines = [
        f"{client.client} -> {client.server}",
        f"at the client: {client.capture.name}, stream {client.number}",
        f"at the server: {server.capture.name}, stream {server.number}",
        "",
        f"Verdict: {verdict.title}",
        *wrap(verdict.claim),
    ]
    for number, finding in enumerate(found, 1):
        lines += ["", *finding_lines(number, finding, verbose=verbose, shown=SHOWN)]
    left = len(comparison.findings) - len(found)
    if left > 0:
        lines += ["", f"… and {left} more finding{'s' if left > 1 else ''} (--verbose)."]
    lines += ["", *flow_lines(comparison), *wrap(comparison.clock["claim"], "")]
    lines += ["", *stall_lines(comparison, verbose=verbose)] if len(comparison.stalls) else []
    for note in notes(comparison):
        lines += ["", *wrap(f"Note: {note}.", "")]
    mine = [f for f in found if f.cause == verdict.cause]
    if mine:
        lines += ["", *wrap(f"Next: {mine[0].next_step}.", "")]
    return "\n".join(lines)


def flow_lines(comparison: Comparison) -> Iterator[str]:
    """For each direction how many packets were sent, came, and what became of the others."""
    for name, numbers in zip(FLOWS, comparison.ends.flows, strict=True):
        rest = [
            f"{n:,} {_ABOUT[fate]}" for fate, n in numbers["fates"].items() if n and fate != "both"
        ]
        text = f"{name}: {numbers['sent']:,} sent, {numbers['fates']['both']:,} at both ends"
        yield from wrap(", ".join([text, *rest]) + ".", "")
        delay = numbers["delay_ms"]
        if delay["min"] is not None:
            values = [format_duration(delay[key] / 1e3) for key in ("min", "median", "p95", "max")]
            words = zip(values, ("at least", "median", "p95", "at most"), strict=True)
            yield f"  one way: {', '.join(f'{value} {word}' for value, word in words)}"


def stall_lines(comparison: Comparison, *, verbose: bool) -> Iterator[str]:
    """Where the time of each stall was spent."""
    table = comparison.stalls
    yield "Stalls: where the time was spent"
    head = ("from", "lasts", "flow", "sender", "there", "receiver", "back", "cause")
    shown = table if verbose else table.nlargest(STALLS, "end_s").sort_values("start_s")
    spent = ("sender_s", "way_there_s", "receiver_s", "way_back_s")
    rows = [
        (
            f"{row['start_s']:.3f} s",
            format_duration(row["end_s"] - row["start_s"]),
            str(row["flow"]),
            *(format_duration(row[name]) for name in spent),
            str(row["cause"]),
        )
        for row in shown.to_dict("records")
    ]
    yield from columns(head, rows, left=len(head))
    if len(table) > len(shown):
        yield f"… and {len(table) - len(shown)} more (--verbose)."


def notes(comparison: Comparison) -> Iterator[str]:
    """What a reader has to know about the two captures."""
    begin, end = comparison.overlap_s
    last = comparison.ends.duration_s
    if comparison.packets["why"].isin(("before", "after")).any():
        yield (
            f"both captures ran from {max(begin, 0):.3f} s to {min(end, last):.3f} s of the "
            f"connection's {last:.3f} s, as far as their frames show; what only one of them can "
            "have seen is not called lost"
        )
    changed = [text for name, text in _REWRITTEN.items() if rewritten(comparison.ends.both)[name]]
    if changed:
        yield f"the path rewrites {', '.join(changed)}"
    altered = comparison.packets["changed"]
    altered = altered[altered != ""]
    if len(altered):
        common = altered.value_counts()
        yield f"the path changes {len(altered):,} packets: {common.index[0]} ({common.iloc[0]:,})"
    told = _TOLD.get(comparison.ends.both.told_by)
    if told:
        yield told
    if len(comparison.common) > 1:
        yield f"{len(comparison.common):,} connections are in both captures (--stream N)"
    for stream in (comparison.client, comparison.server):
        for artefact in stream.diagnose().artefacts:
            if artefact["artefact"] != "offload" or artefact["flow"]:
                yield f"{stream.capture.name}: {artefact['artefact']}: {artefact['claim']}"
