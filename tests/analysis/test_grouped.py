import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Groups, take

values = st.lists(
    st.tuples(st.integers(0, 4), st.integers(-(10**12), 10**12), st.booleans(), st.booleans())
).map(lambda rows: sorted(rows, key=lambda row: row[0]))


def parts(keys: np.ndarray) -> list[np.ndarray]:
    return [np.flatnonzero(keys == key) for key in np.unique(keys)]


@given(values)
def test_like_loops(rows: list[tuple[int, int, bool, bool]]) -> None:
    keys = np.array([row[0] for row in rows], np.int64)
    known = np.array([row[2] for row in rows], bool)
    value = np.where(known, np.array([row[1] for row in rows], np.int64), UNKNOWN)
    mask = np.array([row[3] for row in rows], bool)
    groups = Groups.of_sorted(keys)
    n = len(rows)
    assert len(groups) == len(np.unique(keys))
    assert groups.sizes.sum() == n
    cummax, last, following = groups.cummax(value), groups.last(mask), groups.next(mask)
    plain = np.where(known, value, 0)
    cumsum, before = groups.cumsum(plain), groups.previous(value)
    first = groups.first_where(mask)
    for number, part in enumerate(parts(keys)):
        assert groups.starts[number] == part[0]
        assert groups.ends[number] == part[-1]
        assert (groups.ids[part] == number).all()
        assert (groups.first[part] == part[0]).all()
        assert groups.sum(plain)[number] == plain[part].sum()
        assert groups.max(value)[number] == value[part].max()
        assert groups.min(value)[number] == value[part].min()
        hits = part[mask[part]]
        assert first[number] == (hits[0] if len(hits) else NEVER)
        for at in part:
            so_far = part[part <= at]
            assert cummax[at] == value[so_far].max()
            assert cumsum[at] == plain[so_far].sum()
            assert before[at] == (value[at - 1] if at > part[0] else UNKNOWN)
            assert last[at] == max([*hits[hits <= at], NEVER])
            assert following[at] == min(hits[hits > at], default=NEVER)


def test_no_rows() -> None:
    groups = Groups.of_sorted(np.zeros(0, np.int64))
    empty = np.zeros(0, np.int64)
    for method in (groups.cummax, groups.cumsum, groups.sum, groups.max, groups.min):
        assert len(method(empty)) == 0
    for method in (groups.last, groups.next, groups.first_where):
        assert len(method(empty.astype(bool))) == 0
    assert len(groups) == 0


def test_running_sum_of_floats() -> None:
    groups = Groups.of_sorted(np.array([0, 0, 1]))
    assert groups.cumsum(np.array([0.5, 0.25, 2.0])).tolist() == pytest.approx([0.5, 0.75, 2.0])


def test_take() -> None:
    assert take(np.array([5, 6]), np.array([1, NEVER, 0]), 9).tolist() == [6, 9, 5]
    assert take(np.zeros(0, np.int64), np.array([NEVER]), 9).tolist() == [9]
