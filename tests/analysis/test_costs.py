import pandas as pd
import pytest

from tcpwin.analysis.costs import (
    PER_FLOW,
    delayed_ack,
    loss,
    reordering,
    window_limited,
    zero_window,
)
from tcpwin.analysis.findings import COLUMNS
from tests.analysis.build import ACK, FIN, PSH, P
from tests.analysis.scenes import (
    MSS,
    ack,
    burst,
    data,
    facts,
    frames_of,
    opening,
    opening_at_server,
    sent,
)


def only(table: pd.DataFrame) -> pd.Series:
    assert len(table) == 1
    return table.iloc[0]


HOLE = [  # the second of five is lost and sent again after three duplicate ACKs
    *opening_at_server(),
    *(data(1 + n * MSS, 21 + n / 10) for n in range(5)),
    ack(1001, 41),
    ack(1001, 41.2, sack=((2001, 3001),)),
    ack(1001, 41.3, sack=((2001, 4001),)),
    ack(1001, 41.4, sack=((2001, 5001),)),
    data(1001, 41.5),
    ack(5001, 61.5),
    *sent(5001, 62),
]


def test_loss_costs_the_time_in_recovery() -> None:
    known = facts(HOLE)
    row = only(loss(known, 1))
    assert (row["cause"], row["blame"], row["confidence"]) == ("loss", "path", "proven")
    assert row["count"] == 1
    assert row["lost_ns"] == pytest.approx(20e6, abs=1e4)  # from the retransmission to its ACK
    assert frames_of(known, pd.Series([row["first_row"]])) == [HOLE.index(data(1001, 41.5)) + 1]
    assert loss(known, 0).empty


def test_no_loss() -> None:
    assert loss(facts([*opening(), *burst(1, 41)]), 1).empty


def test_reordering_costs_the_time_a_hole_stood() -> None:
    rows = [*opening(), *burst(1, 41), data(5001, 60, ip_id=9), data(4001, 62, ip_id=8)]
    row = only(reordering(facts([*rows, ack(6001, 62.1)]), 1))
    assert (row["cause"], row["count"], row["lost_ns"]) == ("reordering", 1, 2_000_000)
    assert reordering(facts(HOLE), 1).empty


def test_a_clock_that_runs_backwards_costs_no_negative_time() -> None:
    rows = [*opening(), *burst(1, 41), data(5001, 60, ip_id=9), data(4001, 50, ip_id=8)]
    assert only(reordering(facts(rows), 1))["lost_ns"] == 0


def test_a_short_zero_window() -> None:
    rows = [*opening(), *burst(1, 41), data(4001, 50), ack(5001, 50.1, window=0)]
    rows += [ack(5001, 80.1), *burst(5001, 101)]
    row = only(zero_window(facts(rows), 1))
    assert row["lost_ns"] == 30_000_000
    assert row["end_ns"] - row["start_ns"] == 30_000_000
    assert (row["cause"], row["blame"]) == ("zero-window", "receiver")


def test_what_a_stall_accounts_for_is_not_counted_twice() -> None:
    rows = [*opening(), *burst(1, 41), data(4001, 50), ack(5001, 50.1, window=0)]
    rows += [ack(5001, 800), *burst(5001, 820)]
    known = facts(rows)
    assert known.judged["cause"].tolist() == ["zero-window"]
    assert zero_window(known, 1).empty


def limited(window: int, *, rounds: int = 20) -> list[P]:
    """One window per round trip, seen at the server."""
    rows, seq, at = opening_at_server(), 1, 21.0
    rows = [P(**{**vars_of(row), "window": window}) if row.up else row for row in rows]
    count = max(window // MSS, 1)
    for _ in range(rounds):
        rows += [
            data(seq + n * min(MSS, window), at + n / 100, len=min(MSS, window))
            for n in range(count)
        ]
        seq += count * min(MSS, window)
        at += 20
        rows.append(ack(seq, at, window=window))
    return rows


def vars_of(row: P) -> dict[str, object]:
    return {name: getattr(row, name) for name in P.__dataclass_fields__}


def test_a_window_that_is_always_full() -> None:
    row = only(window_limited(facts(limited(4000)), 1))
    assert (row["cause"], row["blame"]) == ("receive-window", "receiver")
    assert row["lost_ns"] == pytest.approx(400e6, rel=0.03)


def test_a_window_below_one_segment() -> None:
    assert only(window_limited(facts(limited(400)), 1))["cause"] == "small-window"


def test_a_window_that_is_never_full() -> None:
    rows = limited(4000)
    wide = [P(**{**vars_of(row), "window": 60_000}) if row.up else row for row in rows]
    assert window_limited(facts(wide), 1).empty


def nagle(times: int, wait_ms: float) -> list[P]:
    """Small requests in two writes, seen at the client that waits for the delayed ACK."""
    rows, seq, at = opening(), 101, 61.0
    rows += [data(1, 41, len=50, flags=ACK | PSH), ack(51, 41.1)]
    for _ in range(times):
        rows.append(P(True, seq, 51, 40, ACK | PSH, 50_000, ms=at))
        at += wait_ms
        rows.append(P(False, 51, seq + 40, ms=at))
        rows.append(P(True, seq + 40, 51, 40, ACK | PSH, 50_000, ms=at + 0.1))
        at += 20
        rows.append(P(False, 51, seq + 80, ms=at + 0.1))
        seq, at = seq + 80, at + 30
    return rows


def test_delayed_acks() -> None:
    row = only(delayed_ack(facts(nagle(5, 60)), 0))
    assert (row["cause"], row["blame"], row["confidence"]) == ("delayed-ack", "sender", "likely")
    assert row["count"] == 5
    assert row["lost_ns"] == pytest.approx(5 * 40e6, rel=0.01)


def test_acks_that_come_in_time() -> None:
    assert delayed_ack(facts(nagle(5, 25)), 0).empty


@pytest.mark.parametrize("rows", [HOLE, limited(4000), nagle(5, 60), opening()])
def test_every_table_has_the_columns_of_the_findings(rows: list[P]) -> None:
    known = facts([*rows, P(True, 9000, 51, flags=ACK | FIN, ms=9000)])
    for find in PER_FLOW:
        for flow in (0, 1):
            assert set(COLUMNS) - {"stall"} <= set(find(known, flow)), find.__name__
