import base64
import json
import zlib
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tcpwin.report.page_pack import Column, pack, pack_json

WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)


def unpack(block: dict[str, Any]) -> dict[str, dict[str, list[float | None]]]:
    """What unpack.js does, in other words; test_page_browser.py tries unpack.js itself."""
    data = zlib.decompress(base64.b64decode(str(block["data"])))
    tables: dict[str, dict[str, list[float | None]]] = {}
    for table, column, rows, width in block["columns"]:
        piece, data = data[: rows * width], data[rows * width :]
        values: list[float | None] = []
        now = 0
        for row in range(rows):
            code = int.from_bytes(piece[row::rows], "little")
            if code:
                step = code - 1
                now += -(step + 1) // 2 if step % 2 else step // 2
            values.append(now if code else None)
        tables.setdefault(table, {})[column] = values
    assert not data
    return tables


def unpack_json(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(text)))


def column(values: list[int | None]) -> Column:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


@given(st.lists(st.none() | WHOLE), st.lists(st.none() | WHOLE))
def test_it_comes_back(one: list[int | None], other: list[int | None]) -> None:
    block = pack({"a": {"x": column(one)}, "b": {"y": column(other), "z": column([])}})
    assert unpack(json.loads(json.dumps(block))) == {"a": {"x": one}, "b": {"y": other, "z": []}}


def test_a_column_that_grows_steadily_is_small() -> None:
    steady = pack({"a": {"t": np.arange(100_000.0) * 1448}})
    assert len(str(steady["data"])) < 1000


@given(st.recursive(st.none() | st.text() | st.integers(), st.lists))
def test_json_comes_back_and_means_nothing_to_html(value: object) -> None:
    text = pack_json(value)
    assert not set(text) & set("<>&\"'")
    assert unpack_json(text) == value
