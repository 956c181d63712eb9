import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tcpwin.plots.shade import shade_stalls
from tcpwin.plots.style import LIGHT
from tests.plots.look import notes


@pytest.fixture
def panels() -> list[Axes]:
    made = list(Figure(figsize=(10, 5)).subplots(2, 1, sharex=True))
    made[0].set_xlim(0, 2)
    return made


def test_every_panel_is_shaded_and_the_first_numbered(
    panels: list[Axes], stalls: pd.DataFrame
) -> None:
    shade_stalls(panels, stalls, 2.0, LIGHT)
    for ax in panels:
        spans = [(p.get_x(), round(p.get_x() + p.get_width(), 9)) for p in ax.patches]
        assert spans == [(0.42, 1.0), (1.1, 2.0), (1.1, 2.0)]
        assert [p.get_hatch() for p in ax.patches] == [None, None, "/"]
    assert set(notes(panels[0])) == {
        "stall 1 · zero-window · frame 4",
        "stall 2 · reopened-silent · frame 8",
    }
    assert notes(panels[1]) == []


def test_labels_do_not_overlap(panels: list[Axes]) -> None:
    count = 500
    many = pd.DataFrame(
        {
            "number": range(1, count + 1),
            "frame": range(count),
            "start_s": [n / 250 for n in range(count)],
            "end_s": [(n + 0.5) / 250 for n in range(count)],
            "open": False,
        }
    )
    shade_stalls(panels, many, 2.0, LIGHT)
    assert 2 < len(notes(panels[0])) < 60


def test_a_stall_too_narrow_for_its_cause_has_its_number_and_frame(
    panels: list[Axes], stalls: pd.DataFrame
) -> None:
    narrow = stalls.assign(start_s=[0.4, 1.5], end_s=[0.41, 1.51], open=False)
    shade_stalls(panels, narrow, 2.0, LIGHT)
    assert set(notes(panels[0])) == {"1 · frame 4", "2 · frame 8"}


def test_stalls_side_by_side_are_drawn_as_one(panels: list[Axes]) -> None:
    start = [n / 10_000 for n in range(10_000)]
    many = pd.DataFrame({"start_s": start, "end_s": [s + 0.00009 for s in start], "open": False})
    shade_stalls(panels, many, 2.0, LIGHT)
    assert len(panels[0].patches) < 10


def test_no_stalls(panels: list[Axes], stalls: pd.DataFrame) -> None:
    shade_stalls(panels, None, 2.0, LIGHT)
    shade_stalls(panels, stalls.iloc[:0], 2.0, LIGHT)
    assert not panels[0].patches
