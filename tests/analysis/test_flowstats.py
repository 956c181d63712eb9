import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.flowstats import flow_table
from tcpwin.analysis.limits import LIMITERS
from tests.analysis.build import P, handshake, packets, up
from tests.analysis.scenes import (
    ack,
    burst,
    data,
    facts,
    opening,
    opening_at_server,
    sent,
    slow_traffic,
)


def stats(rows: list[P], flow: int = 1, *, end_ms: float | None = None) -> pd.Series:
    table = flow_table(facts(rows, end_ms=end_ms), flow)
    assert len(table) == 1
    return table.iloc[0]


def test_bytes_and_segments() -> None:
    row = stats([*opening(), *burst(1, 41)])
    assert (row["bytes"], row["segments"]) == (4000, 4)
    assert (
        row[["retransmitted_segments", "lost_segments", "reordered_segments"]].tolist() == [0] * 3
    )
    up_row = stats([*opening(), *burst(1, 41)], 0)
    assert (up_row["bytes"], up_row["segments"]) == (100, 1)


def test_sent_again() -> None:
    rows = [*opening_at_server(), *sent(1, 21), data(4001, 60), data(4001, 400), data(4001, 1000)]
    row = stats([*rows, ack(5001, 1020)])
    assert (row["retransmitted_segments"], row["retransmitted_bytes"]) == (2, 2000)
    assert row["lost_segments"] == 2
    assert row["segments"] == 7


def test_late() -> None:
    rows = [*opening(), *burst(1, 41), data(5001, 60, ip_id=9), data(4001, 62, ip_id=8)]
    row = stats([*rows, ack(6001, 62.1)])
    assert (row["reordered_segments"], row["lost_segments"], row["retransmitted_segments"]) == (
        1,
        0,
        0,
    )


def test_a_hole_that_is_never_filled_counts_its_segments() -> None:
    rows = [*opening(), *burst(1, 41), data(6501, 60), ack(4001, 60.1, sack=((6501, 7501),))]
    assert stats(rows)["lost_segments"] == 3  # 2500 bytes


def test_a_hole_that_was_filled_but_not_yet_acknowledged_is_not_open() -> None:
    rows = [*opening(), *burst(1, 41), data(5001, 60, ip_id=9)]
    assert stats([*rows, data(4001, 62, ip_id=8)])["lost_segments"] == 0
    assert stats([*rows, data(4001, 300, ip_id=10)])["lost_segments"] == 1


def test_zero_windows_and_probes() -> None:
    rows = [*opening(), *burst(1, 41), data(4001, 50), ack(5001, 50.1, window=0)]
    rows += [data(5000, 300, len=0), ack(5001, 300.1, window=0), ack(5001, 800), *burst(5001, 820)]
    row = stats(rows)
    assert row["zero_window_episodes"] == 1
    assert row["zero_window_s"] == pytest.approx(0.7499)
    assert row["probes"] == 1
    assert (row["min_window_bytes"], row["max_window_bytes"]) == (0, 50_000)
    assert row["stalled_s"] == pytest.approx(0.7699)


def test_zero_to_the_end_of_the_capture() -> None:
    rows = [*opening(), *burst(1, 41), data(4001, 50), ack(5001, 50.1, window=0)]
    assert stats(rows, end_ms=9050.1)["zero_window_s"] == pytest.approx(9)


def test_a_probe_is_no_segment() -> None:
    rows = [*opening(), *burst(1, 41), data(4001, 50), ack(5001, 50.1, window=0)]
    row = stats([*rows, data(5001, 400, len=1), ack(5001, 400.1, window=0)])
    assert (row["probes"], row["segments"], row["bytes"]) == (1, 5, 5000)


def test_rtt_is_of_the_whole_path() -> None:
    for rows in ([*opening(), *burst(1, 41)], [*opening_at_server(), *sent(1, 21)]):
        row = stats(rows)
        for name in ("min", "median", "p95"):
            assert row[f"rtt_{name}_ms"] == pytest.approx(20, abs=0.5)
    assert np.isnan(stats([P(False, 1, 1, 10, ms=0)])["rtt_min_ms"])


def test_percentiles() -> None:
    rows, seq = opening_at_server(), 1
    for n in range(101):
        rows += [data(seq, 100 * n + 100), ack(seq + 1000, 100 * n + 120 + n / 2)]
        seq += 1000
    row = stats(rows)
    assert row["rtt_min_ms"] == pytest.approx(20, abs=0.02)
    assert row["rtt_median_ms"] == pytest.approx(45, abs=0.6)
    assert row["rtt_p95_ms"] == pytest.approx(67.5, abs=1.1)


def test_scale_and_flight() -> None:
    rows = [*handshake(shift=3), up(1, len=10, ms=21)]
    rows += [data(11, 41), data(1011, 41.1), ack(2011, 42, window=1000)]
    row = stats(rows)
    assert (row["scale"], row["scale_source"]) == (3, "syn")
    assert row["max_window_bytes"] == 65535 * 8  # of the ACK of the handshake
    assert row["max_flight_bytes"] >= 2000


def test_a_window_that_nobody_announced_is_not_known() -> None:
    row = stats([P(False, 1, 1, 10, ms=0)])
    assert row["min_window_bytes"] is pd.NA
    assert row["max_window_bytes"] is pd.NA


@given(slow_traffic())
def test_laws(rows: list[P]) -> None:
    known = Facts(packets(rows))
    groups = known.segments.groups
    duration = (known.end_ns - groups.min(known.segments.time_ns)) / 1e9
    monotone = (np.diff(known.segments.time_ns) >= 0).all()
    for flow in (0, 1):
        table = flow_table(known, flow)
        assert len(table) == len(groups)
        assert (table["retransmitted_segments"] <= table["segments"]).all()
        assert (table["retransmitted_bytes"] <= table["bytes"]).all()
        assert (table["min_window_bytes"] <= table["max_window_bytes"]).fillna(True).all()
        rtt = table[["rtt_min_ms", "rtt_median_ms", "rtt_p95_ms"]].to_numpy()
        known_rtt = rtt[~np.isnan(rtt[:, 0])]
        assert (np.diff(known_rtt, axis=1) >= 0).all()
        if monotone:
            limits = table[[f"limit_{name}" for name in LIMITERS]].sum(axis=1)
            assert limits.to_numpy() == pytest.approx(duration)
            for name in ("zero_window_s", "stalled_s"):
                assert (table[name].to_numpy() <= duration + 1e-9).all()
