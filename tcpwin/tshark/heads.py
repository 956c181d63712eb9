"""HTTP/1.x heads in TCP payloads, as one row each.

Only what has the form of a request line or a status line is taken, so that the protocol
needs no port. Whether a head inside a payload is one, or part of somebody's text, is decided
where the sequence numbers are known (`tcpwin.analysis.http`). Columnar throughout: the
payloads are one buffer. Source: RFC 9112.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Those that a request line may be recognised by before its end, WebDAV's among them.
METHODS: Final = (
    "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE|"
    "PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|SEARCH|REPORT"
)
LONGEST: Final = 1 << 14  # of a head in bytes; what is longer counts as cut
_ROUNDS: Final = 8  # segments that a head may be spread over
_TEXT: Final = 2000  # characters kept of a value
_PAD: Final = 16
_LF, _CR, _SPACE = 10, 13, 32
_NOTHING: Final = pa.scalar("", pa.large_string())
# Header text is from strangers: what is no printable ASCII becomes a question mark.
_CLEAN: Final = bytes(c if 32 <= c < 127 or c in (_LF, _CR) else ord("?") for c in range(256))
_CLEAN_TAB: Final = _CLEAN[:9] + b" " + _CLEAN[10:]

_FIRST_LINES: Final = {
    "method": r"^(?P<v>[A-Z][A-Z-]{0,30}) ",
    "uri": r"^[A-Z][A-Z-]{0,30} (?P<v>[^ \r\n]+)",
    "version": r"^(?:[^\r\n]* )?HTTP/(?P<v>1\.[0-9])(?:[ \r\n]|$)",
    "status": r"^HTTP/1\.[0-9] (?P<v>[1-5][0-9][0-9])(?:[ \r\n]|$)",
}
_NUMBERS: Final = ("status", "content_length")
_NAMES: Final = (
    *("host", "content_length", "content_range", "range", "transfer_encoding", "connection"),
)


@dataclass(frozen=True)
class Payloads:
    """TCP segments with what was captured of their payload.

    Attributes:
        segments: frame, stream, src, src_port, seq (raw), len; one row each.
        data: all payloads, one after the other.
        bounds: where each begins in `data`, and the end of the last; shape (n + 1,).
    """

    segments: pd.DataFrame
    data: bytes
    bounds: Ints


def find_heads(payloads: Payloads) -> pd.DataFrame:
    """One row per head: the columns of `Context.http`, in the order of the segments."""
    buffer = np.frombuffer(payloads.data.translate(_CLEAN_TAB) + bytes(_PAD), np.uint8)
    bounds = payloads.bounds
    newline = np.flatnonzero(buffer == _LF)
    blank = _after_blank_lines(buffer, newline)
    start, segment = _starts(buffer, bounds, newline, blank)
    stop, complete = _stops(start, bounds[segment + 1], blank)
    text = _texts(buffer, start, stop)
    whole = np.diff(bounds) == payloads.segments["len"].to_numpy(np.int64)
    open_end = ~complete & whole[segment] & (stop == bounds[segment + 1])
    text, complete = _join(payloads, buffer, text, complete, segment, open_end)
    size = pc.binary_length(text).to_numpy(zero_copy_only=False).astype(np.int64)
    offset = start - bounds[segment]
    before = start[:, None] - np.arange(5, 0, -1)
    ended = (buffer[np.maximum(before, 0)] == np.frombuffer(b"0\r\n\r\n", np.uint8)).all(axis=1)
    columns: dict[str, Any] = {
        "frame": payloads.segments["frame"].to_numpy()[segment],
        "stream": payloads.segments["stream"].to_numpy()[segment],
        "offset": offset,
        "after_chunks": ended & (offset >= 5),
        "is_request": False,
        "header_len": pd.arrays.IntegerArray(size.copy(), ~complete),
        "head_bytes": size,
    }
    patterns = dict(_FIRST_LINES)
    for name in _NAMES:
        value = r"(?P<v>[0-9]{1,18})[ ]*[,\r\n]" if name in _NUMBERS else r"(?P<v>[^\r\n]*)[\r\n]"
        patterns[name] = rf"(?i)\n{name.replace('_', '-')}[ ]*:[ ]*{value}"
    for name, pattern in patterns.items():
        found = _value(text, pattern)
        columns[name] = pd.to_numeric(found).astype("Int64") if name in _NUMBERS else found
    columns["connection"] = columns["connection"].str.lower()
    columns["is_request"] = columns["uri"].notna().to_numpy()
    heads = pd.DataFrame(columns)
    return heads[heads["is_request"] | heads["status"].notna()].reset_index(drop=True)


def _value(text: Any, pattern: str) -> pd.Series:
    values = pc.struct_field(pc.extract_regex(text, pattern), "v")
    values = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(values), 0, _TEXT)
    return pd.Series(values.to_numpy(zero_copy_only=False), dtype=object)


def _after_blank_lines(buffer: NDArray[np.uint8], newline: Ints) -> Ints:
    """Positions right after a blank line, ascending."""
    one, two = buffer[newline + 1], buffer[newline + 2]
    ends = (newline[one == _LF] + 2, newline[(one == _CR) & (two == _LF)] + 3)
    return np.sort(np.concatenate(ends))


def _starts(
    buffer: NDArray[np.uint8], bounds: Ints, newline: Ints, blank: Ints
) -> tuple[Ints, Ints]:
    """Where heads begin in the buffer, ascending, and in which segments."""
    at = np.flatnonzero(buffer[:-_PAD] == ord("H"))
    for step, letter in enumerate(b"HTTP/1."):
        at = at[buffer[at + step] == letter]
    segment = np.searchsorted(bounds, at, "right") - 1
    end = bounds[segment + 1]
    before = np.searchsorted(newline, at) - 1
    line = np.maximum(np.append(newline, -1)[before] + 1, bounds[segment])
    digits = (buffer[at[:, None] + np.arange(9, 12)] - ord("0") <= 9).all(axis=1)
    answer = (buffer[at + 8] == _SPACE) & digits & (at + 12 <= end)
    asks = ~answer & (at > line) & (buffer[np.maximum(at - 1, 0)] == _SPACE)
    after = buffer[at + 8]
    asks &= (at + 8 == end) | ((at + 8 < end) & ((after == _CR) | (after == _LF)))
    asks &= (buffer[line] - ord("A") < 26) & ((line == bounds[segment]) | np.isin(line, blank))
    # A request line that is cut, or goes on in the next segment.
    ahead = np.append(newline, len(buffer))[np.searchsorted(newline, bounds[:-1])]
    lone = np.flatnonzero((ahead >= bounds[1:]) & (np.diff(bounds) > 0))
    lone = lone[~np.isin(lone, segment[asks | answer])]
    text = _texts(buffer, bounds[lone], np.minimum(bounds[lone + 1], bounds[lone] + 32))
    lone = lone[np.asarray(pc.match_substring_regex(text, f"^({METHODS}) [/*h]"), bool)]
    start = np.concatenate([np.where(answer, at, line)[answer | asks], bounds[lone]])
    segment = np.concatenate([segment[answer | asks], lone])
    order = np.argsort(start, kind="stable")
    return start[order], segment[order]


def _stops(start: Ints, end: Ints, blank: Ints) -> tuple[Ints, Bools]:
    """Where each head ends in its segment, and whether with a blank line."""
    stop = np.append(blank, np.iinfo(np.int64).max)[np.searchsorted(blank, start, "right")]
    complete = (stop <= end) & (stop - start <= LONGEST)
    return np.where(complete, stop, np.minimum(end, start + LONGEST)), complete


def _texts(buffer: NDArray[np.uint8], start: Ints, stop: Ints) -> Any:
    """Slices of the buffer as an Arrow array of text."""
    sizes = stop - start
    offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    places = np.repeat(start - offsets[:-1], sizes) + np.arange(offsets[-1])
    parts = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(buffer[places].tobytes())]
    return pa.Array.from_buffers(pa.large_string(), len(sizes), parts)


def _join(
    payloads: Payloads,
    buffer: NDArray[np.uint8],
    text: Any,
    complete: Bools,
    segment: Ints,
    open_end: Bools,
) -> tuple[Any, Bools]:
    """Heads that go on in the next segments, with what these bring of them."""
    rows, last = np.flatnonzero(open_end), segment[open_end]
    bounds, key = payloads.bounds, ["stream", "src", "src_port", "seq"]
    length = payloads.segments["len"].to_numpy(np.int64)
    whole = np.diff(bounds) == length
    if len(rows):
        known = payloads.segments[key].assign(at=np.arange(len(length))).drop_duplicates(key)
    for _ in range(_ROUNDS):
        if not len(rows):
            break
        wanted = payloads.segments.iloc[last][key]
        wanted = wanted.assign(seq=(wanted["seq"].to_numpy() + length[last]) % (1 << 32))
        at = wanted.merge(known, how="left", on=key)["at"].fillna(-1).to_numpy(np.int64)
        rows, last = rows[at >= 0], at[at >= 0]
        more = np.minimum(bounds[last + 1], bounds[last] + LONGEST)
        added = pc.binary_join_element_wise(
            text.take(rows), _texts(buffer, bounds[last], more), _NOTHING
        )
        # What `extract_regex` finds is the head with its blank line; the body stays behind.
        head = pc.struct_field(pc.extract_regex(added, r"(?s)^(?P<v>.*?\n\r?\n)"), "v")
        done = np.asarray(pc.is_valid(head), bool)
        text = pc.replace_with_mask(
            text,
            _mask(rows, len(text)),
            pc.coalesce(head, pc.utf8_slice_codeunits(added, 0, LONGEST)),
        )
        complete[rows[done]] = True
        goes_on = ~done & whole[last]
        rows, last = rows[goes_on], last[goes_on]
    return text, complete


def _mask(rows: Ints, size: int) -> Any:
    mask = np.zeros(size, bool)
    mask[rows] = True
    return pa.array(mask)
