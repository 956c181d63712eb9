import numpy as np
import pytest

from tcpwin.model import Capture
from tcpwin.report.page_series import KINDS, MARKS, fair_limit, series
from tests.report.test_page_pack import unpack


@pytest.mark.parametrize(
    ("sizes", "total", "limit"),
    [
        ([], 100, 100),
        ([10, 20], 100, 100),  # all fit: no limit that matters
        ([200], 100, 100),
        ([10, 200, 300], 100, 45),  # the small one leaves its rest to the others
        ([50, 50, 50], 90, 30),
    ],
)
def test_a_fair_limit(sizes: list[int], total: int, limit: int) -> None:
    assert fair_limit(sizes, total) == limit
    assert sum(min(size, limit) for size in sizes) <= total


def test_state_is_that_of_the_window_table(slow: Capture) -> None:
    flow = slow.stream(0).flow("server->client")
    drawn = series(flow, 10_000)
    assert not drawn["thinned"]
    state = unpack(drawn)["state"]
    window = flow.window().set_index("frame")
    rows = window.loc[state["frame"]]  # every frame is one of the table's
    for name, column in (("una", "una"), ("window", "window_bytes"), ("flight", "flight_bytes")):
        theirs = rows[column].astype(float).to_numpy()
        ours = np.array(state[name], dtype=float)
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(state["t"], np.rint(rows["time_s"] * 1e9))
    changes = window[["una", "window_bytes", "flight_bytes"]].astype(float).fillna(-1.0)
    changed = (changes != changes.shift()).any(axis=1)
    assert set(window.index[changed]) <= set(state["frame"])  # and none that matters is left out
    zeros = [frame for frame, mark in zip(state["frame"], state["mark"], strict=True) if mark == 1]
    assert MARKS[1] == "zero"
    assert zeros == window.index[window["kind"] == "zero"].tolist()


def test_segments_are_those_of_the_table(slow: Capture) -> None:
    flow = slow.stream(0).flow("server->client")
    ours = unpack(series(flow, 10_000))["segments"]
    table = flow.segments().sort_values("frame")
    order = np.argsort(ours["frame"])
    np.testing.assert_array_equal(np.array(ours["frame"])[order], table["frame"])
    np.testing.assert_array_equal(np.array(ours["seq"])[order], table["seq"])
    kinds = [KINDS[int(kind or 0)] for kind in np.array(ours["kind"])[order]]
    assert kinds == table["kind"].tolist()
    assert "retransmission" in kinds


def test_thinned_it_stays_within_the_limit_and_keeps_the_peaks(half: Capture) -> None:
    flow = half.stream(0).flow("server->client")
    whole, thin = unpack(series(flow, 10_000)), series(flow, 500)
    assert thin["thinned"]
    few = unpack(thin)
    assert len(few["state"]["t"]) <= 500 < len(whole["state"]["t"])
    assert len(few["segments"]["t"]) <= 500 < len(whole["segments"]["t"])
    for column in ("window", "flight", "una"):
        for peak in (np.nanmin, np.nanmax):
            ours, theirs = (
                peak(np.array(tables["state"][column], float)) for tables in (few, whole)
            )
            assert ours == theirs


def test_in_the_order_of_time_whatever_the_capture_says(half: Capture) -> None:
    for stream in range(3):
        for flow in half.stream(stream).flows:
            for table in unpack(series(flow, 10_000)).values():
                assert (np.diff(np.array(table["t"], float)) >= 0).all()
