import html
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from tcpwin import schema
from tcpwin.errors import CaptureError, FilterError, StreamNotFoundError
from tcpwin.model import Capture, Flow, Stream, read
from tests.conftest import FIXTURES

TABLES = ["window", "flight", "acks", "segments", "sacks", "rtt"]


@pytest.fixture(scope="module")
def capture() -> Capture:
    """Three streams, the first of which stops at 99 %."""
    return read(FIXTURES / "handmade-99-percent.pcapng.gz")


@pytest.fixture
def stream(capture: Capture) -> Stream:
    return capture.stream(0)


@pytest.fixture
def flow(stream: Stream) -> Flow:
    return stream.flow("server->client")


def test_capture(capture: Capture) -> None:
    assert list(capture.packets) == [column.name for column in schema.COLUMNS]
    assert capture.name == "handmade-99-percent.pcapng.gz"
    assert capture.start.tzinfo is not None
    assert capture.duration_s == pytest.approx(capture.packets["time_s"].max())
    assert len(capture.streams) == capture.packets["stream"].nunique()
    assert list(capture.state) == [column.name for column in schema.STATE]
    assert len(capture.state) == 2 * len(capture.packets)


def test_nothing_is_to_be_changed(capture: Capture, flow: Flow) -> None:
    with pytest.raises(FrozenInstanceError):
        capture.path = Path("other")  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        flow.name = "other"  # type: ignore[misc]


def test_a_stream_stands_as_in_the_table_of_all(capture: Capture) -> None:
    for row in capture.streams.to_dict("records"):
        stream = capture.stream(row["stream"])
        assert stream.summary.keys() == row.keys()
        assert stream.summary["bytes"] == row["bytes"]
        assert stream.start_s == row["start_s"]
        assert stream.duration_s == row["duration_s"]
        assert stream.client == f"{row['client']}:{row['client_port']}"
        assert stream.server == f"{row['server']}:{row['server_port']}"
        assert len(stream.packets) == row["packets"]
        assert stream.filter == f"tcp.stream == {row['stream']}"
        assert [flow.bytes for flow in stream.flows] == [row["client_bytes"], row["server_bytes"]]


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


def test_reprs(capture: Capture, stream: Stream, flow: Flow) -> None:
    assert repr(capture).startswith("<Capture handmade-99-percent.pcapng.gz: ")
    assert repr(stream).startswith(f"<Stream 0: {stream.client} -> {stream.server}, ")
    assert repr(flow).startswith("<Flow server->client of stream 0: ")
    for thing in (capture, stream, flow):
        assert html.escape(repr(thing)[1:-1]) in thing._repr_html_()
    assert "<table" in capture._repr_html_()


def test_a_stream_that_is_not_there(capture: Capture) -> None:
    with pytest.raises(StreamNotFoundError, match=r"no stream 99: it has 0–2"):
        capture.stream(99)
    with pytest.raises(StreamNotFoundError, match=r"client->server or server->client"):
        capture.stream(0).flow("down")


def test_streams_with_gaps_between_their_numbers() -> None:
    capture = read(FIXTURES / "handmade-99-percent.pcapng.gz", display_filter="tcp.stream != 1")
    with pytest.raises(StreamNotFoundError, match=r"no stream 1: it has 0, 2$"):
        capture.stream(1)


def test_one_frame_as_a_pyshark_packet(stream: Stream) -> None:
    frame = int(stream.packets["frame"].iloc[3])
    packet = stream.packet(frame)
    assert int(packet.number) == frame
    assert int(packet.tcp.stream) == 0


@pytest.mark.parametrize("name", ["window", "flight", "acks", "sequence", "rtt"])
def test_plots_draw_into_the_axes_given(flow: Flow, name: str) -> None:
    plot: Callable[..., object] = getattr(flow, f"plot_{name}")
    _, ax = plt.subplots()
    assert plot(ax=ax) is ax
    assert ax.has_data()
    plt.close("all")


def test_overview(stream: Stream) -> None:
    figure = stream.plot_overview()
    assert len(figure.axes) >= 3


def test_bad_input(tmp_path: Path) -> None:
    with pytest.raises(CaptureError):
        read(tmp_path / "nothing.pcap")
    with pytest.raises(FilterError):
        read(FIXTURES / "handmade-recovery.pcapng", display_filter="tcp.nonsense ==")


def test_progress_is_reported() -> None:
    seen: list[tuple[int, int]] = []
    read(FIXTURES / "handmade-recovery.pcapng", progress=lambda *now: seen.append(now))
    assert seen
    done, total = np.array(seen).T
    assert (np.diff(done) >= 0).all()
    assert done[-1] == total[-1]
