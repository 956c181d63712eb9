import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tcpwin.analysis.intervals import Keys, covered_bytes, first_cells

spans = st.lists(
    st.tuples(st.integers(0, 2), st.integers(-20, 60), st.integers(1, 25)), max_size=12
)


def arrays(rows: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    stream, left, size = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    return stream, left, left + size


def cells(row: tuple[int, int, int]) -> set[tuple[int, int]]:
    return {(row[0], byte) for byte in range(row[1], row[1] + row[2])}


@given(spans, spans)
def test_covered_bytes(holes: list[tuple[int, int, int]], rows: list[tuple[int, int, int]]) -> None:
    disjoint: list[tuple[int, int, int]] = []
    for hole in holes:
        if not any(cells(hole) & cells(other) for other in disjoint):
            disjoint.append(hole)
    union = set().union(*map(cells, disjoint)) if disjoint else set()
    expected = [len(cells(row) & union) for row in rows]
    assert covered_bytes(arrays(disjoint), arrays(rows)).tolist() == expected


@given(spans)
def test_first_cells(rows: list[tuple[int, int, int]]) -> None:
    owner, end, size = first_cells(arrays(rows))
    got: dict[tuple[int, int], int] = {}
    for who, right, length in zip(owner.tolist(), end.tolist(), size.tolist(), strict=True):
        for byte in range(right - length, right):
            assert (rows[who][0], byte) not in got
            got[rows[who][0], byte] = who
    expected: dict[tuple[int, int], int] = {}
    for index, row in enumerate(rows):
        for cell in cells(row):
            expected.setdefault(cell, index)
    assert got == expected


def test_keys_keep_outsiders_at_the_rim() -> None:
    keys = Keys.over(np.array([10, 20]), np.zeros(0, np.int64))
    stream = np.array([1, 1, 1, 1])
    low, ten, twenty, high = keys.of(stream, np.array([-5, 10, 20, 99]))
    assert low == ten < twenty <= high < keys.of(np.array([2]), np.array([10]))[0]
