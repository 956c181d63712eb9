import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tcpwin.analysis.ends.copies import assign, journey

NONE = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def pairs(found: tuple[np.ndarray, np.ndarray]) -> set[tuple[int, int]]:
    return set(zip(found[0].tolist(), found[1].tolist(), strict=True))


def test_as_many_here_as_there_pair_up_in_their_order() -> None:
    keys = ints(0, 1, 0, 2), ints(1, 0, 0, 3)
    times = ints(10, 20, 30, 40), ints(50, 60, 70, 80)
    assert pairs(assign(keys, times, NONE)) == {(0, 1), (1, 0), (2, 2)}


def test_of_two_copies_that_which_fits_its_neighbours_came() -> None:
    """Neighbours took 100; the copy that came did so 100 after the second was sent."""
    keys = ints(0, 7, 7, 1), ints(0, 7, 1)
    times = ints(0, 10, 500, 510), ints(100, 600, 610)
    assert pairs(assign(keys, times, NONE)) == {(0, 0), (2, 1), (3, 2)}
    first = ints(100, 110, 610)
    assert pairs(assign(keys, (times[0], first), NONE)) == {(0, 0), (1, 1), (3, 2)}


def test_what_is_known_already_tells_the_journey() -> None:
    known = ints(0, 1000), ints(5000, 6000)
    found = assign((ints(7, 7), ints(7)), (ints(10, 500), ints(5500)), known)
    assert pairs(found) == {(1, 0)}


@given(st.lists(st.integers(0, 5), max_size=30), st.integers(-(10**15), 10**15), st.data())
def test_every_packet_that_came_finds_itself_where_all_took_as_long(
    keys: list[int], offset: int, data: st.DataObject
) -> None:
    """Whatever got lost: with one journey for all, what is left over tells by its time."""
    came = data.draw(st.lists(st.integers(0, max(len(keys) - 1, 0)), unique=True).map(sorted))
    came = [place for place in came if place < len(keys)]
    mine, times = np.array(keys, np.int64), np.arange(len(keys), dtype=np.int64) * 1000
    known = ints(-1000), ints(-1000 + offset)
    found = assign((mine, mine[came]), (times, times[came] + offset), known)
    even = {k for k in keys if keys.count(k) == [keys[c] for c in came].count(k)}
    assert len(set(found[0].tolist())) == len(found[0]) == len(came)
    assert pairs(found) == {(c, place) for place, c in enumerate(came)}
    assert even <= set(mine[found[0]].tolist())


@given(st.integers(-(2**60), 2**60), st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_a_journey_that_all_share_is_that_of_every_instant(took: int, sent: list[int]) -> None:
    times = np.array(sorted(sent), np.int64)
    for by_sent in (True, False):
        at = times if by_sent else times + took
        assert (journey(at, (times, times + took), by_sent=by_sent) == took).all()
    assert journey(times, NONE, by_sent=True).tolist() == [0] * len(times)
