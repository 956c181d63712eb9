from dataclasses import replace

import pytest
from hypothesis import given

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.vantage import VANTAGES, near_receiver, near_sender
from tests.analysis.build import ACK, SYN, P, down, packets, traffic, up
from tests.analysis.scenes import ack, at_server, burst, data, facts, opening


def where(rows: list[P]) -> str:
    return VANTAGES[facts(rows).vantage[0]]


def halves(first_ms: float, second_ms: float) -> list[P]:
    return [
        P(True, 0, flags=SYN, ms=0),
        P(False, 0, 1, flags=SYN | ACK, ms=first_ms),
        P(True, 1, 1, ms=first_ms + second_ms),
    ]


@pytest.mark.parametrize(
    ("first", "second", "place"),
    [
        (20, 0.05, "client"),
        (0.05, 20, "server"),
        (0.9, 4.6, "server"),
        (0.9, 4.4, "unknown"),  # not five times as far
        (1.1, 30, "unknown"),  # no host takes over a millisecond
        (10, 12, "middle"),
        (2, 6, "middle"),
        (2, 6.1, "unknown"),
        (1.9, 3, "unknown"),
        (0.1, 0.1, "unknown"),
    ],
)
def test_by_the_halves_of_the_handshake(first: float, second: float, place: str) -> None:
    assert where(halves(first, second)) == place


def test_without_a_handshake_by_the_times_of_data_and_acks() -> None:
    rows = [*opening(), *burst(1, 41), up(101, ack=4001, len=50, ms=50), down(4001, ack=151, ms=70)]
    assert where(rows[3:]) == "client"
    assert where(at_server(rows)[3:]) == "server"


def test_by_hops() -> None:
    """Only one side's packets come as fresh as a host sends them."""
    rows = [replace(row, ttl=64 if row.up else 57) for row in (up(1, ms=0), down(1, ms=50))]
    assert where(rows) == "client"
    assert where([replace(row, ttl=121 - row.ttl) for row in rows]) == "server"  # type: ignore[operator]
    assert where([replace(row, ttl=64) for row in rows]) == "unknown"
    assert where([replace(row, ttl=60) for row in rows]) == "unknown"
    assert where([replace(rows[0], ttl=64)] * 2) == "unknown"  # the other side was never seen


def test_near() -> None:
    rows = [*opening(), data(1, 41), ack(1001, 41.1)]
    known = facts(rows)
    assert [near_sender(known, flow).tolist() for flow in (0, 1)] == [[True], [False]]
    assert [near_receiver(known, flow).tolist() for flow in (0, 1)] == [[False], [True]]
    known = facts(at_server(rows))
    assert near_sender(known, 1).tolist() == near_receiver(known, 0).tolist() == [True]


@given(traffic())
def test_every_stream_has_one(rows: list[P]) -> None:
    known = Facts(packets(rows))
    assert known.vantage.shape == (len(known.segments.groups),)
    assert ((known.vantage >= 0) & (known.vantage < len(VANTAGES))).all()
