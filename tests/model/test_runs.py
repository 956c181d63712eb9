import json

import pytest

import tcpwin as tw
from tcpwin.errors import CaptureError, StreamNotFoundError
from tests.compared import PAIRS, capture

GOOD, BAD = PAIRS["healthy"].client, PAIRS["pausing-reader"].client


def runs() -> tw.Runs:
    return tw.compare_runs(capture(GOOD), capture(BAD))


def test_what_differs_most_is_what_was_done() -> None:
    told = runs()
    assert told.flow == "server->client"
    first = told.limiters().iloc[0]
    assert first["limiter"] == "zero-window"
    assert first["more_s"] == pytest.approx(2.9, abs=0.1)
    assert "pausing-reader.client.pcapng.gz took 3 s longer than healthy" in told.claim
    assert "while the receiver's window was 0 (zero-window)" in told.claim


def test_turned_around_it_says_the_opposite() -> None:
    back = tw.compare_runs(capture(BAD), capture(GOOD))
    assert "took 3 s less long than" in back.claim
    assert back.limiters()["more_s"].iloc[0] == -runs().limiters()["more_s"].iloc[0]


def test_both_flows_can_be_asked_for() -> None:
    table = runs().measures("client->server").set_index("measure")
    assert table.loc["bytes", ["a", "b"]].tolist() == [33, 33]
    with pytest.raises(StreamNotFoundError):
        runs().measures("up")


def test_json() -> None:
    told = runs().to_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert [told["runs"][name]["verdict"]["cause"] for name in "ab"] == ["healthy", "zero-window"]


def test_streams_are_chosen() -> None:
    whole = capture(PAIRS["many-streams"].client)
    told = tw.compare_runs(whole, whole, streams=(3, None))
    assert told.a.number == 3
    assert told.b.number != 3
    assert "many-streams.client.pcapng.gz #3" in told.claim
    by_stream = tw.compare_runs(whole.stream(3), str(GOOD))
    assert by_stream.b.packets.equals(runs().a.packets)


def test_one_transfer_is_no_two_runs() -> None:
    with pytest.raises(CaptureError, match="the same transfer, packet for packet"):
        tw.compare_runs(capture(GOOD), capture(GOOD))


def test_shows_itself() -> None:
    told = runs()
    assert repr(told).startswith(
        "<Runs healthy.client.pcapng.gz | pausing-reader.client.pcapng.gz:"
    )
    assert told._repr_html_().startswith("<pre>server-&gt;client, two runs")
    assert len(told.plot().axes) == 4
