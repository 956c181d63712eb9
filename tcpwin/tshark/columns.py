"""tshark's lines of text become Arrow columns, and those a DataFrame.

Everything here is columnar; the types come from `schema`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from tcpwin import schema
from tcpwin.errors import TsharkError
from tcpwin.schema import Column
from tcpwin.schema.column import IP_PAGE
from tcpwin.units import printable

# Not in the table: in a tunnel that has both, it tells which address is the inner one.
IP_PROTO: Final = Column("ip_proto", "ip.proto", "UInt8", "", "Last IPv4's payload.", IP_PAGE)
_TCP: Final = 6

# A float64 would lose the nanoseconds, and tshark may print ten decimals for a broken stamp.
_EPOCH: Final = r"^(?P<seconds>-?\d+)(?:\.(?P<fraction>-?\d+))?$"
# How newer versions print one, to a width; older ones run both numbers together.
_BROKEN: Final = re.compile(rb"(-?\d+)\.\((-?\d+) n[a-z)]*")
_LATEST_S: Final = 9_223_372_036  # in the year 2262: more does not fit an int64 of ns
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
    asked = [*(column for column in columns if column.field), IP_PROTO]
    types = {
        c.name: pa.string() if c.name == "time_ns" else _TEXT_TYPES.get(c.dtype) or _arrow_type(c)
        for c in asked
    }
    if b".(" in block:
        block = _BROKEN.sub(_repaired, block)
    try:
        table = csv.read_csv(
            pa.py_buffer(block),
            read_options=csv.ReadOptions(
                column_names=[c.name for c in asked], block_size=len(block) + 1
            ),
            parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
            convert_options=csv.ConvertOptions(
                column_types=types, null_values=[""], strings_can_be_null=True
            ),
        ).combine_chunks()
    except pa.ArrowInvalid as error:
        why = printable(str(error))
        raise TsharkError(f"tshark printed what is no table ({why}): try another tshark") from error
    arrays = []
    for column in columns:
        if column.field:
            arrays.append(_refine(column, table))
        else:
            empty = pa.nulls(len(table), _arrow_type(column))
            arrays.append(pc.fill_null(empty, False) if column.dtype == "mark" else empty)
    return pa.record_batch(arrays, schema=arrow_schema(columns))


def _repaired(stamp: re.Match[bytes]) -> bytes:
    nanoseconds = int(stamp[1]) * 10**9 + int(stamp[2])
    return b"%d.%09d" % divmod(nanoseconds, 10**9)


def _refine(column: Column, table: Any) -> Any:
    array = table[column.name]
    array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    if column.name == "time_ns":
        return _nanoseconds(array)
    if column.dtype == "mark":
        return pc.is_valid(array)
    if column.dtype == "list":
        return pc.cast(pc.split_pattern(array, ","), pa.list_(pa.uint32()))
    if column.dtype == "category":
        return _innermost(array, table[IP_PROTO.name])
    return array


def _nanoseconds(epoch: Any) -> Any:
    """Seconds as text become whole nanoseconds; null where they do not fit.

    tshark prints the seconds and the nanoseconds of a stamp as two numbers, so that the
    second counts up from the first also before 1970.
    """
    parts = pc.extract_regex(epoch, _EPOCH)
    seconds = pc.struct_field(parts, "seconds").cast(pa.int64())
    fraction = pc.utf8_rpad(pc.struct_field(parts, "fraction"), 9, "0").cast(pa.int64())
    fits = pc.less(pc.abs(seconds), _LATEST_S)
    whole = pc.multiply(pc.if_else(fits, seconds, None), 1_000_000_000)
    return pc.add(whole, fraction)


def _innermost(addresses: Any, ip_proto: Any) -> Any:
    """Of ``10.0.0.1,fd00::1`` the IPv4 address if it was IPv4 that carried TCP, or the other."""
    if not pc.any(pc.match_substring(addresses.dictionary, ",")).as_py():
        return addresses
    both = addresses.cast(pa.string())
    ipv4 = pc.replace_substring_regex(both, ",.*", "")
    ipv6 = pc.replace_substring_regex(both, ".*,", "")
    is_ipv4 = pc.fill_null(pc.equal(ip_proto, _TCP), False)
    return pc.if_else(is_ipv4, ipv4, ipv6).combine_chunks().dictionary_encode()


def to_frame(table: Any) -> pd.DataFrame:
    """The Arrow table as a DataFrame: `schema.COLUMNS`, with their dtypes and in their order."""
    data: dict[str, Any] = {}
    time_ns = _no_gaps(table["time_ns"])
    both = pa.chunked_array(
        [c for name in ("src", "dst") for c in table[name].chunks], table["src"].type
    )
    addresses = pd.Index(sorted(set(both.cast(pa.string()).unique().to_pylist()) - {None}))
    for column in schema.COLUMNS:
        if column.name == "time":
            data["time"] = pd.DatetimeIndex(time_ns.view("M8[ns]"), tz="UTC")
        elif column.name == "time_ns":
            data["time_ns"] = time_ns
        elif column.dtype == "category":
            # One set of categories for both ends, so that src and dst can be compared.
            values = table[column.name].cast(pa.string()).to_pandas()
            data[column.name] = pd.Categorical(values, categories=addresses)
        elif column.dtype == "list":
            data[column.name] = pd.arrays.ArrowExtensionArray(table[column.name])
        elif column.dtype[0] in "UI":
            dtype: Any = pd.api.types.pandas_dtype(column.dtype)
            data[column.name] = dtype.__from_arrow__(table[column.name])
        else:
            array = table[column.name]
            if column.name == "ack":  # of a broken header
                array = pc.fill_null(array, 0)
            data[column.name] = array.to_numpy()
    return pd.DataFrame(data, copy=False)


def _no_gaps(times: Any) -> np.ndarray:
    """A frame without a time stamp takes the one before, the first ones 1970."""
    filled: np.ndarray = pc.fill_null(pc.fill_null_forward(times), 0).to_numpy()
    return filled
