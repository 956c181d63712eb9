from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcpwin.analysis.ends import FATES, bring_together
from tcpwin.analysis.ends.fates import WHY, fate_table
from tcpwin.analysis.grouped import NEVER
from tests.analysis.build import ACK, RST, P, down
from tests.analysis.ends.views import MSS, both, end, seen, talk

SENT = talk(6)
DATA, ACKS = range(4, 10), range(10, 16)


def fates(found, flow: int) -> list[str]:  # type: ignore[no-untyped-def]
    return [FATES[fate] for fate in fate_table(found, flow)["fate"]]


@settings(max_examples=25)
@given(st.sets(st.sampled_from(ACKS)), st.booleans(), st.integers(-(10**6), 10**6))
def test_acks_that_do_not_come_are_lost_and_no_others(
    lost: set[int], swap: bool, offset_us: int
) -> None:
    found = both(SENT, lost, swap=swap, offset_ms=offset_us / 1e3)
    table = fate_table(found, 0)
    gone = table[table["fate"] == FATES.index("lost")]
    ids = found.client.segments.column("ip_id")[gone["sent_row"]]
    assert set(ids.tolist()) == {SENT[place].ip_id for place in lost}
    assert set(fates(found, 1)) == {"both"}
    assert len(table) == sum(row.up for row in SENT)


def test_data_that_nobody_acknowledged_is_lost() -> None:
    sent = SENT[:4] + SENT[4:10] + SENT[10:12]  # the client has the first two segments only
    found = both(sent, {6, 7, 8, 9})
    assert fates(found, 1) == ["both"] * 3 + ["lost"] * 4


def test_what_the_receiver_acknowledged_did_come() -> None:
    """The client's capture lacks the fourth segment, the client acknowledges it all the same."""
    found = both(SENT, {7})
    table = fate_table(found, 1)
    assert fates(found, 1) == ["both"] * 4 + ["capture-missed"] + ["both"] * 2
    assert table["came_row"].tolist().count(NEVER) == 1


@pytest.mark.parametrize(("runs", "why"), [((25.0, 1e6), "before"), ((-1e3, 41.5), "after")])
def test_a_capture_that_was_not_running_proves_no_loss(runs: tuple[float, float], why: str) -> None:
    first, last = runs
    came = [r for r in seen(SENT, at_client=False) if first <= (r.ms or 0) <= last]
    server = end(came, runs_ms=runs)
    found = bring_together(end(seen(SENT, at_client=True)), server, flipped=False)
    for flow in (0, 1):
        table = fate_table(found, flow)
        odd = table[table["fate"] != FATES.index("both")]
        assert {FATES[fate] for fate in odd["fate"]} <= {"unknown"}
        assert {WHY[reason] for reason in odd["why"]} <= {why}
    assert len(came) < len(SENT)


def test_a_segment_of_which_a_part_came() -> None:
    """A card splits a segment of three MSS; the middle one is lost and never acknowledged."""
    whole = [*SENT[:4], down(1, 101, 3 * MSS, ms=30.1, window=50_000, ip_id=1004)]
    parts = [*SENT[:5], replace(SENT[6], ip_id=1006)]
    client = end(seen(parts, at_client=True))
    server = end(seen(whole, at_client=False))
    table = fate_table(bring_together(client, server, flipped=False), 1)
    assert [FATES[fate] for fate in table["fate"]] == ["both", "partly-lost"]
    assert table["pieces"].tolist() == [1, 2]


def test_what_something_on_the_way_made_is_foreign() -> None:
    reset = P(False, 6001, 101, flags=RST | ACK, ms=60, ttl=200, ip_id=5)
    client = end([*seen([replace(r, ttl=50) for r in SENT], at_client=True), reset])
    server = end(seen(SENT, at_client=False))
    found = bring_together(client, server, flipped=False)
    assert fates(found, 1)[-1] == "foreign"
    assert set(fates(found, 1)[:-1]) == {"both"}


def test_the_sender_that_lacks_what_came_missed_it() -> None:
    client = end(seen(SENT, at_client=True))
    server = end([row for row in seen(SENT, at_client=False) if row.ip_id != SENT[6].ip_id])
    found = bring_together(client, server, flipped=False)
    table = fate_table(found, 1)
    assert fates(found, 1) == ["both"] * 3 + ["capture-missed"] + ["both"] * 3
    assert table["sent_row"].iloc[3] == NEVER
