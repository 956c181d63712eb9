import numpy as np
import pandas as pd
from hypothesis import given, settings

from tcpwin.analysis.events import EVENTS, event_table
from tcpwin.analysis.facts import Facts
from tcpwin.analysis.grouped import NEVER, UNKNOWN
from tests.analysis.build import FIXTURES, P, down, handshake, packets, read, traffic, up

CLOSED = [
    *handshake(shift=0),
    down(1, len=1000, ms=20),
    up(1, ack=1001, window=0, ms=30),
    down(1000, len=0, ms=230),
    up(1, ack=1001, window=0, ms=231),
    down(1000, len=0, ms=630),
    up(1, ack=1001, window=8000, ms=700),
    up(1, ack=1001, window=9000, ms=701),
    down(1001, len=1000, ms=702),
]
HOLE = [
    *handshake(shift=0),
    down(1, len=1000, ms=20),
    down(2001, len=1000, ms=21),
    up(1, ack=1001, sack=((2001, 3001),), window=65535, ms=22),
    down(1001, len=1000, ms=60),
    up(1, ack=3001, window=65535, ms=61),
]
AGAIN = [
    *handshake(shift=0),
    down(1, len=1000, ms=20),
    down(1, len=1000, ms=420),
    up(1, ack=1001, window=65535, ms=450),
]


def events(rows: list[P]) -> pd.DataFrame:
    """The events, with frames in the place of rows (they are one less here); 0 for none."""
    table = event_table(Facts(packets(rows)))
    places = ["row", "other_row", "since_row"]
    return table.assign(**{name: table[name] + 1 for name in places})


def told(table: pd.DataFrame, event: str, *columns: str) -> list[tuple[object, ...]]:
    return [*table[table["event"] == event][[*columns]].itertuples(index=False, name=None)]


def test_never_becomes_frame_0() -> None:
    assert NEVER == -1


def test_the_window_closes_and_opens() -> None:
    table = events(CLOSED)
    assert set(table["flow"]) == {1}
    assert told(table, "zero-window", "row", "other_row", "was", "wait_ns") == [
        (5, 9, 65535, 670_000_000)
    ]
    columns = ("row", "other_row", "since_row", "was", "size", "wait_ns")
    assert told(table, "reopened", *columns) == [
        (9, 11, 5, 0, 8000, 2_000_000),
        (10, 11, 0, 8000, 9000, 1_000_000),
    ]


def test_probes_are_counted_with_their_answers() -> None:
    columns = ("row", "other_row", "since_row", "number", "of", "size", "wait_ns")
    assert told(events(CLOSED), "probe", *columns) == [
        (6, 7, 5, 1, 2, 0, 1_000_000),
        (8, 9, 5, 2, 2, 8000, 70_000_000),
    ]


def test_a_probe_without_an_answer() -> None:
    rows = [*CLOSED[:6], down(1000, len=0, ms=630), down(1000, len=0, ms=1430)]
    columns = ("row", "other_row", "number", "of", "size", "wait_ns")
    nothing = (0, UNKNOWN, UNKNOWN)
    assert told(events(rows), "probe", *columns) == [
        (frame, nothing[0], number, 3, *nothing[1:]) for number, frame in enumerate((6, 7, 8), 1)
    ]


def test_what_was_lost_before_the_capture_point() -> None:
    table = events(HOLE)
    assert told(table, "hole", "row", "other_row", "size", "wait_ns") == [(5, 7, 1000, 39_000_000)]
    assert told(table, "sent-again", "row", "other_row", "since_row", "size") == [(7, 0, 5, 1000)]
    assert told(table, "lost", "row") == []


def test_what_was_lost_behind_the_capture_point() -> None:
    table = events(AGAIN)
    assert told(table, "lost", "row", "other_row", "size", "wait_ns") == [(4, 5, 1000, 400_000_000)]
    assert told(table, "sent-again", "row", "other_row", "wait_ns") == [(5, 4, 400_000_000)]


def test_sent_again_needlessly() -> None:
    rows = [
        *AGAIN[:4],
        up(1, ack=1001, window=65535, ms=30),
        down(1, len=1000, ms=420),
        up(1, ack=1001, window=65535, sack=((1, 1001),), ms=430),
    ]
    table = events(rows)
    assert told(table, "needless", "row", "other_row") == [(6, 4)]
    assert told(table, "lost", "row") == told(table, "sent-again", "row") == []


def test_causes_are_those_of_the_findings() -> None:
    facts = Facts(read(FIXTURES / "burst-rto.client.pcapng.gz"))
    table = event_table(facts)
    named = {*zip(table["cause"], table["blame"], strict=True)} - {("", "")}
    found = facts.findings
    assert named
    assert named <= {*zip(found["cause"], found["blame"], strict=True)}
    stalls = found[found["stall"].astype(bool)]
    again = table[table["event"] == "sent-again"]
    for stall in stalls.itertuples():
        inside = again["row"].between(stall.first_row, stall.last_row)
        inside &= again["flow"] == stall.flow
        assert set(again["cause"][inside]) <= {stall.cause}


@settings(max_examples=50)
@given(traffic(streams=3))
def test_laws(rows: list[P]) -> None:
    facts = Facts(packets(rows))
    table, segments = event_table(facts), facts.segments
    assert set(table["event"]) <= set(EVENTS)
    assert table["row"].is_monotonic_increasing
    assert not table.duplicated(["row", "flow", "event"]).any()
    here = segments.stream[table["row"].to_numpy()]
    for name in ("other_row", "since_row"):
        rows_there = table[name].to_numpy()
        known = rows_there != NEVER
        assert (segments.stream[rows_there[known]] == here[known]).all()
        assert (rows_there[known] != table["row"].to_numpy()[known]).all()
    known = table["other_row"] != NEVER
    assert (known == (table["wait_ns"] != UNKNOWN)).all()
    assert (table["wait_ns"][known] >= 0).all()
    later = {"zero-window", "reopened", "probe", "lost", "hole"}
    forward = table["event"].isin(later) & known
    assert (table["other_row"][forward] > table["row"][forward]).all()
    assert (table["other_row"][known & ~forward] < table["row"][known & ~forward]).all()
    assert (table["number"] <= table["of"]).all()
    again = table[table["event"] == "lost"]
    assert np.all(segments.length[again["row"].to_numpy()] > 0)


def placed(rows: list[P], stream: int, start_ms: float) -> list[P]:
    """The same rows in another stream, later; a row without a time is 1 ms after the one before."""
    now, out = 0.0, []
    for row in rows:
        now = now + 1 if row.ms is None else row.ms
        out.append(P(**{**vars(row), "stream": stream, "ms": start_ms + now}))
    return out


@settings(max_examples=40)
@given(traffic(streams=1), traffic(streams=1))
def test_streams_do_not_touch_each_other(one: list[P], two: list[P]) -> None:
    both = [*placed(one, 0, 0.0), *placed(two, 1, 1e6)]
    alone = pd.concat([event_table(Facts(packets(part))) for part in (one, two)])
    together = event_table(Facts(packets(both)))
    names = ["flow", "event", "number", "of", "was", "size", "cause"]
    told = [sorted(map(str, t[names].itertuples(index=False))) for t in (alone, together)]
    assert told[0] == told[1]
