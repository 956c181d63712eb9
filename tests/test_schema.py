import dataclasses
import re

import pandas as pd
import pytest

from tcpwin import schema
from tcpwin.schema import COLUMNS, STATE, Column

TABLES = {"packets": COLUMNS, "state": STATE}
BYTES = {"bool": 1, "mark": 1, "category": 4, "list": 9, "datetime64[ns, UTC]": 8}


@pytest.mark.parametrize("table", TABLES)
def test_names_are_unique_and_lead_to_a_definition(table: str) -> None:
    columns = TABLES[table]
    assert len({column.name for column in columns}) == len(columns)
    for column in columns:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        assert column.meaning.endswith(".")
        assert column.source


@pytest.mark.parametrize("column", [*COLUMNS, *STATE], ids=lambda column: column.name)
def test_dtypes_exist(column: Column) -> None:
    if column.dtype not in ("mark", "list"):
        pd.api.types.pandas_dtype(column.dtype)


def test_the_name_is_the_leaf_of_the_field() -> None:
    ours = {"frame", "time_ns", "time_s", "src", "dst", "frame_len", "src_port", "dst_port",
            "ip_id", "wscale_shift"}  # fmt: skip
    for column in schema.fields():
        leaf = column.field.rpartition(".")[2]
        assert column.name in (leaf, *ours), column


def test_a_row_is_small() -> None:
    sizes = [BYTES.get(c.dtype) or pd.Series([1], dtype=c.dtype).memory_usage(index=False)
             for c in COLUMNS]  # fmt: skip
    assert sum(sizes) < 200


def test_every_row_keeps_its_frame() -> None:
    assert COLUMNS[0].name == STATE[0].name == "frame"


def test_describe() -> None:
    text = str(schema.describe("bytes_in_flight"))
    assert "[bytes]" in text
    assert "tcp.analysis.bytes_in_flight" in text
    assert schema.describe("edge").meaning == "una + window."
    assert "computed by tcpwin" in str(schema.describe("flight"))
    assert schema.describe("time_s") is COLUMNS[3]


def test_describe_lists_what_there_is() -> None:
    with pytest.raises(KeyError, match=r"no column 'widnow'; there are: frame, .*window_size"):
        schema.describe("widnow")


def test_a_column_without_field_is_not_asked_for() -> None:
    rto = schema.describe("rto")
    assert schema.without_field(rto) == dataclasses.replace(rto, field="")
    assert {column.name for column in COLUMNS} - {c.name for c in schema.fields()} == {"time"}
