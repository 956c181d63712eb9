import pandas as pd
import pytest
from matplotlib.figure import Figure

from tcpwin.plots import plot_overview
from tests.plots.look import labels, notes, render

Parts = dict[str, pd.DataFrame]


def test_panels_share_one_time_axis(parts: Parts) -> None:
    figure = plot_overview(parts)
    assert [ax.get_ylabel() for ax in figure.axes] == [
        "sequence number [bytes]", "window and flight [bytes]", "RTT [ms]",
    ]  # fmt: skip
    assert len({ax.get_xlim() for ax in figure.axes}) == 1
    assert [bool(ax.get_xlabel()) for ax in figure.axes] == [False, False, True]
    low, high = figure.axes[0].get_xlim()
    assert low <= 0 < 2 <= high
    assert figure.get_suptitle().startswith("stream 3")
    assert "x.pcapng  ·  Wireshark: tcp.stream == 3" in notes(figure.axes[-1])
    render(figure)


@pytest.mark.parametrize("style", ["light", "dark"])
def test_limits_and_stalls_when_they_are_there(
    parts: Parts, limits: pd.DataFrame, stalls: pd.DataFrame, style: str
) -> None:
    figure = plot_overview({**parts, "limits": limits, "stalls": stalls}, style=style)
    assert len(figure.axes) == 4
    assert "zero-window" in labels(figure.axes[3])
    assert "stall 2 · reopened-silent · frame 8" in notes(figure.axes[0])
    for ax in figure.axes:
        assert any(p.get_hatch() == "/" and p.get_height() == 1 for p in ax.patches)
    render(figure)


def test_verdict_comes_first(parts: Parts) -> None:
    for table in parts.values():
        table.attrs["verdict"] = "zero-window: the receiver"
    figure = plot_overview(parts)
    assert figure.get_suptitle() == "zero-window: the receiver\n "
    assert any(note.startswith("stream 3") for note in notes(figure.axes[0]))
    render(figure)


def test_a_long_verdict_is_broken(parts: Parts) -> None:
    for table in parts.values():
        table.attrs["verdict"] = "a long story " * 20
    lines = plot_overview(parts).get_suptitle().split("\n")
    assert len(lines) == 3
    assert max(map(len, lines)) <= 113


def test_the_flow_that_is_drawn_comes_first_in_the_strip(
    parts: Parts, limits: pd.DataFrame
) -> None:
    flow = limits.attrs["flow"]
    both = pd.concat([limits.assign(flow="other"), limits.assign(flow=flow)], ignore_index=True)
    both.attrs = {**limits.attrs, "shares": {"network": 0.2, "zero-window": 0.001}}
    strip = plot_overview({**parts, "limits": both}).axes[3]
    assert [label.get_text() for label in strip.get_yticklabels()] == [flow, "other"]
    assert {"network 20%", "zero-window <1%", "idle"} <= set(labels(strip))


def test_figure_of_the_caller_and_empty_parts(parts: Parts) -> None:
    figure = Figure(layout="constrained")
    assert plot_overview(parts, figure=figure) is figure
    render(plot_overview({name: table.iloc[:0] for name, table in parts.items()}))
    render(plot_overview({}))
