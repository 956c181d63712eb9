import numpy as np
import pytest
from hypothesis import given, settings

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.limits import LIMITERS
from tcpwin.analysis.runs import MEASURES, limiter_table, main_flow, measure_table
from tests.analysis.build import P, packets, traffic
from tests.analysis.scenes import MSS, ack, burst, data, opening


def facts(rows: list[P]) -> Facts:
    return Facts(packets(rows))


GOOD = facts([*opening(), *burst(1, 41), *burst(1 + 4 * MSS, 70)])
SHUT = [*opening(), *burst(1, 41), ack(1 + 4 * MSS, 46, window=0), ack(1 + 4 * MSS, 2046)]
BAD = facts([*SHUT, *burst(1 + 4 * MSS, 2070)])


def test_what_a_run_took_longer_is_told_limiter_by_limiter() -> None:
    table = limiter_table(GOOD, BAD, 1)
    assert sorted(table["limiter"]) == sorted(LIMITERS)
    assert table["more_s"].abs().is_monotonic_decreasing
    first = table.iloc[0]
    assert (first["limiter"], first["a_s"]) == ("zero-window", 0)
    assert first["b_s"] == pytest.approx(2.0, abs=0.001)
    assert (first["a_first"], first["a_last"]) == (0, 0)
    assert (first["b_first"], first["b_last"]) == (13, 13)
    last_s = [float(f.packets["time_s"].max()) for f in (GOOD, BAD)]
    assert table["more_s"].sum() == pytest.approx(last_s[1] - last_s[0])


def test_numbers_of_both_stand_side_by_side() -> None:
    table = measure_table(GOOD, BAD, 1).set_index("measure")
    assert list(table.index) == list(MEASURES)
    assert table.loc["bytes", ["a", "b", "more"]].tolist() == [8 * MSS, 8 * MSS, 0]
    assert table.loc["stalls", ["a", "b"]].tolist() == [0, 1]
    assert table.at["zero_window", "more"] == pytest.approx(2.0, abs=0.001)
    assert table.at["initial_rtt", "a"] == pytest.approx(0.02, abs=0.001)
    rate = table.at["bytes", "a"] * 8 / table.at["duration", "a"]
    assert table.at["rate", "a"] == pytest.approx(rate)


def test_the_main_flow_carries_more_bytes() -> None:
    upload = facts([*opening(), P(True, 101, 1, 50 * MSS, ms=50), data(1, 60)])
    assert main_flow(GOOD, BAD) == 1
    assert main_flow(upload, upload) == 0
    assert main_flow(GOOD, upload) == 0


@settings(max_examples=25)
@given(traffic(streams=1), traffic(streams=1))
def test_swapped_runs_differ_by_the_sign(a: list[P], b: list[P]) -> None:
    """Whatever the packets: the limiters add up to the time, and turning the runs turns it."""
    one, other = facts(a), facts(b)
    for flow in (0, 1):
        there, back = limiter_table(one, other, flow), limiter_table(other, one, flow)
        merged = there.merge(back, on="limiter", suffixes=("", "_back"))
        assert (merged["more_s"] == -merged["more_s_back"]).all()
        numbers = measure_table(one, other, flow).set_index("measure")
        assert there["a_s"].sum() == pytest.approx(numbers.at["duration", "a"])
        same = measure_table(one, one, flow)
        assert np.isin(same["more"].fillna(0), 0).all()
