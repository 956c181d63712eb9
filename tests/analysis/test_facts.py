import numpy as np
import pytest
from hypothesis import given

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.grouped import UNKNOWN
from tests.analysis.build import ACK, FIN, RST, SYN, P, down, handshake, packets, traffic, up


def handshake_ms(rows: list[P]) -> tuple[float | None, float | None]:
    halves = Facts(packets(rows)).handshake
    first, second = (None if ns[0] <= UNKNOWN else ns[0] / 1e6 for ns in halves)
    return first, second


def test_handshake() -> None:
    assert handshake_ms(handshake(rtt_ms=20)) == pytest.approx((20, 0.01))


def test_handshake_with_lost_packets() -> None:
    syn, answer, ack = handshake()
    again = [
        P(True, 0, flags=SYN, ms=-1000),
        P(True, 0, flags=SYN, ms=0),
        P(False, 0, 1, flags=SYN | ACK, ms=15),
        P(False, 0, 1, flags=SYN | ACK, ms=1015),
        P(True, 1, 1, ms=1020),
    ]
    assert handshake_ms(again) == pytest.approx((15, 5))
    assert handshake_ms([syn]) == (None, None)
    assert handshake_ms([answer, ack]) == (None, pytest.approx(0.01))
    assert handshake_ms([syn, P(False, 0, 1, flags=RST | ACK)]) == (None, None)


def test_closed() -> None:
    end = [up(1, flags=ACK | FIN), down(1, ack=2, flags=ACK | FIN)]
    assert Facts(packets(end)).closed.tolist() == [True]
    assert Facts(packets(end[:1])).closed.tolist() == [False]
    assert Facts(packets([up(1), P(False, 9, flags=RST)])).closed.tolist() == [True]


def test_copies_are_left_out() -> None:
    rows = []
    for number, row in enumerate(
        [up(1, len=5, ms=1), down(1, ack=6, len=7, ms=2), up(6, ack=8, ms=3)]
    ):
        rows += [
            P(**{**vars_of(row), "ip_id": number + 1, "ms": row.ms + late}) for late in (0, 0.01)
        ]
    facts = Facts(packets(rows))
    assert facts.twins.sum() == 3
    assert len(facts.all_segments.frame) == 6
    assert facts.segments.frame.tolist() == [1, 3, 5]
    assert all(not (loss.kind == 3).any() for loss in facts.losses)


def vars_of(row: P) -> dict[str, object]:
    return {name: getattr(row, name) for name in P.__dataclass_fields__}


@given(traffic())
def test_everything_has_a_value_for_every_row_and_stream(rows: list[P]) -> None:
    facts = Facts(packets(rows))
    n, streams = len(facts.segments.frame), len(facts.segments.groups)
    for flow in (0, 1):
        assert facts.losses[flow].kind.shape == (n,)
        assert facts.rtts[flow].sample_ns.shape == (n,)
        assert facts.mss[flow].shape == (streams,)
        assert (facts.mss[flow] > 0).all()
        assert facts.handshake[flow].shape == (streams,)
        srtt, rto = facts.path.srtt_ns(flow)
        assert (rto >= 2 * 10**8).all()
        assert ((srtt >= 0) | (srtt == UNKNOWN)).all()
    assert np.isin(facts.closed, [True, False]).all()
    assert facts.path.min_ns.shape == (streams,)
