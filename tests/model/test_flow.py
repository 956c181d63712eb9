from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from tcpwin.errors import StreamNotFoundError
from tcpwin.model import Capture, Flow, Stream

TABLES = ["window", "flight", "acks", "segments", "sacks", "rtt"]


def test_nothing_is_to_be_changed(capture: Capture, flow: Flow) -> None:
    with pytest.raises(FrozenInstanceError):
        capture.path = Path("other")  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        flow.name = "other"  # type: ignore[misc]


def test_the_state_of_a_stream_is_that_of_the_capture(capture: Capture, flow: Flow) -> None:
    state = capture.state
    state = state[(state["stream"] == flow.stream) & (state["flow"] == flow.name)]
    window = flow.window()
    for ours, theirs in {
        "window": "window_bytes",
        "edge": "edge",
        "flight": "flight_bytes",
    }.items():
        pd.testing.assert_series_equal(
            state[ours], window[theirs], check_names=False, check_index=False
        )
    assert state["frame"].tolist() == window["frame"].tolist()


def test_flows(stream: Stream) -> None:
    up, down = stream.flows
    assert (up.name, down.name) == ("client->server", "server->client")
    assert (up.index, down.index) == (0, 1)
    assert stream.flow(up.name) == up
    assert down.stream == stream.stream == 0


@pytest.mark.parametrize("name", TABLES)
def test_tables(flow: Flow, name: str) -> None:
    table = getattr(flow, name)()
    assert list(table)[:2] == ["frame", "time_s"]
    assert (table["time_s"] >= 0).all()
    attrs = table.attrs
    assert attrs["flow"] == flow.name
    assert attrs["stream"] == 0
    assert attrs["scale_source"] == "syn"
    assert attrs["mss"] == 1300
    assert (table["time_s"] <= attrs["end_s"]).all()
    assert attrs["filter"] == "tcp.stream == 0"
    assert flow.parts().keys() >= {"segments", "window", "acks", "sacks", "rtt"}


def test_the_window_as_it_was_recorded(flow: Flow) -> None:
    """The end of the 99 % download: 28416, 25856, 23296, 20736, 35072, 103936."""
    acks = flow.window().merge(flow.acks()[["frame"]], on="frame")
    sizes = acks["window_bytes"]
    changes = sizes[sizes != sizes.shift()].tolist()
    assert changes[-6:] == [28416, 25856, 23296, 20736, 35072, 103936]


@pytest.mark.parametrize("name", ["window", "flight", "acks", "sequence", "rtt", "limits"])
def test_plots_draw_into_the_axes_given(flow: Flow, name: str) -> None:
    plot: Callable[..., object] = getattr(flow, f"plot_{name}")
    _, ax = plt.subplots()
    assert plot(ax=ax) is ax
    assert ax.has_data()
    plt.close("all")


def test_close_up_of_a_stall(flow: Flow) -> None:
    figure = flow.plot_stall(1)
    numbers = {text.get_text() for ax in figure.axes for text in ax.texts}
    assert {"4120", "4121", "4123"} <= numbers
    assert "stall 1 · 63.02 s" in figure.get_suptitle() + "".join(
        t.get_text() for t in figure.texts
    )


@pytest.mark.parametrize("number", [0, 2])
def test_no_such_stall(flow: Flow, number: int) -> None:
    with pytest.raises(StreamNotFoundError, match=f"has no stall {number}: it has 1"):
        flow.plot_stall(number)
