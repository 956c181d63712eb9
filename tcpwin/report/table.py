"""The list of streams: the columns people see, on the page and in a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from tcpwin.units import format_bytes, format_duration, format_endpoint

if TYPE_CHECKING:
    import pandas as pd

HEADS: Final = (
    "#", "client", "server", "lasts", "packets", "data", "resent", "stalled", "verdict"
)  # fmt: skip
LEFT: Final = frozenset({"client", "server", "verdict"})  # the others are numbers, to the right
_PLAIN: Final = (
    "stream",
    "client",
    "server",
    "start_s",
    "duration_s",
    "packets",
    "bytes",
    "retransmissions",
    "verdict",
    "blame",
    "lost_s",
    "stalled_s",
)


def rows(streams: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    """The cells under `HEADS` as text for people, a row for each stream."""
    for row in records(streams):
        yield (
            str(row["stream"]),
            format_endpoint(row["client"], row["client_port"]),
            format_endpoint(row["server"], row["server_port"]),
            format_duration(row["duration_s"]),
            f"{row['packets']:,}",
            format_bytes(row["bytes"]),
            f"{row['retransmissions']:,}",
            format_duration(row["stalled_s"]),
            str(row["verdict"]),
        )


def tab_separated(streams: pd.DataFrame) -> str:
    """For programs, with the start: a head line, plain numbers, seconds and bytes."""
    ends = {
        side: [
            format_endpoint(address, port)
            for address, port in zip(streams[side], streams[f"{side}_port"], strict=True)
        ]
        for side in ("client", "server")
    }
    return streams.assign(**ends)[list(_PLAIN)].to_csv(
        sep="\t", index=False, float_format="%.6f", lineterminator="\n"
    )


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain dictionaries; None for every kind of missing."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]
