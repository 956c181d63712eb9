import numpy as np
import pytest

from tcpwin.plots import plot_delays
from tests.plots.look import artist, labels, notes, render
from tests.plots.test_ladder import table


def test_delays_of_both_directions_and_when_packets_got_lost() -> None:
    frame = table(20, (8, 9))
    frame["delay_s"] = frame["received_s"] - frame["sent_s"]
    frame.attrs["clock"] = "Clocks: as one."
    ax = plot_delays(frame)
    assert ax.get_ylabel() == "one-way delay [ms]"
    assert labels(ax) == [
        "client->server", "client->server, lost", "server->client", "server->client, lost",
    ]  # fmt: skip
    for name in ("client->server", "server->client"):
        x, y = artist(ax, name).get_data()
        assert len(x) == 9
        assert y == pytest.approx(10)
        gone, low = artist(ax, f"{name}, lost").get_data()
        assert len(gone) == 1
        assert low[0] < 0
    assert "Clocks: as one." in notes(ax)
    assert len(ax.patches) == 1  # the stall
    render(ax.figure)


def test_a_million_packets_are_thinned_without_losing_the_slowest() -> None:
    frame = table(200_000, ())
    delay = np.full(len(frame), 0.01)
    delay[77_777] = 0.5
    ax = plot_delays(frame.assign(delay_s=delay))
    ax_y = np.concatenate([line.get_ydata() for line in ax.lines])
    assert len(ax_y) < 100_000
    assert ax_y.max() == 500


def test_no_packet_in_both() -> None:
    ax = plot_delays(table(3, (0, 1, 2)).assign(delay_s=np.nan))
    assert "no packet is in both captures" in notes(ax)
