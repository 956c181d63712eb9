import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.limits import IDLE
from tcpwin.analysis.tally import active_ns, outside_ns, rows_table
from tests.analysis.build import P, down, handshake, packets, traffic, up


@settings(max_examples=25)
@given(traffic(), st.data())
def test_one_finding_for_each_stream_with_a_mark(rows: list[P], data: st.DataObject) -> None:
    facts = Facts(packets(rows))
    n = len(facts.segments.frame)  # copies are left out
    marks = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), bool)
    table = rows_table(facts, 1, marks, cause="loss")
    ids, time = facts.segments.groups.ids, facts.segments.time_ns
    expected = []
    for group in np.unique(ids[marks]):
        mine = np.flatnonzero(marks & (ids == group))
        expected.append((group, 1, time[mine[0]], time[mine[-1]], mine[0], mine[-1], len(mine)))
    columns = ["group", "flow", "start_ns", "end_ns", "first_row", "last_row", "count"]
    assert [tuple(row) for row in table[columns].to_numpy()] == expected
    assert (table["cause"] == "loss").all()
    assert not table["open"].any()


@settings(max_examples=25)
@given(traffic())
def test_time_is_counted_once(rows: list[P]) -> None:
    facts = Facts(packets(rows))
    begin = facts.segments.time_ns[facts.segments.groups.starts]
    for flow in (0, 1):
        limits, stalled = facts.limits[flow], facts.stalled[flow]
        ids = facts.segments.groups.ids
        idle = np.bincount(ids, np.where(limits.limiter == IDLE, limits.hold_ns, 0))
        assert np.allclose(active_ns(facts, flow), facts.end_ns - begin - idle)
        everything = outside_ns(facts, flow, np.ones(len(ids), bool))
        held = np.bincount(ids, np.where(stalled, limits.hold_ns, 0))
        assert np.allclose(everything, facts.end_ns - begin - held)
        assert outside_ns(facts, flow, stalled).tolist() == [0] * len(begin)


def test_what_a_stall_accounts_for_is_left_out() -> None:
    rows = [
        *handshake(rtt_ms=0.01, window=3000),
        up(1, len=100, ms=20, window=2920),
        down(1, 101, len=1460, ms=21),
        down(1461, 101, len=1460, ms=22),
        up(101, ack=2921, window=0, ms=30),
        up(101, ack=2921, window=2920, ms=130),  # too short for a stall
        down(2921, 101, len=1460, ms=130.1),
        down(4381, 101, len=1460, ms=130.2),
        up(101, ack=5841, window=0, ms=140),
        down(5840, 101, ms=500),
        up(101, ack=5841, window=0, ms=500.1),
        down(5840, 101, ms=1000),
        up(101, ack=5841, window=2920, ms=1000.1),
        down(5841, 101, len=1460, ms=1000.2),
        up(101, ack=7301, window=2920, ms=1010),
    ]
    facts = Facts(packets(rows))
    closed = facts.chokes[1].zero
    assert facts.limits[1].hold_ns[closed].sum() / 1e6 == pytest.approx(960.1)
    assert outside_ns(facts, 1, closed).tolist() == pytest.approx([100e6])
