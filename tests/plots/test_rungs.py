import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tcpwin.plots.rungs import MOST, Scale, interesting, rung_labels


def packets(count: int, lost: tuple[int, ...] = ()) -> pd.DataFrame:
    """A packet each ms, up and down in turn, 10 ms on the way."""
    sent = np.arange(count) / 1e3
    gone = np.isin(np.arange(count), lost)
    return pd.DataFrame(
        {
            "frame_sent": pd.array(np.arange(1, count + 1), "Int64"),
            "frame_received": pd.array(np.where(gone, 0, np.arange(1, count + 1)), "Int64").copy(),
            "flow": np.where(np.arange(count) % 2 == 0, "client->server", "server->client"),
            "sent_s": sent,
            "received_s": np.where(gone, np.nan, sent + 0.01),
            "len": np.where(np.arange(count) % 2 == 0, 0, 1000),
            "flags": 16,
            "fate": np.where(gone, "lost", "both"),
        }
    )


@given(
    st.integers(0, 300), st.sets(st.integers(0, 299), max_size=5), st.integers(1, 80),
    st.none() | st.tuples(st.floats(0, 0.3), st.floats(0, 0.3)).map(sorted),
)  # fmt: skip
def test_as_many_as_asked_for_in_their_order(
    count: int, lost: set[int], most: int, focus: list[float] | None
) -> None:
    table = packets(count, tuple(lost))
    table.attrs["focus"] = focus
    shown = interesting(table, most)
    assert len(shown) <= max(most, 3)
    assert len(shown) >= min(most, count) - 2
    assert shown.index.is_monotonic_increasing
    assert shown.index.is_unique


def test_the_first_loss_and_both_ends_of_the_focus_are_shown() -> None:
    table = packets(3000, (1000, 2900))
    assert 1000 in interesting(table, MOST).index
    table.attrs["focus"] = (2.0, 2.5)
    assert {1000, 2000, 2500} <= set(interesting(table, MOST).index)
    table.attrs["focus"] = (0.5, 2.5)  # nothing was lost before it: what was lost in it
    assert {500, 1000, 2500} <= set(interesting(table, MOST).index)


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=50))
def test_later_is_never_higher_and_nothing_is_far(times: list[float]) -> None:
    at = np.array(times)
    scale = Scale.of(at)
    place = scale.place(np.sort(at))
    assert (np.diff(place) >= 0).all()
    assert np.diff(place).max(initial=0) <= 6 + 1e-9
    assert np.isnan(scale.place(np.array([np.nan]))).all()


def test_pauses_are_cut_short_and_say_how_long_they_are() -> None:
    scale = Scale.of(np.array([0, 1, 2, 3, 103, 104.0]))
    ((place, seconds),) = scale.pauses()
    assert seconds == 100
    assert 3 < place < 3 + 6


def test_packets_that_share_a_line_are_told_as_a_range() -> None:
    table = packets(8)
    scale = Scale.of(np.r_[table["sent_s"], table["received_s"]])
    every = list(rung_labels(table, 1, scale, 0.0))
    assert every[0] == (scale.place(np.array([0.001]))[0], "#2  0.0010 s  1,000 B")
    assert len(every) == 8
    (one,) = rung_labels(table, 1, scale, 1e9)
    assert one[1] == "#1–8  0.0010 s  4 × 1,000 B"


def test_flags_are_named() -> None:
    table = packets(2).assign(flags=[2, 17])
    scale = Scale.of(np.r_[table["sent_s"], table["received_s"]])
    assert next(rung_labels(table, 0, scale, 0.0))[1].endswith("SYN")
    assert next(rung_labels(table, 1, scale, 0.0))[1].endswith("FIN 1,000 B")
