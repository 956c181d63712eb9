from dataclasses import replace

from tcpwin.analysis.ends import bring_together, rewritten
from tcpwin.analysis.ends.changes import changes
from tcpwin.analysis.grouped import NEVER
from tests.analysis.build import SYN, P
from tests.analysis.ends.views import both, end, seen, talk

SENT = talk(3)


def clamped(row: P) -> P:
    return replace(row, mss=1400) if row.flags & SYN else row


def test_nothing_is_changed_on_a_plain_path() -> None:
    found = both(SENT)
    for flow in (0, 1):
        links = found.links[flow]
        assert set(changes(found, flow, links.a, links.b)) == {""}
    assert not any(rewritten(found).values())


def test_what_differs_is_told_packet_by_packet() -> None:
    far = [clamped(row) for row in seen(SENT, at_client=False)]
    far = [replace(row, window=9 if row.up and row.len else row.window) for row in far]
    found = bring_together(end(seen(SENT, at_client=True)), end(far), flipped=False)
    links = found.links[0]
    told = changes(found, 0, links.a, links.b).tolist()
    assert told == ["MSS 1460 -> 1400", "", "window 50000 -> 9", "", "", ""]


def test_an_option_that_is_taken_out_and_a_packet_of_other_hops() -> None:
    sent = [replace(row, tsval=100 + n, tsecr=50, ttl=64) for n, row in enumerate(SENT)]
    far = [replace(row, tsval=None, tsecr=None, ttl=60) for row in seen(sent, at_client=False)]
    far = [replace(row, ttl=50 if row.ip_id == SENT[-1].ip_id else row.ttl) for row in far]
    found = bring_together(end(seen(sent, at_client=True)), end(far), flipped=False)
    links = found.links[0]
    told = changes(found, 0, links.a, links.b)
    assert told.iloc[:-1].str.fullmatch("time stamps 1 -> none").all()
    assert told.iloc[-1] == "time stamps 1 -> none, hops 4 -> 14"


def test_packets_of_one_capture_have_nothing_to_compare() -> None:
    found = both(SENT)
    rows = found.links[0].a
    assert set(changes(found, 0, rows, rows * 0 + NEVER)) == {""}


def test_a_field_counts_as_rewritten_when_it_is_never_the_same() -> None:
    other = [replace(row, ip_id=(row.ip_id or 0) + 9) for row in seen(SENT, at_client=False)]
    client = end(seen(SENT, at_client=True))
    found = bring_together(client, end(other), flipped=False)
    assert rewritten(found) == {
        "addresses": False, "sequence_numbers": False, "ip_ids": True, "time_stamps": False,
    }  # fmt: skip
    renumbered = bring_together(client, end(other, raw=(5, 0)), flipped=False)
    assert rewritten(renumbered)["sequence_numbers"]
