"""Text in, types out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcpwin import schema
from tcpwin.errors import TsharkError
from tcpwin.tshark.columns import parse, to_frame
from tcpwin.tshark.question import Question, Unsure
from tests.tshark.oracle import laws

COLUMNS = schema.fields()
LINE = {
    "frame": "    7", "time_ns": "1700000000.000000001", "time_s": "0.5", "stream": "3",
    "src": "10.0.0.1", "dst": "10.0.0.2", "src_port": "1", "dst_port": "2", "frame_len": "60",
    "cap_len": "60", "seq": "0", "ack": "1", "len": "0", "flags": "0x0010",
}  # fmt: skip


def framed(batch: Any) -> pd.DataFrame:
    names = batch.schema.names
    return to_frame({name: pa.chunked_array([batch.column(name)]) for name in names})


def frame(*changes: dict[str, str], proto: str = "6") -> pd.DataFrame:
    lines = []
    for change in changes:
        cells = {**LINE, **change}
        lines.append("\t".join([cells.get(c.name, "") for c in COLUMNS] + [proto]))
    batch = parse("".join(line + "\n" for line in lines).encode(), Question(COLUMNS))
    return framed(batch)


def test_types_and_order() -> None:
    table = frame({}, {"sack_le": "1,4294967295", "retransmission": "✓", "duplicate_ack": "✓,"})
    assert laws(table) == []
    assert table["retransmission"].tolist() == [False, True]
    assert table["duplicate_ack"].tolist() == [False, True]
    assert list(table["sack_le"][1]) == [1, 2**32 - 1]
    assert table["frame"].tolist() == [7, 7]
    assert table["flags"].tolist() == [16, 16]


@pytest.mark.parametrize("text", ["0x10", "0x0010", "16"])
def test_numbers_of_any_shape(text: str) -> None:
    assert frame({"flags": text})["flags"][0] == 16


@given(st.integers(0, 9_000_000_000), st.integers(0, 999_999_999))
def test_time_is_exact(seconds: int, nanos: int) -> None:
    table = frame({"time_ns": f"{seconds}.{nanos:09d}"})
    assert table["time_ns"][0] == seconds * 10**9 + nanos
    assert table["time"][0].value == seconds * 10**9 + nanos


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("5", 5 * 10**9),
        ("5.25", 5_250_000_000),
        ("5.1000000000", 6 * 10**9),
        ("5.(1000000000 nanoseconds)", 6 * 10**9),
        ("5.(1000000000 nanosec", 6 * 10**9),
        ("5.(-1 nanoseconds)", 5 * 10**9 - 1),
        ("-5.000000001", -5 * 10**9 + 1),
        ("", 0),
        ("99999999999.0", 0),
        ("nonsense", 0),
    ],
)
def test_odd_time_stamps(text: str, ns: int) -> None:
    assert frame({"time_ns": text})["time_ns"][0] == ns


def test_a_frame_without_time_takes_that_of_the_frame_before() -> None:
    table = frame({"time_ns": ""}, {"time_ns": "7.0"}, {"time_ns": ""})
    assert table["time_ns"].tolist() == [0, 7 * 10**9, 7 * 10**9]


@pytest.mark.parametrize(
    ("text", "proto", "expected"),
    [
        ("10.0.0.1", "6", "10.0.0.1"),
        ("fd00::1", "", "fd00::1"),
        ("10.0.0.1,fd00::1", "6", "10.0.0.1"),
        ("10.0.0.1,fd00::1", "41", "fd00::1"),
        ("10.0.0.1,fd00::1", "", "fd00::1"),
    ],
)
def test_the_innermost_address(text: str, proto: str, expected: str) -> None:
    assert frame({"src": text}, proto=proto)["src"][0] == expected


def test_addresses_can_be_compared() -> None:
    table = frame({"src": "10.0.0.2", "dst": "10.0.0.1"}, {})
    assert (table["src"] == table["dst"].iloc[::-1].reset_index(drop=True)).all()
    assert table["src"].cat.categories.tolist() == ["10.0.0.1", "10.0.0.2"]


def test_what_a_broken_header_lacks() -> None:
    table = frame({"ack": "", "len": "", "flags": "", "window_size_value": ""})
    assert laws(table) == []
    assert table["ack"][0] == 0
    assert table[["len", "flags", "window_size_value"]].isna().all(axis=None)


def test_a_column_without_field_is_empty() -> None:
    lacking = ("ttl", "sack_re", "zero_window", "rto")
    columns = [schema.without_field(c) if c.name in lacking else c for c in COLUMNS]
    cells = [LINE.get(c.name, "") for c in columns if c.field]
    batch = parse(("\t".join([*cells, "6"]) + "\n").encode(), Question(tuple(columns)))
    table = framed(batch)
    assert laws(table) == []
    assert np.isnan(table["rto"][0])


def test_a_line_longer_than_arrows_blocks() -> None:
    edges = ",".join(["4294967295"] * 300_000)
    assert len(frame({}, {"sack_le": edges}, {})["sack_le"][1]) == 300_000


@pytest.mark.parametrize("block", [b"Segmentation fault\n", b"a\tb\n"])
def test_no_table(block: bytes) -> None:
    with pytest.raises(TsharkError, match="no table") as error:
        parse(block, Question(COLUMNS))
    assert str(error.value).isprintable()


TEXTS = {"zero_window": "TCP Zero Window segment", "keep_alive": "TCP keep-alive segment"}
BRIEF = Question(COLUMNS, TEXTS)


def briefly(**cells: str) -> pd.DataFrame:
    """One line as the short question gives it."""
    cells = {**LINE, "window_size_value": "7", **cells}
    line = "\t".join(cells.get(column.name, "") for column in BRIEF.asked)
    return parse(line.encode() + b"\n", BRIEF).to_pandas()


def test_the_short_question_gives_all_that_a_line_can() -> None:
    row = briefly(messages="a,TCP Zero Window segment")
    assert list(row) == [c.name for c in BRIEF.parsed]
    assert row["zero_window"][0]
    assert not row["keep_alive"][0]
    assert row["time_ns"][0] == 1_700_000_000_000_000_001


@pytest.mark.parametrize(
    "cells",
    [
        {"src": "10.0.0.1,fd00::1"},
        {"time_ns": ""},
        {"time_ns": "-5.000000001"},
        {"time_ns": "5.(1000000000 nanoseconds)"},
        {"time_ns": "5.1000000000"},
        {"time_ns": "9999999999.000000000"},
        {"messages": "x" * 2001},
        {"seq": "many"},
    ],
    ids=str,
)
def test_lines_that_the_short_question_is_too_short_for(cells: dict[str, str]) -> None:
    with pytest.raises(Unsure):
        briefly(**cells)


def test_a_number_that_is_none() -> None:
    with pytest.raises(TsharkError, match="no table"):
        frame({"seq": "many"})
