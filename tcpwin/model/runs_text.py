"""Two transfers side by side in words: lines of at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tcpwin.diagnosis.text import columns, wrap
from tcpwin.units import UNKNOWN, format_bytes, format_duration, format_rate

if TYPE_CHECKING:
    from tcpwin.model.runs import Runs

_WHILE: Final = {
    "zero-window": "while the receiver's window was 0",
    "receive-window": "while the receiver's window was full",
    "recovery": "while losses were repaired",
    "network": "while data were on the way and ACKs set the pace",
    "sender": "while the sender had nothing to send",
    "idle": "while the other side had the word",
}
# What explains the time under a limiter, as far as packets tell.
_BESIDE: Final = {
    "zero-window": ("max_window",),
    "receive-window": ("max_window", "rtt_median"),
    "recovery": ("lost_segments",),
    "network": ("rtt_median", "lost_segments"),
    "sender": ("longest_stall",),
    "idle": ("longest_stall",),
}
_NAMES: Final = {
    "initial_rtt": "RTT of the handshake", "rtt_min": "RTT, least", "rtt_median": "RTT, median",
    "rtt_p95": "RTT, p95", "stalled": "stalled, in all",
    "longest_stall": "longest stall", "zero_window": "window at 0", "min_window": "window, least",
    "max_window": "window, most", "max_flight": "in flight, most", "scale": "window scale",
    "mss": "MSS",
}  # fmt: skip


def claim(runs: Runs) -> str:
    """How much longer the second run took, and under which limiter most of it was."""
    table, a, b = runs.limiters(), *_names(runs)
    total, first = float(table["more_s"].sum()), table.iloc[0]
    times = [format_duration(float(table[name].sum())) for name in ("a_s", "b_s")]
    more = float(first["more_s"])
    took = "longer" if total >= 0 else "less long"
    head = f"{b} took {format_duration(abs(total))} {took} than {a} ({times[1]} against {times[0]})"
    if more == 0:
        return f"{head}; under every limiter as long as the other."
    limiter = str(first["limiter"])
    spent = [format_duration(float(first[name])) for name in ("b_s", "a_s")]
    text = f"{head}; what differs most: {spent[0]} against {spent[1]} {_WHILE[limiter]} ({limiter})"
    measures = _by_name(runs)
    beside = [
        f"{_label(name)} {_against(measures[name])}"
        for name in (*_BESIDE[limiter], "bytes")
        if measures[name]["a"] != measures[name]["b"]
    ]
    return f"{text}; {', '.join(beside)}." if beside else f"{text}."


def headline(runs: Runs) -> str:
    """The claim in so few words that a picture has room for it."""
    table, a, b = runs.limiters(), *_names(runs)
    total, first = float(table["more_s"].sum()), table.iloc[0]
    took = "longer" if total >= 0 else "less long"
    share = f"{first['limiter']} {_signed(float(first['more_s']))}"
    return f"{b} took {format_duration(abs(total))} {took} than {a}; most of all: {share}"


def _by_name(runs: Runs) -> dict[str, dict[Any, Any]]:
    return {str(row["measure"]): row for row in runs.measures().to_dict("records")}


def _against(row: dict[Any, Any]) -> str:
    return f"{_value(row['b'], row['unit'])} against {_value(row['a'], row['unit'])}"


def _label(measure: str) -> str:
    return _NAMES.get(measure, measure.replace("_", " "))


def render(runs: Runs, *, verbose: bool = False) -> str:
    """What differs most and where to see it, the verdicts, the limiters, the numbers.

    Without `verbose`, numbers that are 0 in both are left out.
    """
    lines = [f"{runs.flow}, two runs", *_about(runs), ""]
    lines += wrap(runs.claim, "")
    lines += [*_where(runs), ""]
    lines += [*_limiters(runs), "", *_measures(runs, verbose=verbose)]
    differ = _settings(runs)
    if differ:
        lines += ["", *wrap(f"Agreed otherwise: {', '.join(differ)}.", "")]
    return "\n".join(lines)


def _names(runs: Runs) -> tuple[str, str]:
    """The names of the files; with the stream where that does not tell them apart."""
    names = runs.a.capture.name, runs.b.capture.name
    if names[0] != names[1]:
        return names
    return f"{names[0]} #{runs.a.number}", f"{names[1]} #{runs.b.number}"


def _about(runs: Runs) -> Iterator[str]:
    for label, stream in (("a", runs.a), ("b", runs.b)):
        packets = f"{len(stream.packets):,} packets"
        yield f"{label}: {stream.capture.name}, stream {stream.number}, {packets}"
        yield f"   {stream.client} -> {stream.server}"
        yield from wrap(f"Verdict: {stream.diagnose().verdict.title}", "   ")


def _where(runs: Runs) -> Iterator[str]:
    """The longest spell of what differs most, in the run that has more of it."""
    first = runs.limiters().iloc[0]
    name, stream = ("b", runs.b) if first["more_s"] > 0 else ("a", runs.a)
    begin, end = int(first[f"{name}_first"]), int(first[f"{name}_last"])
    if begin:
        frames = f"frame.number in {{{begin}..{end}}}"
        yield f"  the longest spell, in {name}: {stream.filter} && {frames}"


def _limiters(runs: Runs) -> Iterator[str]:
    table = runs.limiters()
    rows = [
        (
            str(row["limiter"]),
            *(format_duration(float(row[name])) for name in ("a_s", "b_s")),
            _signed(float(row["more_s"])),
        )
        for row in table.to_dict("records")
    ]
    yield from columns(("held back by", "a", "b", "b - a"), rows, left=1)


def _signed(seconds: float) -> str:
    return f"+{format_duration(seconds)}" if seconds > 0 else format_duration(seconds)


def _measures(runs: Runs, *, verbose: bool) -> Iterator[str]:
    table = runs.measures()
    shown = table if verbose else table[(table["a"] != 0) | (table["b"] != 0)]
    rows = [
        (
            _label(str(row["measure"])),
            *(_value(float(row[name]), row["unit"]) for name in ("a", "b")),
        )
        for row in shown.to_dict("records")
    ]
    yield from columns(("", "a", "b"), rows, left=1)


def _value(value: float, unit: str) -> str:
    if np.isnan(value):
        return UNKNOWN
    if unit == "s":
        return format_duration(value)
    if unit == "B":
        return format_bytes(value)
    if unit == "bit/s":
        return format_rate(value)
    return f"{value:,.0f}"


def _settings(runs: Runs) -> list[str]:
    """What the hosts agreed on in the handshakes, where it is not the same."""
    table = _by_name(runs)
    found = []
    for name in ("mss", "scale"):
        values = [table[name][run] for run in ("a", "b")]
        if values[0] != values[1] and not np.isnan(values).any():
            found.append(f"{_NAMES[name]} {values[0]:,.0f} and {values[1]:,.0f}")
    return found
