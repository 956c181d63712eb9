import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tcpwin.plots.axes import finish, labels, numbers, open_axes, time_range
from tests.plots.look import notes, render


def test_own_figure_has_its_own_canvas_and_shows_itself_in_a_notebook() -> None:
    ax, _ = open_axes(None, "dark")
    assert isinstance(ax.figure.canvas, FigureCanvasAgg)
    assert ax._repr_png_().startswith(b"\x89PNG")
    assert ax.figure._repr_png_().startswith(b"\x89PNG")


def test_given_axes_are_used_and_keep_their_face() -> None:
    given = Figure().add_subplot(facecolor="#123456")
    ax, style = open_axes(given, None)
    assert ax is given
    assert style.name == "dark"
    assert ax.get_facecolor()[:3] == pytest.approx((0x12 / 255, 0x34 / 255, 0x56 / 255))


def test_finish_writes_title_start_filter_and_verdict(window: pd.DataFrame) -> None:
    window.attrs["verdict"] = "zero-window · $5 and 中"
    ax, style = open_axes(None, None)
    finish(ax, window, style, ylabel="x [bytes]")
    assert ax.get_title(loc="left").split("\n")[0] == "zero-window · $5 and ?"
    assert any(note.startswith("stream 3") for note in notes(ax))
    assert "starts 2024-02-29 12:00:00.250000 UTC" in notes(ax)
    assert "x.pcapng  ·  Wireshark: tcp.stream == 3" in notes(ax)
    assert ax.get_xlabel().endswith("[s]")
    render(ax.figure)


def test_time_runs_from_zero_to_the_end_of_the_capture(window: pd.DataFrame) -> None:
    assert time_range(window) == (0.0, 2.0)
    window.attrs["end_s"] = 36_000.0
    assert time_range(window) == (0.0, 36_000.0)
    assert time_range(window.iloc[:0]) == (0.0, 36_000.0)
    assert time_range(pd.DataFrame({"time_s": [-1.0, 3.0]})) == (-1.0, 3.0)


def test_columns_as_plain_arrays() -> None:
    frame = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "kind": ["zero", None]})
    assert numbers(frame, "a")[0] == 1
    assert np.isnan(numbers(frame, "a")[1])
    assert np.isnan(numbers(frame, "missing")).all()
    assert labels(frame, "kind").tolist() == ["zero", ""]
    assert labels(frame, "missing").tolist() == ["", ""]
