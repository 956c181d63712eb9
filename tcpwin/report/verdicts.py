"""Verdicts in words: one line each for a list, a few lines for the streams that lost most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from tcpwin.report.table import records
from tcpwin.units import format_duration, format_endpoint, printable

if TYPE_CHECKING:
    import pandas as pd

    from tcpwin.diagnosis import Diagnosis
    from tcpwin.model import Capture

HEALTHY: Final = "healthy"
WORST: Final = 3  # streams that are told in words
LINE_HEADS: Final = ("stream", "lost", "verdict", "who", "client -> server")


def by_loss(streams: pd.DataFrame) -> pd.DataFrame:
    """The streams that are not healthy, those that lost most time first, then the healthy ones."""
    order = streams.assign(well=streams["verdict"] == HEALTHY)
    order = order.sort_values(["well", "lost_s", "stream"], ascending=[True, False, True])
    return order.drop(columns="well")


def troubled(streams: pd.DataFrame) -> pd.DataFrame:
    """The streams that are not healthy, those that lost most time first."""
    ordered = by_loss(streams)
    return ordered[ordered["verdict"] != HEALTHY]


def worst(capture: Capture, count: int = WORST) -> list[Diagnosis]:
    """The diagnoses of the streams that lost most time; healthy ones are not among them."""
    numbers = troubled(capture.streams)["stream"].head(count)
    known = {one.stream: one for one in capture.diagnose().streams}
    return [known[int(number)] for number in numbers]


def causes_of(diagnoses: Iterable[Diagnosis]) -> set[str]:
    """The causes of all verdicts and findings."""
    named = [[one.verdict.cause, *(f.cause for f in one.findings)] for one in diagnoses]
    return set(chain.from_iterable(named))


def next_step(diagnosis: Diagnosis) -> str:
    """What the finding behind the verdict says to do next; "" where nothing is wrong."""
    step = next((one.next_step for one in diagnosis.that_matter()), "")
    return f"{step[:1].upper()}{step[1:]}." if step else ""


def lines(streams: pd.DataFrame, width: int = 80) -> Iterator[str]:
    """A head and a line per stream; endpoints that do not fit are cut, as they come last."""
    table = [LINE_HEADS, *map(_cells, records(streams))]
    sizes = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        text = "  ".join(
            cell.rjust(size) if place < 2 else cell.ljust(size)
            for place, (cell, size) in enumerate(zip(cells, sizes, strict=True))
        ).rstrip()
        yield text if len(text) <= width else text[: width - 1] + "…"


def count_of(causes: pd.Series[str]) -> str:
    """``12 loss, 3 zero-window``, the most frequent first."""
    return ", ".join(f"{count:,} {cause}" for cause, count in causes.value_counts().items())


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    ends = [format_endpoint(row[side], row[f"{side}_port"]) for side in ("client", "server")]
    return (
        str(row["stream"]),
        format_duration(row["lost_s"]) if row["lost_s"] else "-",
        str(row["verdict"]),
        str(row["blame"]) if row["verdict"] != HEALTHY else "-",
        printable(" -> ".join(ends)),
    )
