import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tcpwin.plots.thin import apart, cells, thin_bars, thin_line, thin_points, thin_spans

COLUMNS = 7
SIZES = st.integers(1, 400)
TIMES = SIZES.flatmap(lambda n: arrays(float, n, elements=st.floats(0, 100, width=32)))


@st.composite
def lines(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = np.sort(draw(TIMES))
    values = st.one_of(st.just(float("nan")), st.integers(0, 5).map(float))
    y = draw(arrays(float, len(x), elements=values))
    return x, y, draw(arrays(bool, len(x)))


@given(lines())
def test_line_keeps_all_that_the_eye_can_see(line: tuple[np.ndarray, ...]) -> None:
    x, y, keep = line
    rows = thin_line(x, y, COLUMNS, keep)
    assert rows[0] == 0
    assert rows[-1] == len(x) - 1
    assert (np.diff(rows) > 0).all()
    column = cells(x, COLUMNS, x.min(), x.max())
    for place in np.unique(column):
        inside = np.flatnonzero(column == place)
        shown = rows[np.isin(rows, inside)]
        assert {inside[0], inside[-1]} <= set(shown)
        if np.isfinite(y[inside]).any():
            assert np.nanmin(y[shown]) == np.nanmin(y[inside])
            assert np.nanmax(y[shown]) == np.nanmax(y[inside])
        assert (y[inside] == 0).any() == (y[shown] == 0).any()
        assert np.isnan(y[inside]).any() == np.isnan(y[shown]).any()
        kept = inside[keep[inside]]
        assert not len(kept) or {kept[0], kept[-1]} <= set(shown)


@given(lines())
def test_line_is_thin(line: tuple[np.ndarray, ...]) -> None:
    x, y, keep = line
    assert len(thin_line(x, y, COLUMNS, keep)) <= max(4 * COLUMNS, 7 * COLUMNS)


def test_a_clock_that_steps_back_loses_nothing() -> None:
    x = np.r_[np.arange(100.0), np.arange(100.0)]
    y = np.ones(200)
    y[150] = 0
    assert 150 in thin_line(x, y, COLUMNS)


@given(lines())
def test_points_keep_every_cell_and_the_extremes(line: tuple[np.ndarray, ...]) -> None:
    x, y, _ = line
    rows = thin_points(x, y, COLUMNS, 5)
    known = np.isfinite(y)
    assert known[rows].all()
    if not known.any():
        return
    assert y[rows].min() == y[known].min()
    assert y[rows].max() == y[known].max()
    grid = cells(x, COLUMNS, x[known].min(), x[known].max()) * 5
    grid += cells(y, 5, y[known].min(), y[known].max())
    assert set(grid[rows]) == set(grid[known])


@given(TIMES)
def test_bars_cover_every_byte_and_paint_no_hole(x: np.ndarray) -> None:
    rng = np.random.default_rng(len(x))
    rows = 50
    low = rng.integers(0, 10_000, len(x)).astype(float)
    high = low + rng.integers(1, 1461, len(x))
    bx, bottom, top = thin_bars(x, low, high, COLUMNS, rows)
    of_bar = cells(bx, COLUMNS, x.min(), x.max()) if len(x) > 2 * COLUMNS else bx
    of_row = cells(x, COLUMNS, x.min(), x.max()) if len(x) > 2 * COLUMNS else x
    pixel = (high.max() - low.min()) / rows
    for place, start, end in zip(of_row, low, high, strict=True):
        assert ((of_bar == place) & (bottom <= start) & (top >= end)).any()
    for place, start, end in zip(of_bar, bottom, top, strict=True):
        members = (of_row == place) & (low >= start) & (high <= end)
        covered = np.sort(np.r_[low[members], high[members]])
        assert covered[0] == start
        assert covered[-1] == end
        reach = np.maximum.accumulate(high[members][np.argsort(low[members])])
        gaps = np.sort(low[members])[1:] - reach[:-1]
        assert (gaps <= pixel).all()


def test_spans_merge_under_a_pixel_and_are_never_narrower() -> None:
    start, end = thin_spans(np.array([0.0, 1.0, 1.05, 3.0]), np.array([0.01, 1.02, 1.1, 9.0]), 0.1)
    assert start.tolist() == [0.0, 1.0, 3.0]
    assert end.tolist() == pytest.approx([0.1, 1.1, 9.0])


def test_nothing_stays_nothing() -> None:
    none = np.empty(0)
    assert len(thin_line(none, none, COLUMNS)) == 0
    assert len(thin_points(none, none, COLUMNS, 5)) == 0
    assert len(thin_bars(none, none, none, COLUMNS, 5)[0]) == 0
    assert len(thin_spans(none, none, 1.0)[0]) == 0


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=40))
def test_marks_apart_do_not_overlap_and_none_more_has_room(places: list[tuple[int, int]]) -> None:
    x, y = np.array(places, float).reshape(-1, 2).T
    shown = apart(x, y, 7)
    across, up = (np.abs(values[:, None] - values[None, shown]) for values in (x, y))
    near = (across < 7) & (up < 7)
    assert (near.sum(axis=1) >= 1).all()  # a mark that is left out lies on one that is shown
    assert (near[shown].sum(axis=1) == 1).all()  # its own place only
