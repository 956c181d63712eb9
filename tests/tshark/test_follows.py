"""What is worked out is what tshark would have printed, to the last digit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcpwin.tshark.follows import broken_off, completed, marks, window
from tcpwin.tshark.question import Unsure

TEXTS = {
    "keep_alive": "TCP keep-alive segment",
    "keep_alive_ack": "ACK to a TCP keep-alive segment",
}


def texts(*messages: str | None) -> Any:
    return pa.array(messages, pa.string()).dictionary_encode()


def told(*messages: str | None) -> dict[str, list[bool]]:
    numbers = pa.array([None, 1] * len(messages), pa.uint32())[: len(messages)]
    table = pa.table({"messages": texts(*messages), "duplicate_ack_num": numbers})
    return {name: found.to_pylist() for name, found in marks(table, TEXTS).items()}


def test_a_message_counts_as_a_whole_only() -> None:
    found = told("TCP keep-alive segment", "x,ACK to a TCP keep-alive segment,y", None, "")
    assert found["keep_alive"] == [True, False, False, False]
    assert found["keep_alive_ack"] == [False, True, False, False]
    assert found["duplicate_ack"] == [False, True, False, True]


def test_no_messages_at_all() -> None:
    assert told(None, None)["keep_alive"] == [False, False]
    assert told()["keep_alive"] == []


def test_more_messages_than_tshark_prints() -> None:
    with pytest.raises(Unsure):
        told("x" * 2001)


@pytest.mark.parametrize(("stream", "expected"), [(0, True), (None, False)])
def test_what_tshark_gave_up(stream: int | None, expected: bool) -> None:
    """Of a segment, that is; what is above UDP does not matter."""
    messages = texts(None, "x,Malformed Packet (Exception occurred)")
    table = pa.table({"messages": messages, "stream": pa.array([1, stream], pa.uint32())})
    assert broken_off(table) == expected


def windows(sent: list[int | None], factor: list[int | None], size: list[int | None]) -> Any:
    columns = {
        "window_size_value": pa.array(sent, pa.uint16()),
        "window_size_scalefactor": pa.array(factor, pa.int32()),
        "len": pa.array(size, pa.uint32()),
    }
    return window(pa.table(columns)).to_pylist()


def test_the_window_is_scaled_where_the_factor_is_known() -> None:
    sent, factor = [100, 100, 100, 65535, None], [None, -1, -2, 16384, None]
    assert windows(sent, factor, [0] * 5) == [100, 100, 100, 65535 * 16384, None]


def test_versions_do_not_agree_on_the_window_of_a_short_segment() -> None:
    assert windows([100], [-1], [None]) == [100]
    with pytest.raises(Unsure):
        windows([100], [8], [None])


def rows(frames: list[int], times: list[int], acks: list[int | None]) -> Any:
    nothing = pa.nulls(len(frames), pa.uint32())
    zeros = pa.array([0] * len(frames), pa.uint32())
    return pa.table(
        {
            "frame": pa.array(frames, pa.uint32()),
            "time_ns": pa.array(times, pa.int64()),
            "acks_frame": pa.array(acks, pa.uint32()),
            "rto_frame": nothing,
            "window_size_value": zeros.cast(pa.uint16()),
            "window_size_scalefactor": nothing.cast(pa.int32()),
            "len": zeros,
        }
    )


@given(st.lists(st.integers(0, 9 * 10**15), min_size=2, max_size=20), st.integers(0, 10**18))
def test_a_difference_is_what_its_decimals_say(times: list[int], start: int) -> None:
    whole = [start + t for t in times]
    acks = [None, *range(1, len(times))]
    found = completed(rows(list(range(1, len(times) + 1)), whole, acks), start)
    for i, t in enumerate(times):
        assert found["time_s"][i].as_py() == float(f"{t // 10**9}.{t % 10**9:09d}")
        if i:
            apart = abs(t - times[i - 1])
            text = f"{'-' if t < times[i - 1] else ''}{apart // 10**9}.{apart % 10**9:09d}"
            assert found["ack_rtt"][i].as_py() == float(text)
    assert np.isnan(found["ack_rtt"][0].as_py())
    assert np.isnan(found["rto"].to_numpy()).all()


@pytest.mark.parametrize(
    ("frames", "times", "acks"),
    [
        ([1, 3], [0, 1], [None, 2]),  # frame 2 is not there
        ([1, 3], [0, 1], [9, None]),
        ([1, 3], [0, 1 << 53], [None, None]),  # 104 days on
    ],
)
def test_what_does_not_follow(frames: list[int], times: list[int], acks: list[int | None]) -> None:
    with pytest.raises(Unsure):
        completed(rows(frames, times, acks), 0)


def test_nothing_at_all() -> None:
    assert len(completed(rows([], [], []), 0)) == 0


def test_what_the_headers_told_is_put_beside_it() -> None:
    told = {"frame": pa.array([1, 4], pa.uint32()), "ttl": pa.array([64, None], pa.uint8())}
    found = completed(rows([1, 4], [5, 6], [None, 1]), 5, told)
    assert found["ttl"].to_pylist() == [64, None]
    assert found.column_names.count("frame") == 1


@pytest.mark.parametrize("frames", [[1], [1, 3], [1, 4, 5]])
def test_tshark_saw_other_segments(frames: list[int]) -> None:
    told = {"frame": pa.array([1, 4], pa.uint32())}
    with pytest.raises(Unsure):
        completed(rows(frames, [0] * len(frames), [None] * len(frames)), 0, told)
