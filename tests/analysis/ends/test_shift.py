from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcpwin.analysis.ends.shift import shift
from tests.analysis.build import P
from tests.analysis.ends.views import end, seen, talk

Change = Callable[[list[P]], list[P]]

SENT = talk(5)


def stamped(rows: list[P]) -> list[P]:
    return [replace(row, tsval=10 + n, tsecr=5 + n, ip_id=None) for n, row in enumerate(rows)]


def test_the_same_numbers_are_not_shifted() -> None:
    client, server = (end(seen(SENT, at_client=side)) for side in (True, False))
    assert [shift(client, server, flow) for flow in (0, 1)] == [0, 0]


@pytest.mark.parametrize("change", [stamped, list], ids=["time stamps", "IP identification"])
def test_a_box_that_counts_otherwise_is_found_by_what_it_leaves(change: Change) -> None:
    """The server's capture begins with the third segment and counts, raw, too, from elsewhere."""
    sent = change(SENT)
    late = [
        replace(r, seq=r.seq - (50 if r.up else 2000), ack=r.ack - (2000 if r.up else 50))
        for r in seen(sent, at_client=False)[8:]
    ]
    client, server = end(seen(sent, at_client=True)), end(late)
    assert [shift(client, server, flow) for flow in (0, 1)] == [-50, -2000]


@settings(max_examples=20)
@given(st.integers(0, 2**31 - 1))
def test_raw_numbers_tell_how_far_relative_ones_are_apart(more: int) -> None:
    """Without identifications and time stamps: the server's capture counts from elsewhere."""
    sent = [replace(row, ip_id=None) for row in SENT]
    client = end(seen(sent, at_client=True))
    server = end(seen(sent, at_client=False), isn=more, raw=(-more, -more))
    assert [shift(client, server, flow) for flow in (0, 1)] == [more, more]


def test_no_packet_of_a_flow_needs_no_shift() -> None:
    half = [row for row in SENT if row.up]
    one = end(seen(half, at_client=True))
    assert shift(one, one, 1) == 0
