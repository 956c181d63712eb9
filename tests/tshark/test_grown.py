"""Everything that was added is in it, in order."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tcpwin.tshark.grown import Grown


@given(st.lists(st.lists(st.integers(0, 255), max_size=9)))
def test_all_rows_in_order(pieces: list[list[int]]) -> None:
    grown = Grown(np.uint8)
    for piece in pieces:
        grown.add(np.array(piece, np.int64))
    assert grown.done().tolist() == [value for piece in pieces for value in piece]


def test_many_rows() -> None:
    grown = Grown(np.int64)
    for first in range(0, 300_000, 50_000):
        grown.add(np.arange(first, first + 50_000))
    found = grown.done()
    assert found.dtype == np.int64
    assert (found == np.arange(300_000)).all()
