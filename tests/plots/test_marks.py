import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tcpwin.plots.marks import bars, end_of, letters, runs, step
from tcpwin.plots.style import LETTER_R


@pytest.fixture
def ax() -> Axes:
    return Figure().add_subplot()


def test_a_step_holds_its_value_to_the_end(ax: Axes) -> None:
    line = step(ax, np.array([0.0, 1.0]), np.array([5.0, 7.0]), 3.0, color="k", given={"c": "red"})
    assert line.get_drawstyle() == "steps-post"
    assert line.get_xdata().tolist() == [0, 1, 3]
    assert line.get_ydata().tolist() == [5, 7, 7]
    assert line.get_color() == "red"


def test_a_step_without_width_is_a_point(ax: Axes) -> None:
    assert step(ax, np.array([1.0]), np.array([5.0]), 1.0).get_marker() == "o"


def test_bars_stand_at_their_times(ax: Axes) -> None:
    made = bars(ax, np.array([1.0]), np.array([2.0]), np.array([3.0]), given={"lw": 5}, color="k")
    assert np.asarray(made.get_segments()).tolist() == [[[1, 2], [1, 3]]]
    assert made.get_linewidth() == [5]


def test_letters_do_not_pile_up(ax: Axes) -> None:
    x = np.linspace(0, 1, 100_000)
    letters(ax, x, np.zeros(len(x)), LETTER_R, room=10)
    count = len(ax.collections[0].get_offsets())
    assert 1 < count <= Figure().get_figwidth() * 72 / 10 + 2


def test_runs_of_a_condition() -> None:
    left, right = runs(np.array([True, False, True, True]), np.arange(4.0), 9.0)
    assert left.tolist() == [0, 2]
    assert right.tolist() == [1, 9]


def test_end_is_that_of_the_capture() -> None:
    frame = pd.DataFrame({"time_s": [1.0]})
    assert end_of(frame, np.array([1.0])) == 1.0
    frame.attrs["end_s"] = 4.0
    assert end_of(frame, np.array([1.0])) == 4.0


def test_letters_keep_their_distance_however_few_they_are() -> None:
    ax = Figure(figsize=(10, 5)).subplots()
    x = np.linspace(0.0, 1.0, 400)
    letters(ax, x, x, "^", room=20)
    (drawn,) = ax.collections
    assert 10 < len(drawn.get_offsets()) <= 40


def test_letters_keep_their_distance_by_the_scale_of_the_whole_chart() -> None:
    ax = Figure(figsize=(10, 5)).subplots()
    ax.plot([0, 1000], [0, 1])
    x = np.linspace(500, 501, 50)  # less than a letter wide
    letters(ax, x, np.full(50, 0.5), LETTER_R, room=11, sparse=True)
    letters(ax, x, np.full(50, 0.5), LETTER_R, room=11)
    sparse, zoomable = ax.collections
    assert len(sparse.get_offsets()) == 1
    assert len(zoomable.get_offsets()) > 10


def test_what_is_not_known_is_not_in_the_legend(ax: Axes) -> None:
    nothing = np.full(2, np.nan)
    step(ax, np.array([0.0, 1.0]), nothing, 1.0, label="window")
    bars(ax, np.empty(0), np.empty(0), np.empty(0), label="data")
    assert ax.get_legend_handles_labels()[1] == []
