from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcpwin.analysis.segments import FLOWS, prepare, unwrap
from tests.analysis.build import ACK, FIN, RST, SYN, WRAP, P, down, handshake, table, up


def test_client_is_who_sent_the_syn() -> None:
    swapped = table([P(False, 0, flags=SYN), P(True, 0, 1, flags=SYN | ACK)])
    segments = prepare(swapped)
    assert segments.from_client.tolist() == [True, False]
    assert segments.client_known.tolist() == [True]


def test_client_is_who_got_the_syn_ack() -> None:
    segments = prepare(table([up(1), P(True, 0, 1, flags=SYN | ACK), down(1)]))
    assert segments.from_client.tolist() == [False, False, True]
    assert segments.client_known.tolist() == [True]


def test_client_has_the_higher_port_without_a_handshake() -> None:
    for rows in ([up(1), down(1)], [down(1), up(1)]):
        segments = prepare(table(rows))
        assert segments.from_client.tolist() == [packet.up for packet in rows]
        assert segments.client_known.tolist() == [False]


def test_syn_and_fin_take_a_number() -> None:
    rows = [P(True, 0, flags=SYN), P(True, 1, 1, 10, FIN | ACK), P(True, 5, 1, flags=ACK)]
    assert prepare(table(rows)).end.tolist() == [1, 12, 5]


def test_rows_of_a_stream_are_together_and_find_back() -> None:
    frame = table([up(1, stream=1), up(2, stream=0), down(3, stream=1), down(4, stream=0)])
    segments = prepare(frame)
    assert segments.stream.tolist() == [0, 0, 1, 1]
    assert segments.frame.tolist() == [2, 4, 1, 3]
    assert segments.column("seq").tolist() == frame["seq"].iloc[segments.order].tolist()
    assert segments.sends(FLOWS.index("server->client")).tolist() == [False, True, False, True]


def test_keep_drops_streams_of_which_nothing_is_left() -> None:
    segments = prepare(table([up(1, stream=0), up(2, stream=1), up(3, stream=1)]))
    kept = segments.keep(np.array([False, True, False]))
    assert kept.streams.tolist() == [1]
    assert kept.seq.tolist() == [2]
    assert kept.client_known.tolist() == [False]


def test_broken_rows_count_nothing() -> None:
    frame = table([up(1, len=10), up(11, len=10), down(1, ack=21)])
    frame["len"] = pd.array([10, None, 0], dtype=frame["len"].dtype)
    segments = prepare(frame)
    assert segments.length.tolist() == [10, 0, 0]
    assert segments.fits.tolist() == [True, False, True]


def test_numbers_that_do_not_fit() -> None:
    rows = [P(True, 0, flags=SYN), up(1), P(True, 1, flags=0), P(True, 1, flags=RST | ACK)]
    assert prepare(table(rows)).fits.tolist() == [True, True, False, False]


@given(
    st.lists(st.tuples(st.booleans(), st.integers(-(1 << 30), (1 << 31) - 1)), min_size=1),
    st.integers(0, WRAP - 1),
)
def test_unwrap_follows_steps_below_2_gib(steps: list[tuple[bool, int]], isn: int) -> None:
    position, rows = 1, []
    for forward, step in steps:
        position += step
        rows.append(up(position, 7) if forward else down(7, position))
    frame = unwrap(table(rows, isn=isn))
    got = np.where([row.up for row in rows], frame["seq"], frame["ack"])
    expected = [row.seq if row.up else row.ack for row in rows]
    assert [b - a for a, b in pairwise(got)] == [b - a for a, b in pairwise(expected)]
    assert (got % WRAP).tolist() == [(value + isn) % WRAP for value in expected]


def test_unwrap_past_4_gib_one_way_only() -> None:
    rows = [*handshake(), *(down(1 + step * 10**9, len=100) for step in range(1, 9))]
    assert unwrap(table(rows))["seq"].tolist()[3:] == [1 + step * 10**9 for step in range(1, 9)]


def test_what_comes_before_the_first_byte_is_negative() -> None:
    frame = unwrap(table([up(1, len=10), up(-99, len=10), up(11, len=10)]))
    assert frame["seq"].tolist() == [1, -99, 11]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0, ACK, RST, SYN]),
                          st.integers(0, (1 << 31) - 1), st.integers(0, (1 << 31) - 1)),
                min_size=1))  # fmt: skip
def test_small_numbers_stay_whatever_another_stream_does(
    rows: list[tuple[bool, int, int, int]],
) -> None:
    few = [P(forward, seq, ack, flags=flags) for forward, flags, seq, ack in rows]
    alone = unwrap(table(few))
    beside = unwrap(table([*few, up(WRAP - 1, stream=1)]))
    for name in ("seq", "ack"):
        assert alone[name].tolist() == table(few)[name].tolist() == beside[name].tolist()[:-1]


@pytest.mark.parametrize("garbage", [1 << 31, (1 << 31) + 700, (1 << 31) - 1, 12345])
def test_garbage_in_a_reset_leads_nobody_astray(garbage: int) -> None:
    rows = [up(1, len=1000), P(True, garbage, flags=RST), up(1001, len=1000), down(1, ack=2001)]
    frame = unwrap(table(rows))
    assert frame["seq"].tolist()[::2] == [1, 1001]
    assert frame["ack"].iloc[3] == 2001


def test_unwrap_leaves_the_table_alone() -> None:
    frame = table([up(WRAP - 1, len=2), up(WRAP + 1, len=2)])
    wrapped = frame["seq"].tolist()
    unwrap(frame)
    assert frame["seq"].tolist() == wrapped
