import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcpwin.analysis.ends.clock import MAX_DRIFT, fit

MS, S = 1_000_000, 1_000_000_000
BEGIN = 1_700_000_000 * S


def points(
    seconds: float, offset_ns: int, drift: float, extra: list[int], least: tuple[int, int]
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Packets up and down with at least these journeys; `extra` is what some took longer."""
    true = np.linspace(0, seconds * S, len(extra)).astype(np.int64)
    late = np.array(extra, np.int64)
    late[:: max(len(late) // 10, 1)] = 0  # now and then one is as fast as can be

    def server(time: np.ndarray) -> np.ndarray:
        return (BEGIN + time + offset_ns + np.round(drift * time)).astype(np.int64)

    up = BEGIN + true, server(true + least[0] + late)
    down = BEGIN + true + least[1] + late, server(true)
    return up, down


lates = st.lists(st.integers(0, 30 * MS), min_size=20, max_size=200)
offsets = st.integers(-(10**12), 10**12)


@given(
    lates, offsets, st.floats(-100e-6, 100e-6), st.integers(MS, 50 * MS), st.integers(MS, 50 * MS)
)
def test_the_offset_is_within_its_uncertainty(
    late: list[int], offset: int, drift: float, up: int, down: int
) -> None:
    clock = fit(*points(20, offset, drift, late, (up, down)))
    assert clock.steady
    for time in (0, 10 * S, 20 * S):
        true = offset + drift * time
        shown = int(clock.offset(np.array([BEGIN + time]))[0])
        assert abs(shown - true) <= (clock.half_ns or 0) + 2


@given(lates, offsets)
def test_with_equal_journeys_the_offset_is_exact(late: list[int], offset: int) -> None:
    clock = fit(*points(20, offset, 0, late, (10 * MS, 10 * MS)))
    assert abs((clock.offset_ns or 0) - offset) <= 1
    assert clock.half_ns is not None
    assert clock.half_ns >= 10 * MS - 1
    assert abs(clock.drift) <= (clock.drift_half or 0)


@given(lates, offsets, st.integers(-(10**12), 10**12))
def test_setting_a_clock_forward_moves_the_offset_and_nothing_else(
    late: list[int], offset: int, more: int
) -> None:
    one = fit(*points(20, offset, 0, late, (5 * MS, 7 * MS)))
    other = fit(*points(20, offset + more, 0, late, (5 * MS, 7 * MS)))
    assert (other.offset_ns or 0) - (one.offset_ns or 0) == pytest.approx(more, abs=1)
    assert other.half_ns == pytest.approx(one.half_ns, abs=1)
    assert other.drift == pytest.approx(one.drift, abs=1e-9)


def test_a_drift_is_found_with_its_error() -> None:
    rng = np.random.default_rng(1)
    late = rng.exponential(2 * MS, 4000).astype(np.int64).tolist()
    clock = fit(*points(600, 0, 50e-6, late, (10 * MS, 10 * MS)))
    assert clock.drift_half is not None
    assert clock.drift_half < 10e-6
    assert abs(clock.drift - 50e-6) <= clock.drift_half
    assert "it runs +5" in clock.claim


def test_more_drift_than_oscillators_have_is_not_guessed_but_believed_if_proven() -> None:
    quiet = fit(*points(1, 0, 2e-3, [0] * 50, (10 * MS, 10 * MS)))
    assert abs(quiet.drift) <= MAX_DRIFT  # 2 ms in a journey of 10 ms could be a queue
    proven = fit(*points(60, 0, 2e-3, [0] * 500, (10 * MS, 10 * MS)))
    assert proven.drift == pytest.approx(2e-3, abs=proven.drift_half or 0)
    assert proven.drift > MAX_DRIFT


def test_one_direction_bounds_one_side_only() -> None:
    up, down = points(5, 3 * MS, 0, [0] * 20, (10 * MS, 10 * MS))
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64))
    clock = fit(up, none)
    assert (clock.offset_ns, clock.half_ns, clock.low_ns, clock.high_ns) == (
        None,
        None,
        None,
        13 * MS,
    )
    assert "one direction only" in clock.claim
    assert fit(none, down).low_ns == -7 * MS
    assert fit(none, none).offset(np.array([0])).tolist() == [0]


def test_a_clock_that_was_set_meanwhile_is_not_steady() -> None:
    up, down = points(10, 0, 0, [0] * 200, (MS, MS))
    up[1][100:] += S
    down[1][100:] += S
    clock = fit(up, down)
    assert not clock.steady
    assert "a clock was set" in clock.claim


@given(offsets, st.floats(-500e-6, 500e-6))
def test_to_client_undoes_the_offset(offset: int, drift: float) -> None:
    clock = fit(*points(20, offset, drift, [0] * 50, (MS, MS)))
    times = BEGIN + np.linspace(0, 20 * S, 9).astype(np.int64)
    assert np.abs(clock.to_client(times + clock.offset(times)) - times).max() <= 1
