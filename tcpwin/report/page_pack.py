"""Columns of whole numbers as a few bytes of text, for the page's scripts.

A capture's columns grow slowly: their differences are small. A difference is written
zigzag (0, -1, 1, -2 … as 0, 1, 2, 3 …; Protocol Buffers, "Encoding", signed integers) plus
one, 0 says "not known", in bytes of rising weight, all the low bytes first, then all of the
next: the high ones are runs of zeros, which deflate (RFC 1951) turns into nothing. The
alphabet of base64 (RFC 4648) holds no character that means something to HTML.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Column: TypeAlias = NDArray[np.float64]
Tables: TypeAlias = Mapping[str, Mapping[str, Column]]


def pack(tables: Tables) -> dict[str, Any]:
    """Tables of columns as ``{"columns": [[table, column, rows, bytes], …], "data": text}``.

    Args:
        tables: columns by name, by name of the table; whole numbers below 2**53 in size, NaN
            for what is not known, shape (n,) within a table.
    """
    shapes: list[tuple[str, str, int, int]] = []
    pieces: list[bytes] = []
    for table, columns in tables.items():
        for name, values in columns.items():
            width, piece = _planes(values)
            shapes.append((table, name, len(values), width))
            pieces.append(piece)
    return {"columns": shapes, "data": _text(b"".join(pieces))}


def pack_json(value: Any) -> str:
    """Any JSON value, deflated, in base64."""
    return _text(json.dumps(value, allow_nan=False, separators=(",", ":")).encode())


def _planes(values: Column) -> tuple[int, bytes]:
    """How many bytes a number takes, and the bytes, those of least weight first."""
    known = np.isfinite(values)
    whole: NDArray[np.int64] = values[known].astype(np.int64)
    steps: NDArray[np.int64] = np.ediff1d(whole, to_begin=whole[:1])
    code = np.zeros(len(values), dtype="<u8")
    code[known] = ((steps << 1) ^ (steps >> 63)).astype(np.uint64) + np.uint64(1)
    width = (int(code.max(initial=1)).bit_length() + 7) // 8
    return width, code.view(np.uint8).reshape(-1, 8).T[:width].tobytes()


def _text(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 6)).decode("ascii")
