import pandas as pd
import pytest

import tcpwin as tw
from tcpwin.errors import CaptureError, StreamNotFoundError
from tests.compared import PAIRS, capture
from tests.conftest import FIXTURES

SILENT = PAIRS["stop99-data-dies"]


def pair(name: str) -> tuple[tw.Capture, tw.Capture]:
    return capture(PAIRS[name].client), capture(PAIRS[name].server)


def test_without_a_number_it_is_the_connection_that_lost_most_time() -> None:
    told = tw.compare(*pair("stop99-data-dies"))
    assert told.client.number == SILENT.truth["stream"]
    assert len(told.common) == 2


def test_nothing_in_common() -> None:
    other = capture(FIXTURES / "handmade-99-percent.pcapng.gz")
    with pytest.raises(CaptureError, match=r"no connection in common .*s apart by their clocks"):
        tw.compare(pair("healthy")[0], other)
    with pytest.raises(CaptureError, match="no connection in common"):
        tw.compare(pair("healthy")[0], pair("random-loss")[1])


def test_a_stream_that_is_not_there_or_not_in_both() -> None:
    client, server = pair("healthy")
    with pytest.raises(StreamNotFoundError, match="has no stream 77"):
        tw.compare(client, server, stream=77)
    mixed = tw.compare(*pair("many-streams"), stream=3)
    assert mixed.client.number == 3
    streams = [c.stream(n) for c, n in zip(pair("many-streams"), (3, 4), strict=True)]
    with pytest.raises(StreamNotFoundError, match="is not in the other capture"):
        tw.compare(*streams)
    assert isinstance(mixed.common, pd.DataFrame)
