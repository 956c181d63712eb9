"""A DataFrame as a Parquet file and back: the same dtypes, categories and missing values.

One row group, no dictionaries but those of text, LZ4: the quickest to read of the ways tried
that do not take the size of the capture (437,206 packets: LZ4 75 ms and 12 MB, zstd 115 ms
and 6 MB, no compression 70 ms and 55 MB). Every page has a checksum, the notes have a digest.
No pickle, and no type that the file names: the notes tell the dtypes, of which only those
below are known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tcpwin.tshark.columns import nullable

_NOTES: Final = b"tcpwin"
_DIGEST: Final = b"tcpwin.digest"
_DTYPES: Final = "dtypes"
_LIST: Final = "list<item: uint32>[pyarrow]"
_TIME: Final = "datetime64[ns, UTC]"  # of `time`, which is `time_ns` once more and not written
_DAMAGE: Final = (
    pa.ArrowException,
    *(OSError, MemoryError, OverflowError),
    *(ValueError, LookupError, TypeError, AttributeError),
)


class Damaged(Exception):  # noqa: N818 - nothing is wrong, the table is made again
    """The file is not one that `write` has written, or it has changed since."""


def write(frame: pd.DataFrame, notes: Mapping[str, Any], file: IO[bytes]) -> None:
    """Write the frame without its index, and `notes`, which JSON can hold.

    Categories are kept where there are rows.
    """
    dtypes = {str(name): str(dtype) for name, dtype in frame.dtypes.items()}
    text = json.dumps({**notes, _DTYPES: dtypes}).encode()
    schema = _schema(dtypes, {_NOTES: text, _DIGEST: _digest(text)})
    table = pa.table([_arrow(frame[field.name], field.type) for field in schema], schema=schema)
    pq.write_table(
        table,
        file,
        row_group_size=max(len(frame), 1),
        compression="lz4",
        use_dictionary=[name for name, dtype in dtypes.items() if dtype == "category"],
        dictionary_pagesize_limit=1 << 30,  # above it the words would stand in every row
        use_compliant_nested_type=False,  # the items of a list keep their name
        write_statistics=False,
        write_page_checksum=True,
    )


def read_notes(path: Path) -> dict[str, Any]:
    """The notes alone.

    Raises:
        Damaged: see there; also where there is no such file.
    """
    with _opened(path) as source:
        return _notes(pq.read_metadata(source), path)


def read(path: Path, wanted: Mapping[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The frame and the notes that were written.

    Args:
        path: a file of `write`.
        wanted: what the notes have to say, or else the file is another's.

    Raises:
        Damaged: see there; also where there is no such file.
    """
    with _opened(path) as source:
        metadata = pq.read_metadata(source)
        notes = _notes(metadata, path)
        if not wanted.items() <= notes.items():
            raise Damaged(f"{path} is about something else")
        dtypes = notes.pop(_DTYPES)
        file = pq.ParquetFile(source, metadata=metadata, page_checksum_verification=True)
        if not file.schema_arrow.equals(_schema(dtypes)):
            raise Damaged(f"{path} has other columns than its notes say")
        table = file.read()
        if len(table) != metadata.num_rows:
            raise Damaged(f"{path} lacks rows")
        return _frame(table, dtypes), notes


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with pa.OSFile(str(path)) as source:
            yield source
    except _DAMAGE as error:
        raise Damaged(f"{path}: {error}") from error


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=16).hexdigest().encode()


def _notes(metadata: Any, path: Path) -> dict[str, Any]:
    text = metadata.metadata[_NOTES]
    if metadata.metadata[_DIGEST] != _digest(text):
        raise Damaged(f"{path} has other notes than were written")
    notes: dict[str, Any] = json.loads(text)
    return notes


def _schema(dtypes: Mapping[str, str], notes: Mapping[bytes, bytes] | None = None) -> pa.Schema:
    fields = []
    for name, dtype in dtypes.items():
        if dtype == "object":
            fields.append(pa.field(name, pa.string()))
        elif dtype == "category":
            fields.append(pa.field(name, pa.dictionary(pa.int32(), pa.string())))
        elif dtype == _LIST:
            fields.append(pa.field(name, pa.list_(pa.uint32())))
        elif dtype != _TIME:
            kind = pa.from_numpy_dtype(dtype.lower())
            fields.append(pa.field(name, kind, nullable=dtype[0] in "UI"))
    return pa.schema(fields, notes)


def _arrow(column: pd.Series, kind: pa.DataType) -> Any:
    if pa.types.is_dictionary(kind):
        codes = column.cat.codes.to_numpy()
        words = pa.array(list(column.cat.categories), pa.string())
        return pa.DictionaryArray.from_arrays(
            pa.array(codes, pa.int32(), mask=codes < 0), words, safe=False
        )
    if isinstance(column.dtype, np.dtype) and column.dtype != object:
        return pa.array(column.to_numpy(), kind, from_pandas=False)  # NaN stays a number
    return pa.array(column.array, kind)


def _frame(table: pa.Table, dtypes: Mapping[str, str]) -> pd.DataFrame:
    data: dict[str, Any] = {}
    words: pd.Index = pd.Index([])
    for name, dtype in dtypes.items():
        if dtype == _TIME:
            data[name] = pd.DatetimeIndex(data["time_ns"].view("M8[ns]"), tz="UTC")
            continue
        column = table[name]
        array = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        if dtype == "category":
            known = array.dictionary.to_pylist()
            if known != list(words):
                words = pd.Index(known)  # as a rule the same for all: addresses
            codes = array.indices.fill_null(-1).to_numpy()
            data[name] = pd.Categorical.from_codes(codes, categories=words)
        elif dtype == _LIST:
            data[name] = pd.arrays.ArrowExtensionArray(column)
        elif dtype[0] in "UI":
            data[name] = nullable(array)
        else:
            values = array.to_numpy(zero_copy_only=False)
            data[name] = pd.Series(values, dtype=dtype) if dtype == "object" else values
    return pd.DataFrame(data, copy=False)
