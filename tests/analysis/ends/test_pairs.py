from dataclasses import replace

import pandas as pd

from tcpwin.analysis.ends.pairs import pairs
from tcpwin.analysis.facts import Facts
from tests.analysis.build import P, packets
from tests.analysis.ends.views import seen, talk


def facts(rows: list[P], isn: int = 0) -> Facts:
    return Facts(packets(rows, isn=isn))


def other(rows: list[P], stream: int) -> list[P]:
    """Another connection: its own numbers, identifications and size."""
    return [
        replace(r, stream=stream, ip_id=(r.ip_id or 0) + 5000 * stream, seq=r.seq + 7 * stream,
                len=r.len and r.len + stream)
        for r in rows
    ]  # fmt: skip


def merged(*parts: list[P]) -> list[P]:
    return sorted((row for part in parts for row in part), key=lambda row: row.ms or 0)


ONE, TWO = talk(5), other(talk(5), 1)


def test_a_connection_is_found_whatever_its_number() -> None:
    a = facts(merged(seen(ONE, at_client=True), seen(TWO, at_client=True)))
    swapped = [replace(row, stream=1 - row.stream) for row in merged(
        seen(ONE, at_client=False), seen(TWO, at_client=False))]  # fmt: skip
    table = pairs(a, facts(swapped))
    assert set(zip(table["a"], table["b"], strict=True)) == {(0, 1), (1, 0)}
    assert not table["flip"].any()
    assert table["votes"].is_monotonic_decreasing


def test_time_stamps_survive_new_numbers() -> None:
    stamped = [replace(row, tsval=90 + n, tsecr=40 + n, ip_id=None) for n, row in enumerate(ONE)]
    a, b = (facts(seen(stamped, at_client=side), isn) for side, isn in ((True, 0), (False, 12345)))
    assert pairs(a, b)[["a", "b"]].to_numpy().tolist() == [[0, 0]]


def test_identifications_alone_must_agree_three_times() -> None:
    a, b = (facts(seen(ONE, at_client=side), isn) for side, isn in ((True, 0), (False, 12345)))
    assert pairs(a, b)["votes"].iloc[0] >= 3
    few = [replace(row, ip_id=row.ip_id if n in (4, 5) else 0) for n, row in enumerate(ONE)]
    a, b = (facts(seen(few, at_client=side), isn) for side, isn in ((True, 0), (False, 12345)))
    assert pairs(a, b).empty


def test_the_side_that_each_takes_for_the_client_may_differ() -> None:
    turned = [replace(row, up=not row.up) for row in seen(ONE[2:], at_client=False)]
    table = packets(turned)
    table["seq_raw"] = pd.Series(
        [(r.seq + (1_000_000_000 if r.up else 3_000_000_000)) % 2**32 for r in turned],
        dtype=table["seq_raw"].dtype,
    )
    found = pairs(facts(seen(ONE, at_client=True)), Facts(table))
    assert found["flip"].tolist() == [True]


def test_nothing_in_common() -> None:
    a, b = facts(seen(ONE, at_client=True)), facts(seen(other(ONE, 3), at_client=False), 99)
    assert pairs(a, b).empty
    assert list(pairs(a, b)) == ["a", "b", "votes", "flip"]
