from dataclasses import replace

from tcpwin.analysis.pathmtu import sent_again_later, too_large
from tests.analysis.build import P
from tests.analysis.scenes import MSS, ack, at_server, data, facts, opening, opening_at_server, sent


def hole(rows: list[P], flow: int = 1) -> bool:
    return bool(too_large(facts(rows), flow)[0])


def writes(full: int = 2, *, small: int = 400) -> list[P]:
    """Three writes at the server: full segments that vanish, a small one that arrives."""
    rows, seq, blocks = opening_at_server(), 1, []
    size = full * MSS + small
    for n in range(3):
        at = 21 + 20 * n
        rows += [data(seq + k * MSS, at + k / 100) for k in range(full)]
        rows.append(data(seq + full * MSS, at + 0.1, len=small))
        blocks.insert(0, (seq + full * MSS, seq + size))
        rows.append(ack(1, at + 20, sack=tuple(blocks)))
        seq += size
    return sorted(rows, key=lambda row: row.ms or 0)


AGAIN = [data(1, at) for at in (300, 700, 1500)]


def test_at_the_sender() -> None:
    assert hole([*writes(), *AGAIN])


def test_the_other_flow_is_not_meant() -> None:
    assert not hole([*writes(), *AGAIN], 0)


def test_one_full_segment_that_arrives_refutes_it() -> None:
    rows = [*writes(), *AGAIN]
    rows.append(ack(1, 1520, sack=((1001, 2001),)))
    assert not hole(rows)


def test_a_path_that_loses_small_ones_too() -> None:
    rows = [*opening_at_server(), *sent(1, 21), data(4001, 50, len=400)]
    assert not hole([*rows, *(data(4001, at, len=400) for at in (300, 700, 1500))])


def test_a_single_loss_of_a_full_segment_is_none() -> None:
    rows = [*opening_at_server(), data(1, 21), data(1001, 21.1, len=300), ack(1, 41)]
    assert not hole([*rows, ack(1, 41.1, sack=((1001, 1301),)), data(1, 42), ack(1301, 62)])


def test_blind() -> None:
    """Nothing of the flow ever arrived: a segment of full size, three times, is enough."""
    rows = [*opening_at_server(), data(1, 21), *(data(1, at) for at in (300, 700, 1500))]
    assert hole(rows)
    assert not hole([replace(r, len=400) if r.len == MSS else r for r in rows])


def test_at_the_receiver() -> None:
    """Only small segments come, each behind a hole that a full one would fill."""
    rows = [*opening(), data(2001, 41, len=400), ack(1, 41.1, sack=((2001, 2401),))]
    rows += [data(4401, 61, len=400), ack(1, 61.1, sack=((4401, 4801), (2001, 2401)))]
    assert hole(rows)
    assert not hole([*rows, data(1, 400), ack(1001, 400.1)])  # a full one came


def test_at_the_server_a_hole_is_not_the_paths() -> None:
    rows = [*opening(), data(2001, 41, len=400), ack(1, 41.1)]
    assert not hole(at_server(rows))


def test_sent_again_later() -> None:
    rows = [*writes(), *AGAIN]
    known = facts(rows)
    marked = [row for row, mark in zip(rows, sent_again_later(known, 1), strict=True) if mark]
    assert [(row.seq, row.ms) for row in marked] == [(1, 21), (1, 300), (1, 700)]
