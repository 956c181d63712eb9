"""The tables as Markdown, and whether what is promised is kept."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.bench.programs import ABOUT, ALL, CACHED, FIELDS, ONE, PYSHARK, VALUES


@dataclass
class Row:
    """One program on one capture."""

    capture: str
    program: str
    packets: int
    seconds: list[float] = field(default_factory=list)
    skipped: str = ""

    @property
    def each(self) -> float:
        """Seconds for a packet."""
        return statistics.median(self.seconds) / self.packets


@dataclass(frozen=True)
class Promise:
    """`program` takes at most this part of the time of `against`, packet by packet."""

    program: str
    against: str
    most: float
    cores: int | None = None  # promised for a machine with as many


PROMISED_FOR = 400_000  # packets: of fewer, the start of the programs is most of the time
PROMISES: Final = (
    Promise(ONE, FIELDS, 0.48),
    Promise(ALL, FIELDS, 0.28, cores=2),
    Promise(ALL, PYSHARK, 1 / 60, cores=2),
    Promise(ALL, VALUES, 1 / 60, cores=2),
    Promise(CACHED, ALL, 0.03),
)


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: int) -> str:
    """A table whose last columns are `numbers`."""
    lines = ["---"] * (len(head) - numbers) + ["--:"] * numbers
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, lines, *rows))


def timings(rows: Sequence[Row]) -> str:
    """One line for each program and capture, then what the programs did."""
    head = ("capture", "program", "packets", "median s", "min–max s", "packets/s",
            f"time, `{FIELDS}` = 1", f"per packet, {PYSHARK} = 1")  # fmt: skip
    cells = []
    for row in rows:
        first = row is next(other for other in rows if other.capture == row.capture)
        cells.append([row.capture if first else "", row.program, *numbers(row, rows)])
    used = dict.fromkeys(row.program for row in rows)
    notes = "\n".join(f"- {program}: {ABOUT[program]}." for program in used)
    return f"{markdown(head, cells, 6)}\n\n{notes}"


def numbers(row: Row, rows: Sequence[Row]) -> list[str]:
    """What the table says of a row."""
    if row.skipped:
        return [f"{row.packets:,}", row.skipped, *["–"] * 4]
    beside = [other(rows, row.capture, FIELDS), other(rows, row.capture, PYSHARK)]
    ratios = ["–" if not there else f"{row.each / there.each:.2g}" for there in beside]
    return [
        f"{row.packets:,}",
        f"{statistics.median(row.seconds):.2f}",
        f"{min(row.seconds):.2f}–{max(row.seconds):.2f}",
        f"{float(f'{1 / row.each:.3g}'):,.0f}",
        *ratios,
    ]


def other(rows: Sequence[Row], capture: str, program: str) -> Row | None:
    """The row of a program that took part."""
    there = (r for r in rows if (r.capture, r.program) == (capture, program) and r.seconds)
    return next(there, None)


def promises(rows: Sequence[Row], cores: int) -> str:
    """One line for each promise, with what was measured on every capture."""
    captures = dict.fromkeys(row.capture for row in rows)
    lines = []
    for promise in PROMISES:
        told = []
        for capture in captures:
            row, against = (other(rows, capture, p) for p in (promise.program, promise.against))
            if row and against:
                ratio = row.each / against.each
                told.append((f"{capture} {ratio:.2g}", ratio <= promise.most))
        where = f" on {promise.cores} cores" if promise.cores else ""
        text = f"{promise.program} takes at most {promise.most:.3f} of {promise.against}{where}"
        if promise.cores not in (None, cores):
            lines.append(f"- {text}: not judged on {cores}")
        elif told:
            kept = verdict(all(good for _, good in told))
            said = ", ".join(f"**{said}**" if not good else said for said, good in told)
            lines.append(f"- {text}: {kept} ({said})")
    return "\n".join(lines)


def verdict(kept: bool) -> str:
    """In the words of the tables."""
    return "kept" if kept else "NOT KEPT"
