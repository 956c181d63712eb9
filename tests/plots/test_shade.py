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
        assert [p.get_hatch() for p in ax.patches] == [None, None, "//"]
    assert set(notes(panels[0])) == {"1 · frame 4", "2 · frame 8"}
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


def test_no_stalls(panels: list[Axes], stalls: pd.DataFrame) -> None:
    shade_stalls(panels, None, 2.0, LIGHT)
    shade_stalls(panels, stalls.iloc[:0], 2.0, LIGHT)
    assert not panels[0].patches
