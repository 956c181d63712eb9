import dataclasses

import pandas as pd

from tcpwin import schema
from tcpwin.schema import COLUMNS

BYTES = {"bool": 1, "mark": 1, "category": 4, "list": 9, "datetime64[ns, UTC]": 8}


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


def test_a_column_without_field_is_not_asked_for() -> None:
    rto = schema.describe("rto")
    assert schema.without_field(rto) == dataclasses.replace(rto, field="")
    assert {column.name for column in COLUMNS} - {c.name for c in schema.fields()} == {"time"}
