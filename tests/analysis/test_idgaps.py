from dataclasses import replace

from tcpwin.analysis.idgaps import missing_packets
from tests.analysis.build import ACK, SYN, P, down, up
from tests.analysis.scenes import facts


def counted(ids: list[int], *, length: int = 1000, rows: list[P] | None = None) -> list[int]:
    made = rows or [down(1 + length * n, len=length, ms=n, ip_id=i) for n, i in enumerate(ids)]
    return missing_packets(facts(made), 1).tolist()


def test_none_missing() -> None:
    assert counted([5, 6, 7, 8]) == [0, 0, 0, 0]


def test_a_jump_counts_what_is_missing() -> None:
    assert counted([5, 6, 7, 8, 12, 13]) == [0, 0, 0, 0, 3, 0]


def test_the_count_goes_on_past_65535() -> None:
    assert counted([65533, 65534, 65535, 0, 1, 4]) == [0, 0, 0, 0, 0, 2]


def test_a_host_that_does_not_count_each_connection_tells_nothing() -> None:
    assert counted([5, 9, 12, 13, 20, 31]) == [0] * 6  # one count for all its connections
    assert counted([0] * 6) == [0] * 6
    assert counted([17, 4711, 9, 60000, 3, 4]) == [0] * 6  # at random


def test_a_restart_of_the_count_is_no_loss() -> None:
    assert counted([*range(5, 15), 30_000, 30_001]) == [0] * 12


def test_segments_that_offload_merged_stand_for_as_many_packets() -> None:
    rows = [P(False, 0, flags=SYN | ACK, ack=1, ip_id=4, mss=1000, ms=0)]
    rows += [down(1 + 1000 * n, len=1000, ms=n + 1, ip_id=5 + n) for n in range(8)]
    rows += [down(8001, len=3000, ms=10, ip_id=13), down(11001, len=1000, ms=11, ip_id=16)]
    assert counted([], rows=rows) == [0] * 11
    rows[-1] = replace(rows[-1], ip_id=18)
    assert counted([], rows=rows)[-1] == 2


def test_what_the_capture_dropped_is_not_missing() -> None:
    rows = [P(False, 0, flags=SYN | ACK, ack=1, ip_id=4, mss=1000, ms=0)]
    rows += [down(1 + 1000 * n, len=1000, ms=n + 1, ip_id=5 + n) for n in range(8)]
    rows += [down(9001, len=1000, ms=9900, ip_id=14)]  # 13, with 8001 to 9000, is not there
    assert counted([], rows=rows)[-1] == 1
    acknowledged = [*rows, up(1, ack=10001, ms=9901)]
    assert counted([], rows=acknowledged) == [0] * len(acknowledged)
    sent_again = [*rows, down(8001, len=1000, ms=9950, ip_id=15), up(1, ack=10001, ms=9951)]
    assert counted([], rows=sent_again)[9] == 1
