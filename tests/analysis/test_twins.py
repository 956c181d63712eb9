from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcpwin.analysis.segments import prepare
from tcpwin.analysis.twins import twins
from tests.analysis.build import P, down, handshake, packets, traffic, up


def found(rows: list[P]) -> list[bool]:
    """Whether each packet counts as a copy, in the order given."""
    segments = prepare(packets(rows))
    result = np.zeros(len(rows), bool)
    result[segments.order] = twins(segments)
    return result.tolist()


def download(**fields: object) -> list[P]:
    rows = [
        *handshake(),
        down(1, len=100, ms=20),
        down(101, len=100, ms=21),
        *(up(1, ack=101, ms=22 + i / 5) for i in range(4)),
        down(201, len=100, ms=60),
    ]
    ids = {True: 0, False: 0}
    numbered = []
    for row in rows:
        ids[row.up] += 1
        numbered.append(replace(row, ip_id=ids[row.up], **fields))  # type: ignore[arg-type]
    return numbered


def mirrored(rows: list[P], copies: int = 2, after_ms: float = 0.01, ttl: int = 64) -> list[P]:
    out = []
    for row in rows:
        assert row.ms is not None
        out += [
            replace(row, ms=row.ms + number * after_ms, ttl=ttl if number else 64)
            for number in range(copies)
        ]
    return out


@pytest.mark.parametrize(
    "fields", [{}, {"ip_id": 0}, {"v6": True}], ids=["counted", "zero", "ipv6"]
)
@pytest.mark.parametrize("ttl", [64, 63])
@pytest.mark.parametrize("copies", [2, 3, 4])
def test_every_packet_several_times(fields: dict[str, object], ttl: int, copies: int) -> None:
    rows = download()
    rows = [replace(row, **fields) for row in rows] if fields else rows  # type: ignore[arg-type]
    got = found(mirrored(rows, copies, ttl=ttl))
    if not fields:
        assert got == [False, *[True] * (copies - 1)] * len(rows)
    assert sum(got) == (copies - 1) * len(rows)  # four equal duplicate ACKs stay four


def test_nothing_is_a_copy_without_a_mirror() -> None:
    for fields in ({}, {"ip_id": 0}, {"v6": True}):
        rows = [replace(row, **fields) for row in download()]  # type: ignore[arg-type]
        assert not any(found(rows))


def test_one_direction_only() -> None:
    rows = [replace(row, v6=True) for row in download()]
    both = []
    for row in rows:
        both += [row, replace(row, ms=row.ms + 0.01)] if not row.up else [row]
    assert sum(found(both)) == sum(not row.up for row in rows)


def test_a_retransmission_with_the_same_identification_is_none() -> None:
    """RFC 1122 3.2.1.5 allows it."""
    rows = [*download(), down(201, len=100, ms=1500, ip_id=5)]
    assert not any(found(rows))


def test_equal_duplicate_acks_without_identification_are_none() -> None:
    acks = [up(1, ack=101, ms=30 + i / 10, v6=True) for i in range(20)]
    assert not any(found([*[replace(row, v6=True) for row in download()], *acks]))


def test_a_queue_between_entry_and_exit() -> None:
    rows = mirrored(download(), after_ms=300, ttl=63)
    rows.sort(key=lambda row: row.ms)
    assert sum(found(rows)) == len(rows) // 2


@given(traffic(), st.integers(2, 4))
def test_a_mirror_can_be_undone(rows: list[P], copies: int) -> None:
    plain = [replace(row, ip_id=number + 1, ms=number) for number, row in enumerate(rows)]
    assert not any(found(plain))
    got = found(mirrored(plain, copies))
    assert got == [False, *[True] * (copies - 1)] * len(rows)


def test_few_rows() -> None:
    assert found([up(1)]) == [False]
    assert found([up(1, ms=0), up(1, ms=0.1)]) == [False, True]
