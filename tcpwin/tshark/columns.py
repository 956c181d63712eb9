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
from tcpwin.tshark.follows import broken_off, marks
from tcpwin.tshark.question import IP_PROTO, Question, Unsure
from tcpwin.units import printable

_TCP: Final = 6

# A float64 would lose the nanoseconds, and tshark may print ten decimals for a broken stamp.
_EPOCH: Final = r"^(?P<seconds>-?\d+)(?:\.(?P<fraction>-?\d+))?$"
# How newer versions print one, to a width; older ones run both numbers together.
_BROKEN: Final = re.compile(rb"(-?\d+)\.\((-?\d+) n[a-z)]*")
_LATEST_S: Final = 9_223_372_036  # in the year 2262: more does not fit an int64 of ns
_STAMP: Final = pa.decimal128(19, 9)  # s
_TENS: Final = 10 ** np.arange(1, 11)
_TEXT_TYPES: Final[dict[str, Any]] = {
    "mark": pa.string(),
    "list": pa.string(),
    "category": pa.dictionary(pa.int32(), pa.string()),
    "texts": pa.dictionary(pa.int32(), pa.string()),
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


def parse(block: bytes, question: Question) -> Any:
    """Whole lines of ``tshark -T tabs`` as one Arrow RecordBatch of `question.parsed`.

    A column without a field is not among what tshark printed; it comes out empty.

    Raises:
        Unsure: the question was too brief for these lines.
        TsharkError: they are no table.
    """
    types = {
        c.name: pa.string() if c.name == "time_ns" else _TEXT_TYPES.get(c.dtype) or _arrow_type(c)
        for c in question.asked
    }
    if b".(" in block and not question.brief:
        block = _BROKEN.sub(_repaired, block)
    try:
        table = csv.read_csv(
            pa.py_buffer(block),
            read_options=csv.ReadOptions(column_names=[*types], block_size=len(block) + 1),
            parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
            convert_options=csv.ConvertOptions(
                column_types=types, null_values=[""], strings_can_be_null=True
            ),
        ).combine_chunks()
    except pa.ArrowInvalid as error:
        if question.brief:
            raise Unsure from error
        why = printable(str(error))
        raise TsharkError(f"tshark printed what is no table ({why}): try another tshark") from error
    if question.told and broken_off(table):
        raise Unsure
    worked_out = marks(table, question.texts) if question.brief else {}
    arrays = []
    for column in question.parsed:
        if column.name in worked_out:
            arrays.append(worked_out[column.name])
        elif column.field:
            arrays.append(_refine(column, table, question.brief))
        else:
            empty = pa.nulls(len(table), _arrow_type(column))
            arrays.append(pc.fill_null(empty, False) if column.dtype == "mark" else empty)
    return pa.record_batch(arrays, schema=arrow_schema(question.parsed))


def _repaired(stamp: re.Match[bytes]) -> bytes:
    nanoseconds = int(stamp[1]) * 10**9 + int(stamp[2])
    return b"%d.%09d" % divmod(nanoseconds, 10**9)


def _refine(column: Column, table: Any, brief: bool) -> Any:
    array = table[column.name]
    array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    if column.name == "time_ns":
        return _stamps(array) if brief else _nanoseconds(array)
    if column.dtype == "mark":
        return pc.is_valid(array)
    if column.dtype == "list":
        return pc.cast(pc.split_pattern(array, ","), pa.list_(pa.uint32()))
    if column.dtype == "category":
        return _innermost(array, table)
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


def _stamps(epoch: Any) -> Any:
    """As `_nanoseconds`, sooner, of stamps that are whole.

    Raises:
        Unsure: one is not: it has not nine decimals, or is from before 1970.
    """
    try:
        decimals = epoch.cast(_STAMP)
    except pa.ArrowInvalid as error:
        raise Unsure from error
    # A decimal is a whole number of 128 bits; the upper half is 0.
    low = np.frombuffer(decimals.buffers()[1], np.int64)[::2][: len(epoch)]
    digits = np.searchsorted(_TENS, low // 10**9, "right") + 10
    sizes = np.asarray(pc.fill_null(pc.binary_length(epoch), 0))
    if (low < 0).any() or (sizes != digits + 1).any():
        raise Unsure
    return pa.array(low)


def _innermost(addresses: Any, table: Any) -> Any:
    """Of ``10.0.0.1,fd00::1`` the IPv4 address if it was IPv4 that carried TCP, or the other."""
    if not pc.any(pc.match_substring(addresses.dictionary, ",")).as_py():
        return addresses
    if IP_PROTO.name not in table.column_names:
        raise Unsure
    both = addresses.cast(pa.string())
    ipv4 = pc.replace_substring_regex(both, ",.*", "")
    ipv6 = pc.replace_substring_regex(both, ".*,", "")
    is_ipv4 = pc.fill_null(pc.equal(table[IP_PROTO.name], _TCP), False)
    return pc.if_else(is_ipv4, ipv4, ipv6).combine_chunks().dictionary_encode()


def to_frame(columns: dict[str, Any]) -> pd.DataFrame:
    """Arrow columns as a DataFrame: `schema.COLUMNS`, with their dtypes and in their order.

    They are taken out of `columns` one by one, so that each is in memory once.
    """
    data: dict[str, Any] = {}
    time_ns = _no_gaps(columns.pop("time_ns"))
    ends = _ends(columns.pop("src"), columns.pop("dst"))
    for column in schema.COLUMNS:
        if column.name == "time":
            data["time"] = pd.DatetimeIndex(time_ns.view("M8[ns]"), tz="UTC")
        elif column.name == "time_ns":
            data["time_ns"] = time_ns
        elif column.dtype == "category":
            data[column.name] = ends[column.name]
        elif column.dtype == "list":
            data[column.name] = pd.arrays.ArrowExtensionArray(columns.pop(column.name))
        elif column.dtype[0] in "UI":
            data[column.name] = nullable(columns.pop(column.name).combine_chunks())
        else:
            array = columns.pop(column.name)
            if column.name == "ack":  # of a broken header
                array = pc.fill_null(array, 0)
            data[column.name] = array.to_numpy()
    return pd.DataFrame(data, copy=False)


def nullable(array: Any) -> pd.arrays.IntegerArray:
    """An Arrow array of integers for pandas, which has its values where they are, not copied."""
    values = np.frombuffer(array.buffers()[1], array.type.to_pandas_dtype())
    missing = array.is_null() if array.null_count else np.zeros(len(array), np.bool_)
    there = slice(array.offset, array.offset + len(array))
    return pd.arrays.IntegerArray(values[there], np.asarray(missing))


def _ends(src: Any, dst: Any) -> dict[str, pd.Categorical]:
    """Both ends with the same categories, so that they can be compared: the addresses in order."""
    both = pa.chunked_array([*src.chunks, *dst.chunks], src.type).unify_dictionaries()
    both = both.combine_chunks()
    rows = both.indices.fill_null(-1).to_numpy()
    used = np.unique(rows[rows >= 0])
    words = both.dictionary.take(pa.array(used))
    order = pc.sort_indices(words)
    codes = np.full(len(both.dictionary) + 1, -1, np.int32)  # the last is that of -1
    codes[used[order]] = np.arange(len(used))
    addresses = pd.Index(words.take(order).to_pylist())
    parts = np.split(codes[rows], [len(src)])
    return {
        name: pd.Categorical.from_codes(part, categories=addresses)
        for name, part in zip(("src", "dst"), parts, strict=True)
    }


def _no_gaps(times: Any) -> np.ndarray:
    """A frame without a time stamp takes the one before, the first ones 1970."""
    filled: np.ndarray = pc.fill_null(pc.fill_null_forward(times), 0).to_numpy()
    return filled
