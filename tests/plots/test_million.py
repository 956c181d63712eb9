"""A flow of a million packets draws at once, and nothing that matters is thinned away."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from tcpwin.plots import (
    plot_acks,
    plot_flight,
    plot_overview,
    plot_rtt,
    plot_sequence,
    plot_throughput,
    plot_window,
)
from tests.plots.look import artist, bars_of, labels, line

COUNT = 1_000_000
MSS = 1448
MOST_S = 2.0
ZERO, RARE, LOW = 345_678, 654_321, 111_111  # rows with a closed window, a peak, a trough
# One lone, three in a row, two of the same bytes, the last packet.
AGAIN = [77_777, 200_000, 200_001, 200_002, 500_000, 700_000, COUNT - 1]


@pytest.fixture(scope="module")
def parts() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(1)
    clock = np.sort(rng.uniform(0, 600, COUNT))

    def noise(low: float, high: float, peak: float, trough: float) -> np.ndarray:
        values = rng.integers(int(low * 1000), int(high * 1000), COUNT) / 1000
        values[RARE], values[LOW] = peak, trough
        return values

    def table(**columns: Any) -> pd.DataFrame:
        return pd.DataFrame({"frame": np.arange(1, COUNT + 1), "time_s": clock, **columns})

    seq = np.arange(COUNT, dtype=np.int64) * MSS
    kind = np.full(COUNT, "new", object)
    kind[AGAIN] = "retransmission"
    seq[AGAIN] -= 40 * MSS
    size = noise(30_000, 60_000, 90_000, 20_000)
    size[ZERO] = 0
    flight = noise(1000, 20_000, 80_000, 1)
    una = np.arange(COUNT) * MSS
    return {
        "segments": table(seq=seq, len=MSS, kind=kind),
        "window": table(
            window_bytes=size, flight_bytes=flight, una=una, edge=una + size,
            kind=np.where(size == 0, "zero", ""),
        ),
        "flight": table(flight_bytes=flight, tshark_bytes_in_flight=flight),
        "acks": table(
            ack=una, newly_acked=noise(1000, 3000, 50_000, 1), dup_count=0, sack_bytes=0,
            rtt_s=noise(0.010, 0.020, 0.9, 0.001),
        ),
        "rtt": table(rtt_s=noise(0.010, 0.020, 0.9, 0.001), srtt_s=noise(0.01, 0.02, 0.5, 0.002)),
        "throughput": table(
            throughput_bps=noise(1e6, 2e6, 9e6, 0), goodput_bps=noise(1e6, 2e6, 8e6, 0),
            window_s=1.0,
        ),
    }  # fmt: skip


@pytest.fixture
def quickly() -> Callable[[Callable[[], Any]], Any]:
    """Draws, pixels included, in no more than `MOST_S` of this process."""

    def draw(chart: Callable[[], Any]) -> Any:
        begin = time.process_time()
        drawn = chart()
        (drawn.figure if isinstance(drawn, Axes) else drawn).canvas.draw()
        assert time.process_time() - begin <= MOST_S
        return drawn

    return draw


def heights(ax: Axes, label: str) -> set[float]:
    values = np.asarray(line(ax, label).get_ydata(), float)
    assert len(values) < COUNT / 10
    return set(values[np.isfinite(values)].tolist())


def test_window(parts: dict[str, pd.DataFrame], quickly: Any) -> None:
    ax = quickly(lambda: plot_window(parts["window"]))
    assert {0, 90_000} <= heights(ax, "window")
    assert {80_000, 1} <= heights(ax, "flight")
    assert "zero window" in labels(ax)


def test_flight(parts: dict[str, pd.DataFrame], quickly: Any) -> None:
    ax = quickly(lambda: plot_flight(parts["flight"]))
    assert {80_000, 1} <= heights(ax, "flight (falls with every ACK)")
    assert {80_000, 1} <= heights(ax, "tshark's bytes_in_flight")


def test_acks(parts: dict[str, pd.DataFrame], quickly: Any) -> None:
    ax = quickly(lambda: plot_acks(parts["acks"]))
    stems = np.array(bars_of(ax, "newly acknowledged"))
    assert len(stems) < COUNT / 10
    assert stems[:, 1, 1].max() == 50_000


def test_sequence(parts: dict[str, pd.DataFrame], quickly: Any) -> None:
    ax = quickly(lambda: plot_sequence(parts["segments"], parts["window"], parts["acks"]))
    red = [
        np.array(bars.get_segments())
        for bars in ax.collections
        if hasattr(bars, "get_segments") and bars.get_zorder() == 5.5
    ]
    again = parts["segments"].iloc[AGAIN]
    assert np.concatenate(red)[:, :, 1].tolist() == [
        [seq, seq + MSS] for seq in again["seq"].tolist()
    ]
    assert np.concatenate(red)[:, 0, 0].tolist() == again["time_s"].tolist()
    assert parts["window"]["edge"][ZERO] in heights(ax, "window edge")
    assert len(artist(ax, "zero window").get_offsets()) == 1


def test_rtt(parts: dict[str, pd.DataFrame], quickly: Any) -> None:
    ax = quickly(lambda: plot_rtt(parts["rtt"]))
    assert {900.0, 1.0} <= heights(ax, "RTT sample")
    assert {500.0, 2.0} <= heights(ax, "SRTT")


def test_throughput(parts: dict[str, pd.DataFrame], quickly: Any) -> None:
    ax = quickly(lambda: plot_throughput(parts["throughput"]))
    sent = "throughput (retransmissions included; average over 1 s)"
    assert {9e6, 0.0} <= heights(ax, sent)
    assert {8e6, 0.0} <= heights(ax, "goodput (newly acknowledged)")


def test_overview(parts: dict[str, pd.DataFrame], quickly: Any) -> None:
    figure = quickly(lambda: plot_overview(parts))
    assert {0, 90_000} <= heights(figure.axes[1], "window")
    assert {900.0, 1.0} <= heights(figure.axes[2], "RTT sample")
