import numpy as np
import pytest

from tcpwin.analysis.ends.places import PLACES, Places, stall_places
from tests.analysis.build import P, down, up
from tests.analysis.ends.views import BASE, MS, MSS, both, talk

SENT = talk(4)


def later(*rows: P) -> list[P]:
    return [*SENT, *rows]


def spent(
    sent: list[P], lost: set[int], start_ms: float, end_ms: float, flow: int = 1
) -> list[float]:
    found = Places(both(sent, lost), flow)
    span = (np.array([BASE + round(t * MS)]) for t in (start_ms, end_ms))
    return [float(ns) / MS for ns in found.spent_ns(*span)[0]]


AGAIN = down(1 + 4 * MSS, 101, MSS, ms=1000, window=50_000, ip_id=500)
FIRST = down(1 + 4 * MSS, 101, MSS, ms=60, window=50_000, ip_id=499)
DONE = up(101, 1 + 5 * MSS, ms=1010.1, window=50_000, ip_id=501)


def test_lost_data_are_time_on_the_way_there() -> None:
    place = spent(later(FIRST, AGAIN, DONE), {16 - 4}, 60, 1000)
    assert place == pytest.approx([0, 940, 0, 0], abs=0.1)


def test_a_lost_ack_is_time_on_the_way_back() -> None:
    ack = up(101, 1 + 5 * MSS, ms=70.1, window=50_000, ip_id=600)
    again = up(101, 1 + 5 * MSS, ms=1010.1, window=50_000, ip_id=601)
    place = spent(later(FIRST, ack, AGAIN, again), {13}, 60, 1000)
    assert place == pytest.approx([0, 10, 0.1, 929.9], abs=0.2)


def test_a_receiver_that_answers_late_and_a_sender_that_writes_late() -> None:
    slow = up(101, 1 + 5 * MSS, ms=970, window=50_000, ip_id=600)
    assert spent(later(FIRST, slow), set(), 60, 990) == pytest.approx([10, 10, 900, 10], abs=0.2)
    write = down(1 + 4 * MSS, 101, MSS, ms=1000, window=50_000, ip_id=700)
    assert spent(later(write), set(), 60, 1000) == pytest.approx([940, 0, 0, 0], abs=0.2)


def test_a_closed_window_is_time_in_the_receiver() -> None:
    shut = up(101, 1 + 5 * MSS, ms=70.1, window=0, ip_id=600)
    opened = up(101, 1 + 5 * MSS, ms=900, window=50_000, ip_id=601)
    place = spent(later(FIRST, shut, opened), set(), 80.1, 910)
    assert place == pytest.approx([0, 0, 819.9, 10], abs=0.2)


def test_the_parts_of_every_stall_add_up_to_it() -> None:
    table = stall_places(both(later(FIRST, AGAIN, DONE), {12}))
    assert len(table) == 1
    lasted = (table["end_ns"] - table["start_ns"]).to_numpy()
    assert table[list(PLACES)].sum(axis=1).to_numpy().tolist() == lasted.tolist()
    assert [PLACES[n] for n in table["place"]] == ["way-there"]


def test_no_stall() -> None:
    table = stall_places(both(SENT))
    assert table.empty
    assert {*PLACES, "place"} <= set(table)
