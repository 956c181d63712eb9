import numpy as np
import pytest

from tcpwin.analysis.acks import ack_table, duplicate_acks, duplicate_count
from tcpwin.analysis.rtt import Rtt
from tcpwin.analysis.segments import prepare
from tcpwin.analysis.state import State
from tests.analysis.build import FIN, P, down, packets, up

SENT = [
    up(1, ms=0),
    down(1, len=1000, ms=1),
    down(1001, len=1000, ms=2),
    down(2001, len=1000, ms=3),
]


def duplicates(*rows: P) -> list[bool]:
    return duplicate_acks(State(prepare(packets([*SENT, *rows])), 1)).tolist()[len(SENT) :]


def test_rfc_5681() -> None:
    assert duplicates(up(1, ack=1001), up(1, ack=1001), up(1, ack=1001)) == [False, True, True]


@pytest.mark.parametrize(
    "other",
    [
        up(1, ack=1001, len=1),
        up(1, ack=1001, window=2000),
        up(1, ack=1001, flags=16 | FIN),
        up(1, ack=501),
    ],
    ids=["data", "window update", "fin", "older"],
)
def test_what_is_none(other: P) -> None:
    assert duplicates(up(1, ack=1001), other) == [False, False]


def test_nothing_outstanding_nothing_to_ask_for() -> None:
    assert duplicates(up(1, ack=3001), up(1, ack=3001)) == [False, False]


def test_with_sack_whatever_the_window() -> None:
    ask = up(1, ack=1001, window=900, sack=((2001, 3001),))
    assert duplicates(up(1, ack=1001), ask) == [False, True]
    told_twice = up(1, ack=1001, window=900, sack=((1, 1001),))
    assert duplicates(up(1, ack=1001), told_twice) == [False, False]


def test_count_begins_anew_with_each_advance() -> None:
    rows = [*SENT, *[up(1, ack=1001)] * 3, up(1, ack=2001), up(1, ack=2001), up(1, ack=3001)]
    counts = duplicate_count(State(prepare(packets(rows)), 1)).tolist()
    assert counts[len(SENT) :] == [0, 1, 2, 0, 1, 0]


def test_table() -> None:
    rows = [*SENT, up(1, ack=1001, ms=11), up(1, ack=1001, ms=12, sack=((2001, 3001),))]
    state = State(prepare(packets(rows)), 1)
    table = ack_table(state, Rtt(state))
    assert table["ack"].tolist() == [1, 1001, 1001]
    assert table["newly_acked"].tolist() == [0, 1000, 0]
    assert table["dup_count"].tolist() == [0, 0, 1]
    assert table["sack_bytes"].tolist() == [0, 0, 1000]
    assert np.isnan(table["rtt_s"][[0, 2]]).all()
    assert table["rtt_s"][1] == pytest.approx(0.010)
