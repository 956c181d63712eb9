from dataclasses import replace

from tcpwin.analysis.ends.match import Links, match, sole
from tests.analysis.build import down
from tests.analysis.ends.views import MSS, end, seen, talk

SENT = talk(6)


def frames(links: Links, a, b) -> list[tuple[int, int]]:  # type: ignore[no-untyped-def]
    return [
        (int(a.segments.seq[i]), int(b.segments.seq[j]))
        for i, j in zip(links.a, links.b, strict=True)
    ]


def test_every_packet_finds_itself() -> None:
    client, server = (end(seen(SENT, at_client=side)) for side in (True, False))
    for flow in (0, 1):
        links = match(client, server, flow)
        assert len(links.a) == len(client.rows(flow))
        assert all(one == other for one, other in frames(links, client, server))
        assert sole(links).all()
        assert (links.ids, links.stamps) == (True, False)
    sizes = match(client, server, 1).bytes
    assert sizes.sum() == 6 * MSS + 1  # the SYN counts one


def test_a_copy_is_told_by_its_identification() -> None:
    again = replace(SENT[5], ms=90.0, ip_id=77)
    sent = [*SENT, again]
    client = end(seen(sent, at_client=True, lost={5}))
    server = end(seen(sent, at_client=False, lost={5}))
    links = match(client, server, 1)
    ids = [int(server.segments.column("ip_id")[j]) for j in links.b]
    assert 77 in ids
    assert SENT[5].ip_id not in ids


def test_without_identifications_a_copy_is_told_by_its_time() -> None:
    sent = [*talk(6, ids=False), replace(talk(6, ids=False)[5], ms=90.0)]
    client = end(seen(sent, at_client=True, lost={5}))
    server = end(seen(sent, at_client=False, lost={5}))
    links = match(client, server, 1)
    rows = [int(j) for i, j in zip(links.a, links.b, strict=True)
            if server.segments.seq[j] == SENT[5].seq]  # fmt: skip
    assert [int(server.segments.time_ns[j]) for j in rows] == [int(server.segments.time_ns.max())]


def test_what_a_network_card_split_is_matched_piece_by_piece() -> None:
    whole = [*SENT[:4], down(1, 101, 3 * MSS, ms=30.1, window=50_000, ip_id=9)]
    parts = [*SENT[:4], *(replace(row, ip_id=9 + n) for n, row in enumerate(SENT[4:7]))]
    client = end(seen(parts, at_client=True))
    server = end(seen(whole, at_client=False))
    links = match(client, server, 1)
    data = links.bytes >= MSS
    assert links.bytes[data].tolist() == [MSS] * 3
    assert len(set(links.b[data].tolist())) == 1
    assert sole(links).tolist() == [True, False, False, False]


def test_nothing_to_match() -> None:
    half = [row for row in SENT if row.up]
    client, server = (end(seen(half, at_client=side)) for side in (True, False))
    links = match(client, server, 1)
    assert len(links.a) == len(sole(links)) == 0
