import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.grouped import UNKNOWN
from tcpwin.analysis.sparks import sparks
from tests.analysis.build import P, down, handshake, packets, traffic, up
from tests.analysis.scenes import facts

# The window of the client: 8000, closed for 1 ms at 50 ms, 4000 to the end at 100 ms.
CLOSING = [
    *handshake(rtt_ms=0.01, window=8000),
    down(1, len=1000, ms=45),
    up(1, ack=1001, window=0, ms=50),
    up(1, ack=1001, window=4000, ms=51),
]


def test_a_moment_of_zero_window_stays() -> None:
    found = sparks(facts(CLOSING, end_ms=100), np.array([0]), 5)
    assert found.flow.tolist() == [1]
    assert found.window.tolist() == [[8000, 8000, 0, 4000, 4000]]
    assert found.flight.tolist() == [[1, 0, 1000, 0, 0]]
    assert (found.most_window.item(), found.most_flight.item()) == (8000, 1000)


def test_streams_in_the_order_asked_for() -> None:
    other = [P(**{**vars(row), "stream": 1, "window": 2 * row.window}) for row in CLOSING]
    known = facts([*CLOSING, *other], end_ms=100)
    there, back = (sparks(known, np.array(order), 4) for order in ([0, 1], [1, 0]))
    assert there.window[::-1].tolist() == back.window.tolist()
    assert there.most_window.tolist() == [8000, 16000]


def test_one_packet() -> None:
    found = sparks(facts([up(1, len=10, ms=0)]), np.array([0]), 3)
    assert np.isnan(found.window).all()
    assert np.isnan(found.most_window).all()


def test_nothing_asked_for() -> None:
    assert sparks(facts(CLOSING), np.array([], np.int64), 3).window.shape == (0, 3)


@settings(deadline=None, max_examples=60)
@given(traffic(), st.integers(1, 7))
def test_as_by_hand(rows: list[P], parts: int) -> None:
    known = Facts(packets(rows))
    segments = known.segments
    found = sparks(known, segments.streams, parts)
    for place, flow in enumerate(found.flow):
        mine = segments.groups.ids == place
        clock = np.maximum.accumulate(segments.time_ns[mine])
        begin = segments.time_ns[mine].min()
        span = max(int(known.end_ns[place] - begin), 1)
        for values, got, pick in (
            (known.states[flow].window[mine], found.window[place], min),
            (known.states[flow].flight[mine], found.flight[place], max),
        ):
            held = np.nan
            for part in range(parts):
                inside = np.minimum((clock - begin) * parts // span, parts - 1) == part
                here = [v for v in values[inside] if v > UNKNOWN]
                every = here if np.isnan(held) else [held, *here]
                expected = pick(every) if every else np.nan
                assert got[part] == pytest.approx(expected, nan_ok=True)
                held = here[-1] if here else held
