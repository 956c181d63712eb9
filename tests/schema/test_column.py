import re

import pandas as pd
import pytest

from tcpwin import schema
from tcpwin.schema import TABLES, Column

EVERY = [column for table in TABLES.values() for column in table]


@pytest.mark.parametrize("table", TABLES)
def test_names_are_unique_and_lead_to_a_definition(table: str) -> None:
    columns = TABLES[table]
    assert len({column.name for column in columns}) == len(columns)
    for column in columns:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        assert column.meaning.endswith(".")
        assert column.source


@pytest.mark.parametrize("column", EVERY, ids=lambda column: column.name)
def test_dtypes_exist(column: Column) -> None:
    if column.dtype not in ("mark", "list", "text"):
        pd.api.types.pandas_dtype(column.dtype)


def test_every_row_keeps_its_frame() -> None:
    names = {table: [column.name for column in columns] for table, columns in TABLES.items()}
    assert {table for table, columns in names.items() if "frame" not in columns} == {"streams"}


def test_a_unit_in_the_name_is_the_unit() -> None:
    for column in EVERY:
        _, _, suffix = column.name.rpartition("_")
        if suffix in ("bytes", "ns", "s"):
            assert column.unit == suffix, column


def test_describe() -> None:
    text = str(schema.describe("bytes_in_flight"))
    assert "[bytes]" in text
    assert "tcp.analysis.bytes_in_flight" in text
    assert schema.describe("edge").meaning == "una + window."
    assert "computed by tcpwin" in str(schema.describe("flight"))
    assert schema.describe("time_s") is schema.COLUMNS[3]
    assert schema.describe("time_s", "window").meaning == "Time since the stream began."
    assert schema.describe("lost_s").meaning == "What the verdict's cause cost."
    assert schema.describe("lost_s", "stalls").meaning == "How long it lasted."


def test_describe_lists_what_there_is() -> None:
    with pytest.raises(KeyError, match=r"no column 'widnow'; there are: frame, .*window_size"):
        schema.describe("widnow")
    with pytest.raises(KeyError, match=r"no column 'rto'; there are: .*rto_s\b"):
        schema.describe("rto", "rtt")
    with pytest.raises(KeyError, match=r"no table 'windows'; there are: packets, .*limits"):
        schema.describe("rto", "windows")
