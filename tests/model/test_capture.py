import html
from pathlib import Path

import numpy as np
import pytest

from tcpwin import schema
from tcpwin.errors import CaptureError, FilterError, StreamNotFoundError
from tcpwin.model import Capture, Flow, Stream, read
from tests.conftest import FIXTURES


def test_capture(capture: Capture) -> None:
    assert list(capture.packets) == [column.name for column in schema.COLUMNS]
    assert capture.name == "handmade-99-percent.pcapng.gz"
    assert capture.start.tzinfo is not None
    assert capture.duration_s == pytest.approx(capture.packets["time_s"].max())
    assert len(capture.streams) == capture.packets["stream"].nunique()
    assert list(capture.state) == [column.name for column in schema.STATE]
    assert len(capture.state) == 2 * len(capture.packets)


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
