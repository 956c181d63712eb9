import numpy as np
import pytest

from tests.analysis.build import ACK, PSH, P
from tests.analysis.scenes import ack, at_server, data, facts, opening


def exchange(wait_ms: float, *, next_ms: float = 0.2, next_len: int = 50) -> list[P]:
    """Small writes of the server; the second ACK comes late, the next write right after it."""
    rows = [*opening(), data(1, 41, len=50, flags=ACK | PSH), ack(51, 41.1)]
    rows += [data(51, 61, len=50, flags=ACK | PSH), ack(101, 61 + wait_ms)]
    return at_server([*rows, data(101, 61 + wait_ms + 20 + next_ms, len=next_len)])


def late(rows: list[P]) -> list[bool]:
    return facts(rows).delays[1].late.tolist()


@pytest.mark.parametrize(
    ("wait_ms", "delayed"), [(0.2, False), (25, False), (40, True), (200, True), (600, False)]
)
def test_late(wait_ms: float, delayed: bool) -> None:
    found = facts(exchange(wait_ms)).delays[1].late
    assert found.sum() == delayed
    assert not delayed or np.flatnonzero(found).tolist() == [7]


def test_an_ack_of_much_is_not_delayed_but_slow() -> None:
    rows = [*opening(), data(1, 41), ack(1001, 41.1)]
    rows += [data(1001, 61), data(2001, 61.1), ack(3001, 161)]
    assert not any(late(at_server(rows)))


def test_an_ack_that_leaves_more_in_flight_waits_for_nothing() -> None:
    rows = [*opening(), data(1, 41), ack(1001, 41.1)]
    rows += [data(1001, 61, len=50), data(1051, 61.1, len=50), ack(1051, 161)]
    assert not any(late(at_server(rows)))


def test_released() -> None:
    rows = exchange(40)
    assert facts(rows).delays[1].released[7]
    assert not facts(exchange(40, next_ms=50)).delays[1].released[7]
    assert not facts(exchange(40, next_len=1000)).delays[1].released[7]
