import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from tcpwin.plots import plot_flight, plot_window
from tcpwin.plots.style import LIGHT
from tests.plots.look import artist, labels, line, notes, render


def test_window_and_flight_are_steps_on_one_scale(window: pd.DataFrame) -> None:
    ax = plot_window(window)
    for label, column in (("window", "window_bytes"), ("flight", "flight_bytes")):
        drawn = line(ax, label)
        assert drawn.get_drawstyle() == "steps-post"
        expected = window[column].to_numpy(float, na_value=np.nan)
        np.testing.assert_array_equal(drawn.get_ydata(), np.r_[expected, expected[-1]])
        assert drawn.get_xdata()[-1] == 2.0
    assert line(ax, "window").get_linestyle() == "-"
    assert line(ax, "window").get_color() == LIGHT.window
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylim()[1] > 64_240
    render(ax.figure)


def test_everything_has_its_mark(window: pd.DataFrame) -> None:
    ax = plot_window(window)
    assert set(labels(ax)) == {
        "usable", "window", "flight", "MSS 1460 B", "window update", "zero window", "probe",
    }  # fmt: skip
    (bar,) = artist(ax, "zero window").patches
    assert (bar.get_x(), bar.get_x() + bar.get_width()) == pytest.approx((0.4, 1.0))
    assert artist(ax, "probe").get_offsets().tolist() == [[0.8, 0]]
    assert artist(ax, "window update").get_offsets().tolist() == [[1.0, 64_240]]
    red = [c for c in ax.collections if len(c.get_facecolor()) and len(c.get_offsets()) == 2]
    assert [to_hex(c.get_facecolor()[0]) for c in red] == [LIGHT.zero]
    assert red[0].get_offsets().tolist() == [[0.4, 0], [0.81, 0]]


@pytest.mark.parametrize("source", ["inferred", "lower_bound", "unknown"])
def test_a_scale_not_from_the_syns_is_dotted_and_said(window: pd.DataFrame, source: str) -> None:
    window.attrs["scale_source"] = source
    ax = plot_window(window)
    assert line(ax, "window (scale not certain)").get_linestyle() == ":"
    assert any("window scale" in note for note in notes(ax))


def test_a_shrunk_window_is_seen(window: pd.DataFrame) -> None:
    window.loc[2, "window_bytes"] = 1000
    assert "beyond the window" in labels(plot_window(window))


def test_log_keeps_a_place_for_zero(window: pd.DataFrame) -> None:
    ax = plot_window(window, log=True)
    assert ax.get_yscale() == "symlog"
    assert ax.get_ylim()[0] == 0
    render(ax.figure)


def test_axes_and_kwargs_of_the_caller(window: pd.DataFrame) -> None:
    given = Figure().add_subplot()
    ax = plot_window(window, ax=given, c="black", lw=4)
    assert ax is given
    assert line(ax, "window").get_color() == "black"
    assert line(ax, "window").get_linewidth() == 4


def test_little_or_nothing(window: pd.DataFrame) -> None:
    empty = window.iloc[:0]
    assert "no data in this flow" in notes(plot_window(empty))
    assert "no ACK of this flow in the capture" in notes(plot_window(window.iloc[:1]))  # all NA
    one = plot_window(window.iloc[1:2].assign(time_s=0.0))
    render(one.figure)
    bare = window[["time_s", "window_bytes", "flight_bytes"]].copy()
    bare.attrs = {}
    assert plot_window(bare).get_title(loc="left") == ""


def test_many_updates_cut_no_white_band(window: pd.DataFrame) -> None:
    assert not artist(plot_window(window), "window update").get_path_effects()


def test_what_is_in_view_already_stays(window: pd.DataFrame) -> None:
    ax = plot_window(window)
    top = ax.get_ylim()[1]
    plot_flight(window, ax=ax)
    assert ax.get_ylim()[1] == top
