import pytest

from tests.analysis.build import ACK, FIN, PSH, P, up
from tests.analysis.scenes import (
    ack,
    at_server,
    burst,
    data,
    facts,
    opening,
    opening_at_server,
    sent,
)

Told = list[tuple[int, str, str, float, float]]


def judged(rows: list[P], *, end_ms: float | None = None) -> Told:
    """Flow, cause, blame, start and end (ms) of every stall."""
    known = facts(rows, end_ms=end_ms)
    begin = int(known.segments.time_ns.min())
    return [
        (s.flow, s.cause, s.blame, (s.start_ns - begin) / 1e6, (s.end_ns - begin) / 1e6)
        for s in known.judged.itertuples()
    ]


CLOSED = [*opening(), *burst(1, 41), data(4001, 50), ack(5001, 50.1, window=0)]


def probe(at: float, window: int = 0) -> list[P]:
    return [data(5000, at, len=0), ack(5001, at + 0.1, window=window)]


def test_a_closed_window_that_reopens_is_one_stall() -> None:
    rows = [*CLOSED, *probe(300), ack(5001, 500), *burst(5001, 520)]
    assert judged(rows) == [(1, "zero-window", "receiver", pytest.approx(50.1), 520)]


def test_long_after_the_update_it_is_two() -> None:
    rows = [*CLOSED, *probe(300), ack(5001, 500), *burst(5001, 1520)]
    assert judged(rows) == [
        (1, "zero-window", "receiver", pytest.approx(50.1), 500),
        (1, "reopened-silent", "undecidable", 500, 1520),
    ]


def test_an_update_that_got_lost() -> None:
    rows = [*CLOSED, *probe(300), ack(5001, 500), data(5000, 900, len=0), data(5000, 1700, len=0)]
    rows += burst(5001, 2600)
    assert [found[1:3] for found in judged(rows)] == [
        ("zero-window", "receiver"),
        ("window-update-lost", "path"),
    ]


def test_times_of_an_open_one() -> None:
    known = facts([*CLOSED, *probe(300)], end_ms=7000)
    row = known.judged.iloc[0]
    assert row["open"]
    assert row["lost_ns"] == row["end_ns"] - row["start_ns"] == pytest.approx(6949.9e6)


def test_a_timer_at_the_sender() -> None:
    rows = [*opening_at_server(), *sent(1, 21), data(4001, 60), data(5001, 60.1)]
    rows += [data(4001, 400), ack(6001, 420), *sent(6001, 421)]
    assert judged(rows) == [(1, "rto", "path", pytest.approx(60.1), 420)]


def test_idle_is_left_out() -> None:
    """The answer is complete as far as anybody can tell, and nobody asks for more."""
    assert judged([*opening(), *burst(1, 41)], end_ms=9000) == []


def test_the_next_request() -> None:
    rows = [*opening(), *burst(1, 41), up(101, ack=4001, len=50, ms=900, flags=ACK | PSH)]
    rows += [data(4001, 921), ack(5001, 921.1)]
    assert [found[:3] for found in judged(rows)] == [(1, "peer-idle", "receiver")]


def test_an_upload_pauses_in_its_own_flow() -> None:
    rows = [*opening(), P(False, 1, 101, ms=41)]
    rows += [up(101, 1, len=500, ms=900, flags=ACK | PSH), P(False, 1, 601, ms=921)]
    assert (0, "sender-idle", "sender") in [found[:3] for found in judged(rows)]


UNDECIDED = [*opening(), *burst(1, 41), data(4001, 50), ack(5001, 50.1)]  # stops within a write


def test_what_cannot_be_told_from_the_client() -> None:
    assert [found[1:3] for found in judged(UNDECIDED, end_ms=9000)] == [
        ("sender-idle", "undecidable")
    ]


def test_an_answered_keep_alive_excludes_the_path() -> None:
    rows = [*UNDECIDED, ack(5001, 3000, len=0), data(5001, 3020, len=0)]
    rows[-2] = up(100, ack=5001, ms=3000, window=50_000)
    assert [found[1:3] for found in judged(rows, end_ms=9000)] == [("sender-idle", "sender")]


def test_unanswered_keep_alives_accuse_it() -> None:
    asks = [up(100, ack=5001, ms=at, window=50_000) for at in (3000, 4000, 5000)]
    assert [found[1:3] for found in judged([*UNDECIDED, *asks], end_ms=9000)] == [
        ("sender-idle", "path")
    ]


def test_at_the_server_nothing_is_hidden() -> None:
    assert [found[1:3] for found in judged(at_server(UNDECIDED), end_ms=9000)] == [
        ("sender-idle", "sender")
    ]


def test_a_farewell_after_a_wait_is_no_stall() -> None:
    bye = [data(4001, 900, len=24), data(4025, 900.1, len=0, flags=ACK | FIN)]
    assert judged([*opening(), *burst(1, 41), *bye, ack(4026, 900.2, flags=ACK | FIN)]) == []
