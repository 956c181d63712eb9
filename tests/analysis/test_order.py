import numpy as np
import pytest

from tcpwin.analysis.grouped import NEVER
from tcpwin.analysis.order import counts_ip_ids, sent_earlier
from tcpwin.analysis.segments import prepare
from tests.analysis.build import P, down, packets, up


def counts(ids: list[int | None]) -> bool:
    rows = [down(1 + i, len=1, ip_id=number, v6=number is None) for i, number in enumerate(ids)]
    segments = prepare(packets([up(1, ip_id=7), *rows]))
    return bool(counts_ip_ids(segments, segments.sends(1))[0])


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([1, 2, 3, 4], True),
        ([65534, 65535, 0, 1], True),
        ([1, 200, 500, 700], True),  # a host with other connections
        ([0, 0, 0, 0], False),
        ([5, 60000, 31000, 12], False),
        ([4, 3, 2, 1], False),
        ([1, 2, 3, 5, 4, 6, 7, 8, 9, 10], True),  # one overtook another
        ([9], False),
        ([None, None], False),
    ],
)
def test_who_counts(ids: list[int | None], expected: bool) -> None:
    assert counts(ids) is expected


def earlier(row: P, than: P, *, ids: tuple[int, ...] = (1, 2, 3, 4, 5)) -> tuple[bool, bool]:
    rows = [*(down(1 + i, len=1, ip_id=number) for i, number in enumerate(ids)), than, row]
    segments = prepare(packets(rows))
    at, before = np.array([len(rows) - 1]), np.array([len(rows) - 2])
    answer, told = sent_earlier(segments, segments.sends(1), at, before)
    return bool(answer[0]), bool(told[0])


def test_time_stamps_come_first() -> None:
    assert earlier(down(8, tsval=1, ip_id=9), down(9, tsval=2, ip_id=8)) == (True, True)
    assert earlier(down(8, tsval=3, ip_id=7), down(9, tsval=2, ip_id=8)) == (False, True)
    assert earlier(down(8, tsval=(1 << 32) - 1), down(9, tsval=1)) == (True, True)  # wrapped


def test_the_same_tick_leaves_it_to_the_identification() -> None:
    assert earlier(down(8, tsval=2, ip_id=6), down(9, tsval=2, ip_id=7)) == (True, True)
    assert earlier(down(8, tsval=2, ip_id=7), down(9, tsval=2, ip_id=6)) == (False, True)


def test_nothing_tells() -> None:
    assert earlier(down(8), down(9))[1] is False
    assert earlier(down(8, ip_id=0), down(9, ip_id=0), ids=(0, 0, 0))[1] is False
    assert earlier(down(8, ip_id=6), down(9, ip_id=7), ids=(9, 40000, 3, 22222))[1] is False


def test_no_other_row() -> None:
    segments = prepare(packets([down(1, tsval=1), down(2, tsval=2)]))
    _, told = sent_earlier(segments, segments.sends(1), np.array([1]), np.array([NEVER]))
    assert told.tolist() == [False]
