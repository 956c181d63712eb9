from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcpwin.analysis.ends import bring_together, same_capture
from tests.analysis.ends.views import both, end, seen, talk

SENT = talk(6)
S_MS = 1000.0


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("offset_ms", [0, -3 * S_MS, 12_345.678])
def test_who_is_near_the_client_is_told_whatever_the_clocks_show(
    swap: bool, offset_ms: float
) -> None:
    found = both(SENT, offset_ms=offset_ms, swap=swap)
    assert (found.swapped, found.told_by) == (swap, "journeys")
    assert found.clock.offset_ns == pytest.approx(offset_ms * 1e6, abs=1)
    assert found.sender(0) is found.receiver(1) is found.client
    assert found.sender(1) is found.receiver(0) is found.server


def test_with_one_direction_hops_tell_else_the_order() -> None:
    ups = [row for row in SENT if row.up]
    client = seen(ups, at_client=True)
    far = [replace(row, ttl=60) for row in seen(ups, at_client=False)]
    found = bring_together(end(far), end(client), flipped=False)
    assert (found.told_by, found.swapped) == ("hops", True)
    same = bring_together(end(client), end(seen(ups, at_client=False)), flipped=False)
    assert (same.told_by, same.swapped) == ("order", False)
    assert same.clock.offset_ns is None


def test_the_capture_with_the_syn_knows_who_the_client_is() -> None:
    turned = [replace(row, up=not row.up) for row in seen(SENT[2:], at_client=False)]
    found = bring_together(end(turned), end(seen(SENT, at_client=True)), flipped=True)
    assert found.server.flip
    assert len(found.links[0].a) == len([row for row in SENT[2:] if row.up])


def test_one_capture_twice_is_seen_even_with_its_clock_set() -> None:
    rows = seen(SENT, at_client=True)
    for offset in (0.0, 777.0):
        one, other = end(rows), end(rows, offset_ms=offset)
        assert same_capture(bring_together(one, other, flipped=False))
    assert not same_capture(both(SENT))
    assert not same_capture(both(SENT, {5}))


@settings(max_examples=20)
@given(st.sets(st.integers(4, 15), max_size=6), st.integers(-(10**9), 10**9))
def test_expected_times_are_those_at_which_packets_come(lost: set[int], offset_us: int) -> None:
    """With a constant journey, what did not come would have come 10 ms after it was sent."""
    found = both(SENT, lost, offset_ms=offset_us / 1e3)
    for flow in (0, 1):
        end_, sign = found.sender(flow), 1 - 2 * flow
        sent = end_.segments.time_ns[end_.rows(flow)]
        took = found.expected_ns(flow) - sent - sign * offset_us * 1000
        assert abs(took - 10_000_000).max() <= 2
        receiver = found.receiver(flow)
        came = receiver.segments.time_ns[receiver.rows(flow)]
        assert abs(came - found.sent_ns(flow) - sign * offset_us * 1000 - 10_000_000).max() <= 2
