import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tcpwin.plots import plot_stall
from tests.plots.look import labels, notes, render

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
    assert {"4", "5", "stall 1 · zero-window · frame 4"} <= set(notes(first))
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


def test_an_open_stall_with_nothing_at_its_end_shows_its_start_only(
    parts: Parts, stalls: pd.DataFrame
) -> None:
    stall = stalls.iloc[1].copy()
    stall["rtt_s"], stall["start_s"] = 0.01, 0.5
    for table in parts.values():
        table.attrs["end_s"] = 60.0
    figure = plot_stall(parts, stall)
    assert len(figure.axes) == 2
    np.testing.assert_allclose(figure.axes[0].get_xlim(), (0.45, 0.55))
    late = int((parts["window"]["time_s"] > 0.55).sum())
    assert f"{late} more packets in 59.45 s to the end of the capture →" in notes(figure.axes[0])
    parts["window"] = parts["window"].iloc[:3]
    assert "nothing more in 59.45 s to the end of the capture →" in notes(
        plot_stall(parts, stall).axes[0]
    )
    render(figure)


def test_the_legend_tells_of_both_views(parts: Parts, stalls: pd.DataFrame) -> None:
    stall = stalls.iloc[0].copy()
    stall["rtt_s"] = 0.01
    parts["segments"].loc[parts["segments"]["time_s"] > 0.9, "kind"] = "retransmission"
    figure = plot_stall(parts, stall)
    legend = figure.axes[0].get_legend()
    assert legend is not None
    shown = {text.get_text() for text in legend.get_texts()}
    assert set(labels(figure.axes[2])) <= shown


def test_frames_that_change_the_window_are_numbered_first(
    parts: Parts, stalls: pd.DataFrame
) -> None:
    count = 400
    time = np.linspace(0.4, 0.5, count)
    acks = pd.DataFrame({"frame": range(count), "time_s": time, "ack": 1, "dup_count": 0})
    window = pd.DataFrame(
        {
            "frame": range(count),
            "time_s": time,
            "window_bytes": 10,
            "una": 1,
            "edge": 11,
            "kind": "",
        }
    )
    window.loc[[123, 251], "kind"] = "update"
    stall = stalls.iloc[0].copy()
    stall["rtt_s"], stall["start_s"] = 0.03, 0.45
    shown = notes(plot_stall({**parts, "acks": acks, "window": window}, stall).axes[0])
    assert {"123", "251"} <= set(shown)
    assert len(shown) < 100


def test_without_samples_or_data(stalls: pd.DataFrame) -> None:
    render(plot_stall({}, stalls.iloc[0]))
