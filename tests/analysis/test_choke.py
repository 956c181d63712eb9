from dataclasses import replace

import numpy as np
from hypothesis import given

from tcpwin.analysis.choke import Choke
from tcpwin.analysis.facts import Facts
from tcpwin.analysis.grouped import NEVER
from tests.analysis.build import P, packets
from tests.analysis.scenes import ack, at_server, burst, data, facts, opening, slow_traffic

SINKS = [  # after frame 12: 50,000, then 800, 0, 400, 20,000
    *opening(),
    *burst(1, 41),
    data(4001, 50),
    ack(5001, 51, window=800),
    ack(5001, 52, window=0),
    ack(5001, 252, window=400),
    ack(5001, 253, window=20_000),
]


def choke(rows: list[P]) -> Choke:
    return facts(rows).chokes[1]


def test_zero_small_and_shut() -> None:
    found = choke(SINKS)
    assert found.zero[-4:].tolist() == [False, True, False, False]
    assert found.small[-4:].tolist() == [True, False, True, False]
    assert found.shut[-5:].tolist() == [False, True, True, True, False]
    assert found.needed[-1] == 1000  # a segment, as half of 50,000 is more


def test_half_of_a_small_window_is_enough() -> None:
    """RFC 9293 3.8.6.2.1: a sender also sends when half the largest window can be used."""
    rows = [*opening(window=1200), data(1, 41, len=1000), ack(1001, 42, window=700)]
    found = choke(rows)
    assert found.needed[-1] == 600
    assert not found.shut[-1]
    assert not found.small[-1]


def test_windows_that_never_were_a_segment() -> None:
    """Half of it would do for the sender, and yet no full segment ever fits."""
    rows = [*opening(window=900), data(1, 41, len=500), ack(501, 42, window=900)]
    found = choke(rows)
    assert found.small[2:].all()
    assert not found.shut[2:].any()


def test_usable_allows_for_what_is_under_way() -> None:
    """At the client an ACK takes a round trip until data answers it; at the server none."""
    rows = [*opening(window=2000), data(1, 41), data(1001, 41.1), ack(2001, 42, window=2000)]
    here, there = choke(rows), choke(at_server(rows))
    assert here.lag_ns[0] == 20_000_000
    assert here.usable[-1] == 0  # its sender has not heard of the ACK yet
    assert here.full[-1]
    assert there.lag_ns[0] < 1_000_000
    assert there.usable[-1] == 2000
    assert not there.full[-1]
    assert there.full[-2]


def test_a_stream_far_away_does_not_bring_an_update_forward() -> None:
    """Nothing tells how far the sender of stream 0 is; its ACK has the time of the data."""
    near = [ack(1, 0), data(1, 5), ack(1001, 5, window=9000)]
    far = [replace(packet, stream=1) for packet in opening()]
    alone, both = choke(near).usable, choke([*near, *far])
    assert both.lag_ns.tolist() == [0, 20_000_000]
    assert both.usable[:3].tolist() == alone.tolist() == [50_000, 49_000, 9000]


def test_next_open() -> None:
    found = choke(SINKS)
    zero = int(np.flatnonzero(found.zero)[0])
    assert found.next_open[zero] == len(SINKS) - 1
    assert found.next_open[-1] == NEVER


@given(slow_traffic())
def test_laws(rows: list[P]) -> None:
    for found in Facts(packets(rows)).chokes:
        assert not (found.zero & ~found.shut).any()
        assert not (found.zero & found.small).any()
        assert (found.needed >= 1).all()
        opens = found.next_open
        later = np.flatnonzero(opens != NEVER)
        assert (opens[later] > later).all()
        assert not found.shut[opens[later]].any()
