from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcpwin.analysis.bounds import closed, handshake, one_sided
from tcpwin.analysis.facts import Facts
from tcpwin.analysis.grouped import UNKNOWN
from tcpwin.analysis.segments import prepare
from tests.analysis import build
from tests.analysis.build import ACK, FIN, PSH, RST, SYN, P, down, packets, traffic, up

SYN_ACK = SYN | ACK
OPEN = build.handshake()


def halves(rows: list[P]) -> list[float | None]:
    found = handshake(prepare(packets(rows)))
    return [None if half[0] <= UNKNOWN else half[0] / 1e6 for half in found]


def test_the_halves_of_the_handshake() -> None:
    syn, answer, ack = (P(True, 0, flags=SYN, ms=0), P(False, 0, 1, flags=SYN_ACK, ms=30),
                        up(1, len=10, ms=35))  # fmt: skip
    assert halves([syn, answer, ack]) == [30, 5]
    assert halves([answer, ack]) == [None, 5]
    assert halves([syn, answer]) == [30, None]
    assert halves([syn, ack]) == [None, None]
    assert halves([syn, answer, up(1, ms=35, flags=RST | ACK)]) == [30, None]


def test_the_newest_of_those_that_were_repeated() -> None:
    rows = [
        P(True, 0, flags=SYN, ms=0),
        P(True, 0, flags=SYN, ms=1000),
        P(False, 0, 1, flags=SYN_ACK, ms=1030),
        P(False, 0, 1, flags=SYN_ACK, ms=2030),
        up(1, ms=2035),
        up(1, len=10, ms=2100),
    ]
    assert halves(rows) == [30, 5]


def test_closed_by_a_reset_or_by_both_sides() -> None:
    def ends(*rows: P) -> bool:
        return bool(closed(prepare(packets([*OPEN, *rows])))[0])

    fins = up(1, flags=FIN | ACK), down(1, flags=FIN | ACK)
    assert not ends()
    assert not ends(fins[0], fins[0])
    assert not ends(fins[1])
    assert ends(*fins)
    assert ends(up(1, flags=RST))
    assert ends(down(1, flags=RST | ACK))


@settings(max_examples=400)
@given(traffic())
def test_one_direction_only(rows: list[P]) -> None:
    segments = prepare(packets(rows))
    for stream, found in zip(segments.streams, one_sided(segments), strict=True):
        mine = [row for row in rows if row.stream == stream]
        talked = any(not row.flags & SYN for row in mine)
        assert found == (len({row.up for row in mine}) == 1 and talked)


def test_a_lone_syn_does_not_tell_that_a_side_is_missing() -> None:
    syn = P(True, 0, flags=SYN)
    assert one_sided(prepare(packets([syn, syn, up(1, stream=1)]))).tolist() == [False, True]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([down(1, len=1460)], (False, True)),
        ([down(1, len=1460, flags=ACK | PSH)], (False, False)),
        ([down(1, len=1459)], (False, False)),
        ([down(1, len=1460), down(1461, len=10)], (False, False)),
        ([down(1, len=1460), down(1, len=1460, flags=ACK | PSH)], (False, True)),  # not new
        ([down(1, len=1460), up(1, ack=1461)], (False, True)),
        ([down(1, len=1460), up(1, 1461, len=1460)], (True, False)),
        ([up(1, len=1460), down(1, 1461, len=9)], (False, False)),
    ],
)
def test_a_write_is_cut_off_after_a_full_segment_without_push(
    rows: list[P], expected: tuple[bool, bool]
) -> None:
    facts = Facts(packets([*OPEN, *rows]))
    assert tuple(bool(flow[-1]) for flow in facts.cut_off) == expected
    assert not np.logical_or(*facts.cut_off)[: len(OPEN)].any()  # it tells of what came before


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_each_stream_for_itself(kinds: list[int]) -> None:
    make = [
        [P(True, 0, flags=SYN, ms=0), P(False, 0, 1, flags=SYN_ACK, ms=9), up(1, ms=11)],
        [up(1, ms=0), down(1, flags=RST, ms=1)],
        [down(1, len=1460, ms=0)],
        [P(True, 0, flags=SYN, ms=0)],
    ]
    rows = [replace(p, stream=n) for n, kind in enumerate(kinds) for p in make[kind]]
    segments = prepare(packets(rows))
    assert closed(segments).tolist() == [kind == 1 for kind in kinds]
    assert one_sided(segments).tolist() == [kind == 2 for kind in kinds]
    assert (handshake(segments)[0] == 9_000_000).tolist() == [kind == 0 for kind in kinds]
    assert (handshake(segments)[1] == 2_000_000).tolist() == [kind == 0 for kind in kinds]
