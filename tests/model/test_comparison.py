import json

import pytest

import tcpwin as tw
from tcpwin.errors import CaptureError, StreamNotFoundError
from tests.compared import PAIRS, capture, compared


def pair(name: str) -> tuple[tw.Capture, tw.Capture]:
    return capture(PAIRS[name].client), capture(PAIRS[name].server)


def test_the_order_does_not_matter() -> None:
    client, server = pair("stop99-data-dies")
    one, other = tw.compare(client, server), tw.compare(server, client)
    assert one.packets.equals(other.packets)
    assert one.verdict == other.verdict
    assert (one.client.capture, other.client.capture) == (client, client)


def test_paths_captures_and_streams_are_taken() -> None:
    client, server = pair("healthy")
    by_path = tw.compare(str(PAIRS["healthy"].client), server.stream(0))
    assert by_path.packets.equals(tw.compare(client, server, stream=0).packets)


def test_tables() -> None:
    told = compared("random-loss")
    assert told.packets["frame_sent"].notna().all()
    assert set(told.losses["flow"]) == {"server->client"}
    delays = told.delays("server->client")
    assert delays["delay_s"].min() > 0.019
    with pytest.raises(StreamNotFoundError, match="no flow 'up'"):
        told.delays("up")
    begin, end = told.overlap_s
    assert begin < 0.1
    assert end > 2.9


def test_json() -> None:
    for name in ("stop99-data-dies", "healthy", "syn-lost"):
        told = compared(name).to_dict()
        assert json.loads(json.dumps(told, allow_nan=False)) == told
        assert set(told["flows"]) == {"client->server", "server->client"}
        assert told["captures"]["client"]["packets"] > 0


def test_charts() -> None:
    told = compared("stop99-data-dies")
    ladder, delays = told.plot_ladder(), told.plot_delays()
    assert ladder.figure is not delays.figure
    assert delays.get_ylabel() == "one-way delay [ms]"


def test_shows_itself() -> None:
    told = compared("stop99-data-dies")
    assert repr(told).startswith("<Comparison stop99-data-dies.client.pcapng.gz | stop99-data-dies")
    assert str(told) == told.text()
    assert told._repr_html_().startswith("<pre>192.0.2.10:40001 -&gt; ")


def test_the_same_file_twice() -> None:
    client, _server = pair("healthy")
    with pytest.raises(CaptureError, match="they are one capture; give that of the other end"):
        tw.compare(client, client)
