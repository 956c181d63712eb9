from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from tcpwin.plots import plot_sequence
from tcpwin.plots.style import LIGHT
from tests.plots.look import artist, bars_of, labels, line, notes, render

Parts = dict[str, pd.DataFrame]


def draw(parts: Parts, **kwargs: Any) -> Axes:
    return plot_sequence(
        parts["segments"], parts["window"], parts["acks"], parts["sacks"], **kwargs
    )


def test_data_are_bars_from_seq_to_the_next_seq(parts: Parts) -> None:
    ax = draw(parts)
    assert bars_of(ax, "data") == [[[0.2, 1], [0.2, 1461]], [[0.2, 1461], [0.2, 2921]]]
    assert to_hex(artist(ax, "data").get_color()[0]) == LIGHT.data
    render(ax.figure)


def test_retransmission_is_red_with_r_and_out_of_order_pink(parts: Parts) -> None:
    ax = draw(parts)
    by_color = {
        to_hex(c.get_color()[0]): np.asarray(c.get_segments()).tolist()
        for c in ax.collections
        if hasattr(c, "get_segments")
    }
    assert by_color[LIGHT.retransmission] == [[[0.3, 1], [0.3, 1461]]]
    assert by_color[LIGHT.out_of_order] == [[[0.35, 2921], [0.35, 4381]]]
    assert artist(ax, "retransmission").get_offsets().tolist() == [[0.3, 1461]]
    assert artist(ax, "out of order").get_offsets().tolist() == [[0.35, 4381]]


def test_band_of_ack_line_and_window_edge(parts: Parts) -> None:
    ax = draw(parts)
    for label, column in (("ACK", "una"), ("window edge", "edge")):
        drawn = line(ax, label)
        assert drawn.get_drawstyle() == "steps-post"
        expected = parts["window"][column].to_numpy(float, na_value=np.nan)
        np.testing.assert_array_equal(drawn.get_ydata()[:-1], expected)
        assert drawn.get_xdata()[-1] == 2.0


def test_marks_of_acks_and_windows(parts: Parts) -> None:
    ax = draw(parts)
    assert bars_of(ax, "SACK") == [[[0.4, 2921], [0.4, 4381]], [[0.41, 2921], [0.41, 5841]]]
    assert artist(ax, "D-SACK").get_offsets().tolist() == [[1.5, 1461]]
    assert artist(ax, "duplicate ACK").get_offsets()[:, 1].tolist() == [1461, 1461, 1461]
    assert artist(ax, "zero window").get_offsets().tolist() == [[0.4, 8761], [0.81, 8761]]
    assert {"probe", "keep-alive", "SYN", "FIN"} <= set(labels(ax))


def test_uncertain_scale_is_dotted(parts: Parts) -> None:
    parts["window"].attrs["scale_source"] = "inferred"
    assert line(draw(parts), "window edge (scale not certain)").get_linestyle() == ":"


def test_a_window_far_above_does_not_press_the_data_flat(parts: Parts) -> None:
    parts["window"]["edge"] += 100_000_000
    ax = draw(parts)
    assert ax.get_ylim()[1] < 30_000
    assert any("far above" in note for note in notes(ax))


def test_kwargs_reach_the_data(parts: Parts) -> None:
    assert artist(draw(parts, linewidth=7), "data").get_linewidth() == [7]


def test_without_acks_sacks_or_data(parts: Parts) -> None:
    ax = plot_sequence(parts["segments"], parts["window"])
    assert "SACK" not in labels(ax)
    empty = plot_sequence(parts["segments"].iloc[:0], parts["window"].iloc[:0])
    assert "no data in this flow" in notes(empty)
    render(plot_sequence(parts["segments"].iloc[1:2], parts["window"].iloc[:1]).figure)
