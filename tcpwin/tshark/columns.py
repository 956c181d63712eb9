"""tshark's lines of text become Arrow columns, and those a DataFrame.

Everything here is columnar; the types come from `schema`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from tcpwin import schema
from tcpwin.schema import Column

# Epoch seconds with nine decimals need 19 digits; a float64 would lose the nanoseconds.
_EPOCH: Final = pa.decimal128(28, 9)
_TEXT_TYPES: Final[dict[str, Any]] = {
    "mark": pa.string(),
    "list": pa.string(),
    "category": pa.dictionary(pa.int32(), pa.string()),
}


def _arrow_type(column: Column) -> Any:
    if column.name == "time_ns":
        return pa.int64()
    if column.dtype == "category":
        return pa.dictionary(pa.int32(), pa.string())
    if column.dtype == "list":
        return pa.list_(pa.uint32())
    if column.dtype == "mark":
        return pa.bool_()
    return pa.from_numpy_dtype(column.dtype.lower())


def arrow_schema(columns: Sequence[Column]) -> Any:
    """The Arrow schema of the batches that `parse` makes."""
    return pa.schema([(column.name, _arrow_type(column)) for column in columns])


def parse(block: bytes, columns: Sequence[Column]) -> Any:
    """Whole lines of ``tshark -T tabs`` as one Arrow RecordBatch of `arrow_schema`.

    A column without a field is not among what tshark printed; it comes out empty.
    """
    asked = [column for column in columns if column.field]
    types = {
        c.name: _EPOCH if c.name == "time_ns" else _TEXT_TYPES.get(c.dtype) or _arrow_type(c)
        for c in asked
    }
    table = csv.read_csv(
        pa.py_buffer(block),
        read_options=csv.ReadOptions(column_names=[c.name for c in asked]),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
        convert_options=csv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=True
        ),
    ).combine_chunks()
    arrays = []
    for column in columns:
        if not column.field:
            empty = pa.nulls(len(table), _arrow_type(column))
            arrays.append(pc.fill_null(empty, False) if column.dtype == "mark" else empty)
            continue
        array = table[column.name]
        array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
        arrays.append(_refine(column, array))
    return pa.record_batch(arrays, schema=arrow_schema(columns))


def _refine(column: Column, array: Any) -> Any:
    if column.name == "time_ns":
        return _nanoseconds(array)
    if column.dtype == "mark":
        return pc.is_valid(array)
    if column.dtype == "list":
        return pc.cast(pc.split_pattern(array, ","), pa.list_(pa.uint32()))
    if column.dtype == "category":  # the packet list pads addresses to a width
        trimmed = pc.utf8_trim_whitespace(array.dictionary)
        return pa.DictionaryArray.from_arrays(array.indices, trimmed)
    return array


def _nanoseconds(epoch: Any) -> Any:
    """Decimal seconds with nine places are whole nanoseconds: take the integer as it is."""
    low = np.frombuffer(epoch.buffers()[1], np.int64)[::2]
    return pa.array(low[epoch.offset : epoch.offset + len(epoch)])


def to_frame(table: Any, columns: Sequence[Column]) -> pd.DataFrame:
    """The Arrow table as a DataFrame with the dtypes of `schema`, in the order given."""
    data: dict[str, Any] = {}
    both = pa.chunked_array(
        [c for name in ("src", "dst") for c in table[name].chunks], table["src"].type
    )
    addresses = pd.Index(sorted(set(both.cast(pa.string()).unique().to_pylist()) - {None}))
    for column in columns:
        array = table[column.name]
        if column.dtype == "category":
            # One set of categories for both ends, so that src and dst can be compared.
            values = array.cast(pa.string()).to_pandas()
            data[column.name] = pd.Categorical(values, categories=addresses)
        elif column.dtype == "list":
            data[column.name] = pd.arrays.ArrowExtensionArray(array)
        elif column.dtype[0] in "UI":
            data[column.name] = pd.array([], dtype=column.dtype).dtype.__from_arrow__(array)
        else:
            data[column.name] = array.to_numpy()
    return pd.DataFrame(data, copy=False)


def finish(frame: pd.DataFrame, start_ns: int) -> pd.DataFrame:
    """Add the computed columns and bring all into the order of `schema.COLUMNS`."""
    time_ns = frame["time_ns"].to_numpy()
    frame["time"] = pd.DatetimeIndex(time_ns.view("M8[ns]"), tz="UTC")
    frame["time_s"] = (time_ns - start_ns) / 1e9
    return frame[[column.name for column in schema.COLUMNS]]
