import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tcpwin.analysis.grouped import UNKNOWN
from tcpwin.analysis.segments import prepare
from tcpwin.analysis.stamps import quantile, stamp_samples
from tests.analysis.build import ACK, SYN, P, down, packets, up


def samples(rows: list[P], flow: int = 0) -> list[float | None]:
    """The sample of each row, in ms."""
    found = stamp_samples(prepare(packets(rows)), flow)
    return [None if ns <= UNKNOWN else ns / 1e6 for ns in found.tolist()]


def stamped(stamp: int, ms: float, **other: object) -> P:
    return up(1, tsval=stamp, tsecr=7, ms=ms, **other)


def echo(stamp: int, ms: float, **other: object) -> P:
    return down(1, len=10, tsval=7, tsecr=stamp, ms=ms, **other)


def test_the_first_echo_of_an_ack_gives_the_round_trip() -> None:
    rows = [stamped(100, 0), echo(99, 5), echo(100, 20), echo(100, 21)]
    assert samples(rows) == [None, None, 20, None]


def test_of_a_stamp_that_was_sent_twice_the_first_counts() -> None:
    rows = [stamped(100, 0), stamped(100, 15), echo(99, 16), echo(100, 20)]
    assert samples(rows)[-1] == 20


def test_a_side_that_was_silent_in_between_had_nothing_to_say() -> None:
    assert samples([stamped(100, 0), echo(100, 900)]) == [None, None]
    assert samples([stamped(100, 0), stamped(101, 9), echo(100, 900)]) == [None] * 3


def test_handshakes_and_clocks_that_run_backwards_give_none() -> None:
    rows = [stamped(100, 0, flags=SYN), echo(99, 5), echo(100, 20)]
    assert samples(rows) == [None] * 3
    rows = [stamped(100, 0), echo(99, 5), echo(100, 20, flags=SYN | ACK)]
    assert samples(rows) == [None] * 3
    assert samples([stamped(100, 50), echo(99, 51), echo(100, 20)]) == [None] * 3
    assert samples([echo(99, 0), echo(100, 1), stamped(100, 2)]) == [None] * 3


def test_an_echo_of_zero_is_none_at_all() -> None:
    assert samples([stamped(0, 0), echo(99, 5), echo(0, 20)]) == [None] * 3


def test_streams_may_use_the_same_stamps() -> None:
    rows = [
        stamped(100, 0),
        stamped(100, 3, stream=1),
        echo(99, 5),
        echo(99, 5, stream=1),
        echo(100, 20),
        echo(100, 20, stream=1),
    ]
    assert samples(rows) == [None, None, 20, None, None, 17]  # sorted by stream
    assert samples(rows, 1) == [None] * 6


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-1000, 1 << 50)), max_size=40),
    st.sampled_from([0, 0.25, 0.5, 0.95, 1]),
)
def test_quantiles_are_those_of_each_group(pairs: list[tuple[int, int]], share: float) -> None:
    group = np.array([g for g, _ in pairs], np.int64)
    value = np.array([v for _, v in pairs], np.int64)
    found = quantile(value, group, 4, share)
    for each in range(4):
        mine = value[group == each]
        if len(mine):
            assert found[each] == np.quantile(mine, share, method="lower")
        else:
            assert np.isnan(found[each])
