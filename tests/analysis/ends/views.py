"""One connection as both of its ends capture it: made from what was sent, and what got lost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from tcpwin.analysis.ends import Both, End, Ends, bring_together
from tcpwin.analysis.facts import Facts
from tests.analysis.build import ACK, PSH, SYN, WRAP, P, down, packets, up

BASE = 1_700_000_000_000_000_000
MS = 1_000_000
REQUEST, MSS = 100, 1000


def talk(count: int = 6, *, every_ms: float = 1, begin_ms: float = 30, ids: bool = True) -> list[P]:
    """Handshake, request and `count` segments over 10 ms each way, each acknowledged at once.

    Times are those of sending. The segments are rows 4 to 3 + count, their ACKs follow.
    """
    rows = [
        P(True, 0, 0, flags=SYN, window=50_000, ms=0, mss=1460),
        P(False, 0, 1, flags=SYN | ACK, window=50_000, ms=10, mss=1460),
        P(True, 1, 1, window=50_000, ms=20),
        up(1, len=REQUEST, ms=20.1, flags=ACK | PSH, window=50_000),
    ]
    rows += [
        down(1 + n * MSS, 1 + REQUEST, MSS, ms=begin_ms + 0.1 + n * every_ms, window=50_000)
        for n in range(count)
    ]
    rows += [
        up(1 + REQUEST, 1 + (n + 1) * MSS, ms=begin_ms + 10.2 + n * every_ms, window=50_000)
        for n in range(count)
    ]
    if ids:
        rows = [replace(row, ip_id=1000 + place) for place, row in enumerate(rows)]
    return rows


def seen(
    sent: Sequence[P], *, at_client: bool, lost: Collection[int] = (), delay_ms: float = 10
) -> list[P]:
    """What one end captures: what it sent, and what came to it, in the order of its clock."""
    rows = [
        row if row.up == at_client else replace(row, ms=(row.ms or 0) + delay_ms)
        for place, row in enumerate(sent)
        if row.up == at_client or place not in lost
    ]
    return sorted(rows, key=lambda row: row.ms or 0)


def end(
    rows: Sequence[P], *, offset_ms: float = 0, drift: float = 0, isn: int = 0,
    runs_ms: tuple[float, float] = (-1e3, 1e6), raw: tuple[int, int] = (0, 0),
) -> End:  # fmt: skip
    """An end from the rows that it captured, by a clock that is ahead and runs fast.

    `isn` is added to all numbers, `raw` to the raw ones of client and server alone.
    """
    table = packets(
        [replace(row, ms=(row.ms or 0) * (1 + drift) + offset_ms) for row in rows], isn=isn
    )
    more = [raw[0 if row.up else 1] for row in rows]
    table["seq_raw"] = ((table["seq_raw"].astype("int64") + more) % WRAP).astype("UInt32")
    start, stop = (BASE + round((t * (1 + drift) + offset_ms) * MS) for t in runs_ms)
    return End(Facts(table, int(table["time_ns"].max())), start, stop)


def both(
    sent: Sequence[P], lost: Collection[int] = (), *, offset_ms: float = 0, drift: float = 0,
    swap: bool = False,
) -> Both:  # fmt: skip
    """Both ends of a connection, the server's clock ahead, brought together."""
    client = end(seen(sent, at_client=True, lost=lost))
    server = end(seen(sent, at_client=False, lost=lost), offset_ms=offset_ms, drift=drift)
    ends = (server, client) if swap else (client, server)
    return bring_together(*ends, flipped=False)


def ends(sent: Sequence[P], lost: Collection[int] = (), **how: float) -> Ends:
    """The same with everything worked out."""
    return Ends(both(sent, lost, **how))  # type: ignore[arg-type]
