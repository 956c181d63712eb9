import numpy as np
import pytest
from hypothesis import given

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.grouped import NEVER
from tcpwin.analysis.stalls import FLOOR_NS, progress_rows, threshold_ns
from tests.analysis.build import ACK, PSH, P, handshake, packets, up
from tests.analysis.scenes import (
    ack,
    burst,
    data,
    facts,
    opening,
    opening_at_server,
    sent,
    slow_traffic,
)

Row = tuple[str, int, float, float, bool]


def stalls(rows: list[P], *, end_ms: float | None = None) -> list[Row]:
    """Kind, flow, start and end (ms), open."""
    known = facts(rows, end_ms=end_ms)
    begin = int(known.segments.time_ns.min())
    return [
        (s.kind, s.flow, (s.start_ns - begin) / 1e6, (s.end_ns - begin) / 1e6, s.open)
        for s in known.stalls.itertuples()
    ]


def test_a_silence_of_both_sides() -> None:
    rows = [*opening(), *burst(1, 41), *burst(4001, 541)]
    assert stalls(rows) == [("silence", -1, pytest.approx(44.1), 541, False)]


def test_shorter_than_the_threshold_is_none() -> None:
    assert stalls([*opening(), *burst(1, 41), *burst(4001, 44 + 200)]) == []


def test_open_to_the_end_of_the_capture() -> None:
    rows = [*opening(), *burst(1, 41)]
    assert stalls(rows, end_ms=5000) == [("silence", -1, pytest.approx(44.1), 5000, True)]
    assert stalls(rows) == []


def test_sent_again_until_it_is_acknowledged() -> None:
    """Retransmissions that bring nothing do not end it."""
    rows = [*opening_at_server(), *sent(1, 21), data(4001, 60)]
    rows += [data(4001, 300), data(4001, 750), ack(5001, 770), *sent(5001, 771)]
    assert stalls(rows) == [("data", 1, 60, 770, False)]
    [row] = facts(rows).stalls.itertuples()
    assert (row.again, row.probes, row.back, row.needless) == (2, 0, 0, 0)
    assert facts(rows).segments.length[row.first_ask] == 1000


CLOSED = [*opening(), *burst(1, 41), data(4001, 50), ack(5001, 50.1, window=0)]
PROBES = [
    row for at in (300, 750, 1600) for row in (data(5000, at, len=0), ack(5001, at + 0.1, window=0))
]


def test_a_closed_window() -> None:
    rows = [*CLOSED, *PROBES, ack(5001, 2000), *burst(5001, 2020)]
    assert stalls(rows) == [("window", 1, pytest.approx(50.1), 2020, False)]
    [row] = facts(rows).stalls.itertuples()
    assert (row.probes, row.again, row.keep_alives) == (3, 0, 0)
    assert row.zero_ns == row.shut_ns == pytest.approx((2000 - 50.1) * 1e6, abs=1000)
    assert row.back == 4  # three answers and the update
    assert row.back_after == 4


def test_a_closed_window_to_the_end() -> None:
    assert stalls([*CLOSED, *PROBES], end_ms=9000) == [
        ("window", 1, pytest.approx(50.1), 9000, True)
    ]


def test_a_byte_that_a_probe_got_through_is_no_progress() -> None:
    rows = [*CLOSED]
    for n, at in enumerate((300, 750, 1600)):
        rows += [data(5001 + n, at, len=1), ack(5002 + n, at + 0.1, window=0)]
    rows += [ack(5004, 2000), *burst(5004, 2020)]
    assert [(kind, end) for kind, _, _, end, _ in stalls(rows)] == [("window", 2020)]


def test_a_closed_window_that_holds_nobody_back_is_none() -> None:
    """The server had nothing to send: no probe, and nothing at once when it reopens."""
    rows = [*CLOSED[:-1], ack(5001, 50.1, window=0), ack(5001, 900), *burst(5001, 3000)]
    assert [kind for kind, *_ in stalls(rows)] != ["window"]


def test_where_acks_were_not_captured_nothing_is_unacknowledged() -> None:
    rows = [row for row in [*opening(), *burst(1, 41), *burst(4001, 1500)] if not row.up]
    assert [kind for kind, *_ in stalls(rows)] == ["silence"]


def test_a_long_delayed_ack_does_not_cut_a_silence_in_two() -> None:
    """The ACK of the last write comes 300 ms late; nobody waits for it."""
    rows = [*opening_at_server(), data(1, 21, len=300, flags=ACK | PSH), ack(301, 41)]
    rows += [data(301, 61, len=300, flags=ACK | PSH), ack(601, 381), *sent(601, 1400)]
    assert stalls(rows) == [("silence", -1, 61, 1400, False)]


def test_an_ack_within_the_shortest_stall_is_progress() -> None:
    rows = [*opening_at_server(), data(1, 21, len=300, flags=ACK | PSH), ack(301, 41)]
    rows += [data(301, 61, len=300, flags=ACK | PSH), ack(601, 121), *sent(601, 1400)]
    assert stalls(rows) == [("silence", -1, 121, 1400, False)]


def test_sack_is_progress() -> None:
    rows = [*opening_at_server(), data(1, 31), data(1001, 32), ack(1, 53, sack=((1001, 2001),))]
    known = facts(rows)
    assert progress_rows(known, 1)[-1]
    rows[-1] = ack(1, 53)
    assert not progress_rows(facts(rows), 1)[-1]


@pytest.mark.parametrize(("rtt_ms", "least_ms"), [(20, 200), (150, 300), (700, 1400)])
def test_threshold(rtt_ms: float, least_ms: float) -> None:
    """max(min(2 SRTT, RTO), 200 ms): with a first sample, RTO is SRTT + 2 RTT."""
    rows = [*handshake(rtt_ms=rtt_ms), up(1, len=100, ms=rtt_ms + 1)]
    rows += [P(False, 1, 101, 50, ms=2 * rtt_ms + 1)]
    assert threshold_ns(facts(rows), 0)[-1] == pytest.approx(least_ms * 1e6, rel=0.02)


@given(slow_traffic())
def test_laws(rows: list[P]) -> None:
    known = Facts(packets(rows))
    segments, table = known.segments, known.stalls
    assert ((table["flow"] == -1) == (table["kind"] == "silence")).all()
    assert set(table["kind"]) <= {"data", "window", "silence"}
    length = table["end_ns"] - table["start_ns"]
    assert (length > FLOOR_NS).all()
    for name in ("zero_ns", "shut_ns"):
        assert (table[name] <= length).all()
    assert (table["zero_ns"] <= table["shut_ns"]).all()
    group = table["group"].to_numpy()
    assert (
        table["end_ns"] <= np.maximum(known.end_ns, segments.groups.max(segments.time_ns))[group]
    ).all()
    closed = table["end_row"] != NEVER
    assert (table["end_row"][closed] > table["start_row"][closed]).all()
    assert not (table["open"] & closed).any()
    for flow in (0, 1):
        own = known.judged[known.judged["flow"] == flow].sort_values(["group", "start_ns"])
        for _, mine in own.groupby("group"):
            starts, ends = mine["start_ns"].to_numpy(), mine["end_ns"].to_numpy()
            if (np.diff(segments.time_ns) >= 0).all():
                assert (starts[1:] >= ends[:-1]).all(), "stalls of a flow overlap"
