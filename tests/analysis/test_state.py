"""The vectorised state against the plain one, row by row, and laws it must obey."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcpwin import schema
from tcpwin.analysis.acks import duplicate_acks, duplicate_count
from tcpwin.analysis.grouped import UNKNOWN
from tcpwin.analysis.rtt import Rtt
from tcpwin.analysis.segments import prepare
from tcpwin.analysis.state import State, state_table
from tests.analysis import build, reference
from tests.analysis.build import P, down, handshake, packets, traffic, up

VALUES = ["nxt", "una", "window", "edge", "sacked", "flight", "usable", "rtt_ns", "newly",
          "duplicate", "duplicates"]  # fmt: skip


def vectorised(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[tuple[int, int], int]]:
    """VALUES by (frame, flow), and the scales used by (stream, flow)."""
    segments = prepare(frame)
    tables, shifts = [], {}
    for flow in (0, 1):
        state = State(segments, flow)
        columns = {
            "nxt": state.steps.nxt,
            "una": state.steps.una,
            "window": state.window,
            "edge": state.edge,
            "sacked": state.sacked,
            "flight": state.flight,
            "usable": state.usable,
            "rtt_ns": Rtt(state).sample_ns,
            "newly": state.steps.newly,
            "duplicate": duplicate_acks(state).astype(int),
            "duplicates": duplicate_count(state),
        }
        index = pd.MultiIndex.from_arrays([segments.frame, np.full(len(segments.frame), flow)])
        tables.append(pd.DataFrame(columns, index=index))
        for stream, shift in zip(segments.streams, state.scale.shift, strict=True):
            shifts[int(stream), flow] = int(shift)
    return pd.concat(tables), shifts


def check(frame: pd.DataFrame) -> None:
    ours, shifts = vectorised(frame)
    rows = reference.follow(frame, shifts)
    theirs = pd.DataFrame(
        {
            name: [
                UNKNOWN if (v := getattr(row, name)) is None else int(v) for row in rows.values()
            ]
            for name in VALUES
        },
        index=pd.MultiIndex.from_tuples(list(rows)),
    )
    ours = ours.loc[theirs.index]
    pd.testing.assert_frame_equal(ours.where(ours > UNKNOWN // 2, UNKNOWN), theirs)


@given(traffic())
def test_like_the_plain_loop(rows: list[P]) -> None:
    check(packets(rows))


@given(traffic(), st.integers(0, 20))
def test_like_the_plain_loop_across_4_gib(rows: list[P], back: int) -> None:
    check(packets(rows, isn=-back * 100))


@pytest.mark.parametrize("path", build.ALL, ids=lambda path: path.name)
def test_like_the_plain_loop_on_captures(path: Path) -> None:
    check(build.read(path))


def relative(frame: pd.DataFrame) -> pd.DataFrame:
    """The state with its sequence numbers counted from the first that is known."""
    table = state_table(frame, int(frame["time_ns"].iloc[0]))
    start = table[["nxt", "una"]].min(axis=1)
    start = start.groupby([table["stream"], table["flow"]], observed=True).transform("first")
    for name in ("nxt", "una", "edge"):
        table[name] = table[name] - start
    return table


@given(traffic(), st.integers(0, build.WRAP - 1))
def test_initial_sequence_number_is_nothing(rows: list[P], isn: int) -> None:
    pd.testing.assert_frame_equal(relative(packets(rows)), relative(packets(rows, isn=isn)))


@given(traffic(), st.integers(-(10**15), 10**15))
def test_time_of_day_is_nothing(rows: list[P], shift: int) -> None:
    frame = packets(rows)
    later = frame.assign(time_ns=frame["time_ns"] + shift)
    start = int(frame["time_ns"].iloc[0])
    pd.testing.assert_frame_equal(state_table(frame, start), state_table(later, start + shift))


@given(traffic(), st.randoms(use_true_random=False))
def test_streams_do_not_touch_each_other(rows: list[P], random: object) -> None:
    """Neither another interleaving nor cutting the capture apart changes a stream's rows."""
    whole = packets(rows).drop(columns=["frame"]).assign(frame=range(len(rows)))
    table = state_table(whole, 0).drop(columns=["time_s"])
    queues = dict(list(whole.groupby("stream")))
    for stream, part in queues.items():
        alone = state_table(part, 0).drop(columns=["time_s"])
        expected = table[table["stream"] == stream].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, expected)
    order = whole["stream"].tolist()
    random.shuffle(order)  # type: ignore[attr-defined]
    left = {stream: list(part.index) for stream, part in queues.items()}
    mixed = whole.loc[[left[stream].pop(0) for stream in order]]
    mixed = mixed.assign(original=mixed["frame"], frame=np.arange(len(mixed)))
    original = dict(zip(mixed["frame"], mixed["original"], strict=True))
    again = state_table(mixed.drop(columns="original"), 0).drop(columns=["time_s"])
    again["frame"] = again["frame"].map(original).astype("uint32")
    again = again.sort_values(["frame", "flow"]).reset_index(drop=True)
    table = table.sort_values(["frame", "flow"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(again, table)


@given(traffic())
def test_laws(rows: list[P]) -> None:
    table = state_table(packets(rows), 0)
    assert len(table) == 2 * len(rows)
    assert (table["flight"].dropna() >= 0).all()
    assert (table["sacked"] >= 0).all()
    for name in ("nxt", "una"):
        steps = table.groupby(["stream", "flow"], observed=True)[name].diff().dropna()
        assert (steps >= 0).all(), name
    known = table.dropna()
    assert (known["nxt"] >= known["una"]).all()
    assert (known["edge"] == known["una"] + known["window"]).all()
    assert (known["usable"] == known["edge"] - known["nxt"]).all()


def test_table_has_the_columns_of_the_schema() -> None:
    table = state_table(packets([up(1, len=100), down(1, ack=101)]), 0)
    declared = schema.STATE[: len(table.columns)]
    assert list(table) == [column.name for column in declared]
    for column in declared:
        assert str(table[column.name].dtype) == column.dtype
    assert table["frame"].tolist() == [1, 1, 2, 2]


def test_single_packets() -> None:
    for packet in (up(1), P(True, 1, flags=4), P(False, 5, flags=0, len=3), P(True, 0, flags=2)):
        check(packets([packet]))


def test_flight_falls_with_the_ack_and_with_sack() -> None:
    frame = packets(
        [
            *handshake(shift=0),
            *(down(1 + 1000 * i, len=1000) for i in range(4)),
            up(1, ack=1001),
            up(1, ack=1001, sack=((2001, 3001),)),
            up(1, ack=1001, sack=((2001, 4001),)),
            up(1, ack=4001),
        ]
    )
    table = state_table(frame, 0)
    flow = table[table["flow"] == "server->client"]
    assert flow["flight"].tolist()[3:] == [1000, 2000, 3000, 4000, 3000, 2000, 1000, 0]
    assert flow["sacked"].tolist()[-4:] == [0, 1000, 2000, 0]


def test_an_ack_beyond_what_was_seen_proves_that_it_was_sent() -> None:
    table = state_table(packets([up(1, ack=1), up(1, ack=5001)]), 0)
    assert table["nxt"].tolist()[1::2] == [1, 5001]
    assert table["flight"].tolist()[1::2] == [0, 0]


def test_the_window_of_a_late_packet_does_not_count() -> None:
    """RFC 9293 3.10.7.4: SND.WL1 and WL2 keep an old window from coming back."""
    rows = [
        down(1, len=1000),
        up(101, ack=1001, window=5000),
        up(1, ack=1, window=60000, len=100),  # overtaken by the one before
        up(101, ack=1001, window=0),  # as new as the newest
    ]
    table = state_table(packets(rows), 0)
    windows = table[table["flow"] == "server->client"]["window"]
    assert windows.tolist()[1:] == [5000, 5000, 0]


def test_a_reset_moves_nothing() -> None:
    rows = [down(1, len=10), up(1, ack=11), P(False, 10**9, 10**9, flags=20), up(1, ack=11)]
    table = state_table(packets(rows), 0)
    assert table["nxt"].tolist()[1::2] == [11, 11, 11, 11]
