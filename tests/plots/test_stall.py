import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tcpwin.plots import plot_stall
from tests.plots.look import notes, render

Parts = dict[str, pd.DataFrame]


def test_long_stall_is_shown_at_its_start_and_its_end(parts: Parts, stalls: pd.DataFrame) -> None:
    stall = stalls.iloc[0].copy()
    stall["rtt_s"] = 0.01
    figure = plot_stall(parts, stall)
    assert len(figure.axes) == 4
    np.testing.assert_allclose(figure.axes[0].get_xlim(), (0.37, 0.47))
    np.testing.assert_allclose(figure.axes[2].get_xlim(), (0.95, 1.05))
    assert figure.axes[0].get_ylim() == figure.axes[2].get_ylim()
    head = figure.get_suptitle().split("\n")
    assert head[0] == "stall 1 · 580 ms · zero-window · first frame 4"
    render(figure)


def test_frames_are_numbered_and_the_stall_is_shaded(parts: Parts, stalls: pd.DataFrame) -> None:
    stall = stalls.iloc[0].copy()
    stall["rtt_s"] = 0.03
    figure = plot_stall(parts, stall)
    first = figure.axes[0]
    assert {"4", "5", "1 · frame 4"} <= set(notes(first))
    assert any(round(p.get_x(), 9) == 0.42 for p in first.patches)


def test_short_stall_is_one_view(parts: Parts, stalls: pd.DataFrame) -> None:
    stall = stalls.iloc[0].copy()
    stall["rtt_s"] = 0.2
    figure = plot_stall(parts, stall, figure=Figure(layout="constrained"))
    assert len(figure.axes) == 2
    np.testing.assert_allclose(figure.axes[0].get_xlim(), (-0.58, 2.0))
    render(figure)


def test_open_stall_ends_with_the_capture(parts: Parts, stalls: pd.DataFrame) -> None:
    figure = plot_stall(parts, stalls.iloc[1], style="dark")
    assert "open: it lasts to the end of the capture" in figure.get_suptitle()
    assert figure.axes[-1].get_xlim()[1] < 2.1
    render(figure)


def test_without_samples_or_data(stalls: pd.DataFrame) -> None:
    render(plot_stall({}, stalls.iloc[0]))
