import numpy as np
import pytest

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.grouped import UNKNOWN
from tcpwin.analysis.rtt import Path, Rtt
from tcpwin.analysis.segments import prepare
from tcpwin.analysis.state import State
from tests.analysis.build import SYN, P, down, handshake, packets, up


def samples(rows: list[P], flow: int = 1) -> list[float | None]:
    """The sample of each row, in ms."""
    rtt = Rtt(State(prepare(packets(rows)), flow))
    return [None if ns <= UNKNOWN else ns / 1e6 for ns in rtt.sample_ns.tolist()]


def test_each_ack_measures_the_segment_it_acknowledges_last() -> None:
    rows = [
        down(1, len=100, ms=0),
        down(101, len=100, ms=1),
        up(1, ack=1, ms=5),
        up(1, ack=201, ms=11),
    ]
    assert samples(rows) == [None, None, None, 10]


def test_a_segment_that_offload_merged_is_measured_by_each_of_its_acks() -> None:
    rows = [up(1, ms=0), down(1, len=3000, ms=0), up(1, ack=1001, ms=10), up(1, ack=3001, ms=12)]
    assert samples(rows)[2:] == [10, 12]


def test_karn_a_retransmission_spoils_the_sample() -> None:
    rows = [
        up(1, ms=0),
        down(1, len=100, ms=0),
        down(101, len=100, ms=1),
        down(51, len=100, ms=300),  # other boundaries
        up(1, ack=201, ms=310),
        down(201, len=100, ms=320),
        up(1, ack=301, ms=330),
    ]
    assert samples(rows)[4:] == [None, None, 10]


def test_a_syn_sent_twice_gives_no_sample() -> None:
    rows = [P(True, 0, flags=SYN, ms=0), P(True, 0, flags=SYN, ms=1000),
            P(False, 0, 1, flags=SYN | 16, ms=1010)]  # fmt: skip
    assert samples(rows, 0) == [None, None, None]


def test_what_is_sent_again_after_its_ack_did_not_cause_it() -> None:
    rows = [
        *handshake(),
        down(1, len=100, ms=20),
        up(1, ack=101, ms=30),
        down(100, len=1, ms=7000),  # a keep-alive
        down(1, len=100, ms=8000),  # the ACK was lost further on
    ]
    assert samples(rows)[4] == pytest.approx(10)


def test_a_filled_hole_releases_the_ack() -> None:
    late = [up(1, ms=0), down(1, len=100, ms=0), down(201, len=100, ms=1)]
    rows = [*late, up(1, ack=101, ms=2), down(101, len=100, ms=50), up(1, ack=301, ms=51)]
    assert samples(rows)[3:] == [2, None, None]  # the last byte acknowledged came at 1 ms
    rows = [*late, up(1, ack=101, ms=2, sack=((201, 301),)), up(1, ack=301, ms=51)]
    assert samples(rows)[3:] == [2, None]  # the filling was not even captured


def test_an_ack_of_what_was_not_captured_measures_nothing() -> None:
    rows = [up(1, ms=0), down(1, len=100, ms=0), up(1, ack=5001, ms=10), up(1, ack=6001, ms=99)]
    assert samples(rows)[2:] == [None, None]


def test_an_ack_captured_before_its_data_measures_nothing() -> None:
    rows = [up(1, ms=0), down(1, len=100, ms=1), up(1, ack=201, ms=30), down(101, len=100, ms=20)]
    assert samples(rows) == [None] * 4


def test_a_clock_that_runs_backwards_gives_no_negative_sample() -> None:
    rows = [up(1, ms=0), down(1, len=100, ms=50), up(1, ack=101, ms=20)]
    assert samples(rows) == [None, None, None]


def smoothed(rtt: list[float]) -> list[tuple[float, float, float]]:
    """RFC 6298 2.2 and 2.3, word by word."""
    out: list[tuple[float, float, float]] = []
    srtt = var = 0.0
    for number, sample in enumerate(rtt):
        if not number:
            srtt, var = sample, sample / 2
        else:
            var = 0.75 * var + 0.25 * abs(srtt - sample)
            srtt = 0.875 * srtt + 0.125 * sample
        out.append((srtt, var, srtt + max(0.2, 4 * var)))
    return out


def test_smoothing_is_that_of_rfc_6298() -> None:
    random = np.random.default_rng(1)
    rows: list[P] = []
    times: dict[int, list[float]] = {0: [], 1: []}
    for stream, count in ((0, 400), (1, 3)):
        rows.append(up(1, ms=0, stream=stream))
        for i in range(count):
            rtt = float(random.integers(1, 500))
            times[stream].append(rtt / 1e3)
            rows.append(down(1 + 100 * i, len=100, ms=1000 * i, stream=stream))
            rows.append(up(1, ack=101 + 100 * i, ms=1000 * i + rtt, stream=stream))
    table = Rtt(State(prepare(packets(rows)), 1)).table
    got = table[["srtt_s", "rttvar_s", "rto_s"]].to_numpy()
    expected = np.array(smoothed(times[0]) + smoothed(times[1]))
    assert np.allclose(got, expected, rtol=1e-9, atol=1e-12)
    assert table["rtt_s"].tolist() == pytest.approx(times[0] + times[1])


def test_no_samples() -> None:
    rtt = Rtt(State(prepare(packets([up(1), down(1, len=10)])), 1))
    assert rtt.table.empty
    assert rtt.min_ns.tolist() == [UNKNOWN]
    path = Path((rtt, rtt))
    assert path.min_ns.tolist() == [UNKNOWN]
    srtt, rto = path.srtt_ns(1)
    assert set(srtt.tolist()) == {UNKNOWN}
    assert set(rto.tolist()) == {10**9}  # RFC 6298 2.1


def test_the_halves_of_the_path_add_up_at_any_vantage() -> None:
    for at_client in (0.1, 4, 9.9):  # of 10 ms
        rows = [
            P(True, 0, flags=SYN, ms=0),
            P(False, 0, 1, flags=SYN | 16, ms=10 - at_client),
            up(1, ms=10, len=5),
            down(1, ack=6, ms=20 - at_client, len=100),
            up(6, ack=101, ms=20),
        ]
        facts = Facts(packets(rows))
        assert facts.path.min_ns.tolist() == pytest.approx([10e6])
        srtt, rto = facts.path.srtt_ns(1)
        assert srtt[-1] == pytest.approx(10e6)
        assert rto[-1] >= 210e6
