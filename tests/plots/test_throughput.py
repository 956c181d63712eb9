import numpy as np
import pandas as pd
import pytest

from tcpwin.plots import plot_throughput
from tests.plots.conftest import with_attrs
from tests.plots.look import labels, line, notes, render

SENT = "throughput (retransmissions included; average over 200 ms)"
GOOD = "goodput (newly acknowledged)"


@pytest.fixture
def throughput() -> pd.DataFrame:
    return with_attrs(
        pd.DataFrame(
            {
                "frame": [3, 4, 5],
                "time_s": [0.2, 0.5, 1.0],
                "throughput_bps": [2e6, 1e6, 0.0],
                "goodput_bps": [0.0, 1e6, 0.0],
                "window_s": 0.2,
            }
        )
    )


def test_steps_from_zero_to_the_end(throughput: pd.DataFrame) -> None:
    ax = plot_throughput(throughput, lw=3)
    sent, good = line(ax, SENT), line(ax, GOOD)
    assert sent.get_drawstyle() == good.get_drawstyle() == "steps-post"
    assert sent.get_xdata().tolist() == [0, 0.2, 0.5, 1.0, 2.0]
    assert sent.get_ydata().tolist() == [0, 2e6, 1e6, 0, 0]
    assert good.get_ydata().tolist() == [0, 0, 1e6, 0, 0]
    assert sent.get_linewidth() == 3
    assert good.get_linestyle() != sent.get_linestyle()  # told apart without colour
    assert "[bit/s]" in ax.get_ylabel()
    ax.figure.canvas.draw()
    assert "2.0 Mbit/s" in [tick.get_text() for tick in ax.get_yticklabels()]
    render(ax.figure)


def test_goodput_that_nobody_knows_is_not_drawn(throughput: pd.DataFrame) -> None:
    assert labels(plot_throughput(throughput.assign(goodput_bps=np.nan))) == [SENT]


def test_without_a_rate(throughput: pd.DataFrame) -> None:
    ax = plot_throughput(throughput.iloc[:0])
    assert any("there is no rate" in note for note in notes(ax))
    render(ax.figure)
