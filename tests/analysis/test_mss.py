import pytest

from tcpwin.analysis.mss import mss
from tcpwin.analysis.segments import prepare
from tcpwin.analysis.state import State
from tests.analysis.build import SYN, P, down, packets, up


def of(rows: list[P]) -> list[int]:
    segments = prepare(packets(rows))
    return [int(mss(State(segments, flow))[0]) for flow in (0, 1)]


def syns(ours: int | None, theirs: int | None, **other: object) -> list[P]:
    return [
        P(True, 0, flags=SYN, mss=ours, **other),  # type: ignore[arg-type]
        P(False, 0, 1, flags=SYN | 16, mss=theirs, **other),  # type: ignore[arg-type]
    ]


def test_the_smaller_of_both_options_holds_both_ways() -> None:
    assert of(syns(1460, 1300)) == [1300, 1300]
    assert of(syns(1460, None)) == [1460, 1460]


def test_time_stamps_take_their_room() -> None:
    """RFC 6691: the option does not count them; a SYN that offers in vain takes nothing."""
    stamped = [*syns(1460, 1460, tsval=1), up(1, tsval=2), down(1, len=1448, tsval=3)]
    assert of(stamped) == [1448, 1448]
    assert of([*syns(1460, 1460, tsval=1), up(1), down(1, len=1460)]) == [1460, 1460]


@pytest.mark.parametrize(
    ("longest", "expected"), [(1300, 1300), (100, 1460), (536, 1460), (64000, 1460), (0, 1460)]
)
def test_without_options_by_the_longest_segment(longest: int, expected: int) -> None:
    assert of([down(1, len=longest), up(1)]) == [1460, expected]
