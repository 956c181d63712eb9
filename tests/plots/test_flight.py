import pandas as pd

from tcpwin.plots import plot_flight
from tcpwin.plots.style import DARK
from tests.plots.look import line, notes, render


def test_ours_is_a_step_and_tsharks_are_points(flight: pd.DataFrame) -> None:
    ax = plot_flight(flight)
    ours = line(ax, "flight (falls with every ACK)")
    assert ours.get_drawstyle() == "steps-post"
    assert ours.get_ydata()[1:].tolist() == [0, 8760, 0, 0, 0, 0, 1460, 1460]
    theirs = line(ax, "tshark's bytes_in_flight")
    assert theirs.get_linestyle() == "None"
    assert theirs.get_marker() == "o"
    assert list(zip(theirs.get_xdata(), theirs.get_ydata(), strict=True)) == [
        (0.2, 8760),
        (1.1, 1460),
    ]
    render(ax.figure)


def test_kwargs_and_style(flight: pd.DataFrame) -> None:
    ax = plot_flight(flight, style="dark", log=True, linewidth=5)
    ours = line(ax, "flight (falls with every ACK)")
    assert ours.get_linewidth() == 5
    assert ours.get_color() == DARK.data
    assert ax.get_yscale() == "symlog"
    render(ax.figure)


def test_without_tshark_or_without_data(flight: pd.DataFrame) -> None:
    ax = plot_flight(flight.drop(columns="tshark_bytes_in_flight"))
    assert len(ax.lines) == 1
    assert "no data in this flow" in notes(plot_flight(flight.iloc[:0]))
