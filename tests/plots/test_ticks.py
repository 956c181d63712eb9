import pytest

from tcpwin.plots.ticks import (
    LaneLocator,
    PlainFormatter,
    SiFormatter,
    TimeFormatter,
    TimeLocator,
    time_unit,
)


@pytest.mark.parametrize(
    ("places", "texts"),
    [
        ([0, 20_000, 40_000], ["0", "20 kB", "40 kB"]),
        ([0, 500_000, 1_000_000], ["0", "0.5 MB", "1.0 MB"]),
        ([0, 5, 10], ["0", "5 B", "10 B"]),
        ([10_737_418_240, 10_737_418_250], ["10.73741824 GB", "10.73741825 GB"]),
    ],
)
def test_bytes_with_one_prefix_and_no_digit_too_many(places: list[float], texts: list[str]) -> None:
    assert SiFormatter("B").format_ticks(places) == texts


def test_log_axis_has_a_prefix_for_each_tick() -> None:
    assert SiFormatter("B", each=True).format_ticks([0, 100, 1e4, 1e6]) == [
        "0",
        "100 B",
        "10 kB",
        "1 MB",
    ]


@pytest.mark.parametrize(
    ("places", "texts"),
    [
        ([0, 5e-5, 1e-4], ["0", "50", "100"]),
        ([0, 2.5e-3, 5e-3], ["0", "2.5", "5.0"]),
        ([0, 0.25, 0.5], ["0", "0.25", "0.50"]),
        ([600, 1200], ["600", "1200"]),
        ([3600.0001, 3600.0002], ["3600.0001", "3600.0002"]),
        ([0, 3600, 9000, 36_000], ["0:00", "1:00", "2:30", "10:00"]),
    ],
)
def test_time_in_the_unit_of_its_axis(places: list[float], texts: list[str]) -> None:
    unit = time_unit(0.0, max(places))
    assert TimeFormatter(unit).format_ticks(places) == texts


@pytest.mark.parametrize(
    ("low", "high", "unit"),
    [(0, 5e-7, "ns"), (0, 1e-4, "µs"), (0, 0.02, "ms"), (-0.001, 0.05, "ms"), (0, 0.5, "s"),
     (0, 7199, "s"), (0, 7200, "h:mm"), (36_000, 36_001, "s")],
)  # fmt: skip
def test_units(low: float, high: float, unit: str) -> None:
    assert time_unit(low, high) == unit


def test_a_clock_that_was_zoomed_has_seconds() -> None:
    clock = TimeFormatter("h:mm")
    assert clock.format_ticks([9000, 9005]) == ["2:30:00", "2:30:05"]
    assert clock.format_ticks([9000.0, 9000.25]) == ["2:30:00.00", "2:30:00.25"]
    assert clock.format_ticks([-1800, 0]) == ["-0:30", "0:00"]
    assert list(TimeLocator("h:mm").tick_values(9000, 9080))[:2] == [9000, 9010]
    zoomed = TimeLocator("h:mm").tick_values(9000, 9000.5)
    assert 4 <= len(zoomed) <= 12


def test_milliseconds_have_no_second_prefix() -> None:
    assert PlainFormatter().format_ticks([0, 500, 1500]) == ["0", "500", "1,500"]
    assert PlainFormatter(each=True).format_ticks([0.1, 1, 1000]) == ["0.1", "1", "1,000"]


def test_ten_hours_get_round_hours() -> None:
    places = TimeLocator("h:mm").tick_values(0, 36_000)
    assert all(place % 3600 == 0 for place in places)
    assert 4 <= len(places) <= 10


def test_a_lane_has_no_ticks_outside() -> None:
    places = LaneLocator(100, integer=True).tick_values(-50, 300)
    assert min(places) >= 0
    assert max(places) <= 100
