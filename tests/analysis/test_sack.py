from tcpwin.analysis.progress import progress
from tcpwin.analysis.sack import sack_blocks, sacked_bytes
from tcpwin.analysis.segments import prepare
from tests.analysis.build import WRAP, P, down, packets, up


def board(rows: list[P], isn: int = 0) -> tuple[list[tuple[int, int, int, bool]], list[int]]:
    segments = prepare(packets(rows, isn=isn))
    steps = progress(segments, 1)
    blocks = sack_blocks(segments, steps)
    return (
        list(blocks.itertuples(index=False, name=None)),
        sacked_bytes(segments, steps, blocks).tolist(),
    )


def data(count: int) -> list[P]:
    return [down(1 + 100 * i, len=100) for i in range(count)]


def test_blocks_grow_merge_and_go() -> None:
    rows = [
        *data(8),
        up(1, ack=101, sack=((201, 301),)),
        up(1, ack=101, sack=((201, 401),)),
        up(1, ack=101, sack=((501, 601), (201, 401))),
        up(1, ack=101, sack=((201, 601),)),  # 401..501 came
        up(1, ack=601),
        up(1, ack=801),
    ]
    blocks, sacked = board(rows)
    assert sacked[8:] == [100, 200, 300, 400, 0, 0]
    assert [block[0] for block in blocks] == [8, 9, 10, 10, 11]


def test_blocks_that_are_no_longer_repeated_stay() -> None:
    rows = [
        *data(9),
        up(1, sack=((201, 301),)),
        up(1, sack=((401, 501),)),
        up(1, sack=((601, 701),)),
    ]
    assert board(rows)[1][9:] == [100, 200, 300]


def test_dsack_does_not_count() -> None:
    """RFC 2883 4: the first block lies below the ACK, or inside the second."""
    rows = [
        *data(9),
        up(1, ack=301, sack=((101, 201),)),
        up(1, ack=301, sack=((501, 601), (501, 801))),
        up(1, ack=301, sack=((501, 801),)),
    ]
    blocks, sacked = board(rows)
    assert [block[3] for block in blocks] == [True, True, False, False]
    assert sacked[9:] == [0, 300, 300]


def test_blocks_that_report_what_was_never_sent() -> None:
    """A middlebox that changes sequence numbers and forgets the option, or garbage."""
    rows = [*data(3), up(1, ack=101, sack=((10**6, 10**6 + 100), (301, 301)))]
    assert board(rows) == ([], [0] * 4)


def test_blocks_of_a_late_ack_come_too_late() -> None:
    rows = [*data(4), up(1, ack=401), up(1, ack=1, sack=((101, 201),))]
    assert board(rows)[1] == [0] * 6


def test_a_receiver_that_takes_back_half_of_what_it_reported() -> None:
    """RFC 2018 8: reneging."""
    rows = [*data(6), up(1, ack=1, sack=((201, 401),)), up(1, ack=301), up(1, ack=401)]
    assert board(rows)[1][6:] == [200, 100, 0]


def test_across_the_wrap() -> None:
    rows = [*data(6), up(1, ack=101, sack=((201, 401),)), up(1, ack=501)]
    for isn in (WRAP - 50, WRAP - 250, WRAP - 350):
        assert board(rows, isn)[1][6:] == [200, 0]


def test_no_options() -> None:
    assert board(data(2)) == ([], [0, 0])
