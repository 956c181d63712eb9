from dataclasses import replace

from tcpwin.analysis.segments import SYN
from tests.analysis.build import PSH
from tests.analysis.ends.views import MSS, end, seen, talk


def test_rows_are_those_of_the_sender_and_flip_turns_them() -> None:
    one = end(seen(talk(3), at_client=True))
    assert [len(one.rows(flow)) for flow in (0, 1)] == [6, 4]
    turned = replace(one, flip=True)
    assert turned.rows(1).tolist() == one.rows(0).tolist()
    assert (turned.own(0), turned.own(1)) == (1, 0)


def test_numbers_take_the_shift_off_each_flow() -> None:
    one = end(seen(talk(2), at_client=True))
    moved = replace(one, shift=(7, 100))
    assert (one.numbers[0] - moved.numbers[0])[one.rows(0)].tolist() == [7] * 5
    assert (one.numbers[1] - moved.numbers[1])[one.rows(1)].tolist() == [100] * 3
    acks = (one.numbers[2] - moved.numbers[2])[one.rows(0)]
    assert acks.tolist() == [0, 100, 100, 100, 100]  # the SYN acknowledges nothing
    assert one.una(1).max() == 1 + 2 * MSS
    assert moved.una(1).max() == 1 + 2 * MSS - 100


def test_marks_and_what_takes_numbers() -> None:
    one = end(seen(talk(1), at_client=True))
    assert one.marks.max() == SYN
    assert not (one.marks & PSH).any()
    assert one.takes(one.rows(1)).tolist() == [True, True]
    assert one.takes(one.rows(0)).tolist() == [True, False, True, False]
