from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.limits import LIMITERS
from tests.analysis.build import P, down, handshake, packets, traffic, up
from tests.analysis.test_messages import GET, conversation, ok

START = 1_700_000_000_000_000_000
OPEN = [*handshake(rtt_ms=10), up(1, len=100, ms=20), down(1, ack=101, ms=30)]


def shares(rows: list[P], end_ms: float, flow: int = 1) -> dict[str, float]:
    """Milliseconds under each limiter, from 30 ms on, where the answer begins."""
    wide = [replace(row, window=65535) if row.window == 1000 else row for row in rows]
    facts = Facts(packets(wide), START + round(end_ms * 1e6))
    spans = facts.limits[flow].spans()
    spans = spans[spans["end_ns"] > START + 30_000_000]
    begin = np.maximum(spans["start_ns"], START + 30_000_000)
    spent = (spans["end_ns"] - begin) / 1e6
    total = spent.groupby(np.array(LIMITERS, object)[spans["limiter"]]).sum()
    return {str(name): ms for name, ms in total.items() if ms}


def test_who_has_the_word() -> None:
    """Seen from the server: it thinks, sends, is acknowledged, and waits for a request."""
    rows = [
        *handshake(rtt_ms=0.01),
        up(1, len=100, ms=20),
        down(1, ack=101, ms=30),
        down(1, 101, len=1460, ms=230),
        up(101, ack=1461, ms=240),
        up(101, 1461, len=100, ms=1240),
    ]
    assert shares(rows, 1240) == pytest.approx({"sender": 200, "network": 10, "idle": 1000})
    assert shares(rows, 1240, flow=0) == pytest.approx({"idle": 200, "sender": 1010})
    assert shares(rows[:-1], 1240) == pytest.approx({"sender": 200, "network": 10, "idle": 1000})


def test_what_comes_within_a_round_trip_was_under_way() -> None:
    """Seen from the client, 10 ms from the server: its ACK asks for the next data."""
    rows = [*OPEN, down(1, 101, len=1460, ms=31), up(101, ack=1461, ms=32)]
    assert shares([*rows, down(1461, 101, len=100, ms=52)], 52)["network"] == pytest.approx(21)
    assert shares([*rows, down(1461, 101, len=100, ms=53)], 53)["sender"] == pytest.approx(22)


def test_the_window_holds_the_flow() -> None:
    rows = [
        *handshake(rtt_ms=0.01, window=3000),
        up(1, len=100, ms=20, window=2920),
        down(1, 101, len=1460, ms=30),
        down(1461, 101, len=1460, ms=35),  # now it is full
        up(101, ack=2921, window=0, ms=45),
        up(101, ack=2921, window=2920, ms=945),
        down(2921, 101, len=1460, ms=950),
        up(101, ack=4381, window=2920, ms=960),
    ]
    found = shares(rows, 960)
    assert found["receive-window"] == pytest.approx(10)
    assert found["zero-window"] == pytest.approx(900)
    assert found["network"] == pytest.approx(15)
    assert found["sender"] == pytest.approx(5)  # the update had come at once


def test_recovery_lasts_until_all_is_acknowledged_that_was_out_when_it_began() -> None:
    rows = [
        *OPEN[:-1],
        *[down(1 + 100 * i, 101, len=100, ms=30 + i) for i in range(3)],
        down(1, 101, len=100, ms=300),
        up(101, ack=201, ms=310),  # not all of it
        up(101, ack=301, ms=320),
        down(301, 101, len=100, ms=325),
        up(101, ack=401, ms=330),
    ]
    assert shares(rows, 330)["recovery"] == pytest.approx(20)


def test_owed_bytes_keep_the_word_with_the_server() -> None:
    said = [(True, GET), (False, ok(700) + b"x" * 100)]
    facts, heads = conversation(*said)
    end = int(facts.end_ns[0]) + 10**9
    for look, limiter in ((None, "idle"), (lambda: (heads, pd.DataFrame()), "sender")):
        table = facts.packets.assign(window_size_value=65535)
        last = Facts(table, end, look).limits[1].spans().iloc[-1]
        assert LIMITERS[last["limiter"]] == limiter
        assert last["end_ns"] - last["start_ns"] == 10**9


def test_an_update_that_is_the_last_packet_leaves_the_window_open() -> None:
    rows = [*OPEN, down(1, 101, len=1460, ms=31), up(101, ack=1461, window=0, ms=32)]
    rows += [up(101, ack=1461, window=65535, ms=60), down(1461, 101, len=10, ms=9060)]
    found = shares(rows, 9060)
    assert found["zero-window"] == pytest.approx(28)
    assert found["sender"] == pytest.approx(1 + 9000)
    rows[-1] = replace(rows[-1], ms=70.5)  # the way of the update, and back
    assert shares(rows, 70.5)["receive-window"] == pytest.approx(10.5)


@settings(max_examples=400)
@given(traffic())
def test_shares_add_up_and_spells_follow_each_other(rows: list[P]) -> None:
    facts = Facts(packets(rows))
    begin = facts.segments.time_ns[facts.segments.groups.starts]
    for limits in facts.limits:
        assert (limits.hold_ns >= 0).all()
        assert np.allclose(limits.seconds.sum(axis=1), (facts.end_ns - begin) / 1e9)
        for group, spans in limits.spans().groupby("group"):
            assert spans["start_ns"].iloc[0] == begin[group]
            assert spans["end_ns"].iloc[-1] == facts.end_ns[group]
            assert spans["start_ns"].tolist()[1:] == spans["end_ns"].tolist()[:-1]
            assert (np.diff(spans["limiter"]) != 0).all()


@settings(max_examples=400)
@given(traffic())
def test_streams_do_not_touch_each_other(rows: list[P]) -> None:
    table = packets(rows)
    end = int(table["time_ns"].max())
    whole = Facts(table, end)
    for group, stream in enumerate(whole.segments.streams):
        alone = Facts(table[table["stream"] == stream].reset_index(drop=True), end)
        for limits, own in zip(whole.limits, alone.limits, strict=True):
            mine = whole.segments.groups.ids == group
            assert limits.limiter[mine].tolist() == own.limiter.tolist()
            assert limits.hold_ns[mine].tolist() == own.hold_ns.tolist()
            assert np.allclose(limits.seconds[group], own.seconds[0])
