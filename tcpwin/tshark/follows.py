"""What tshark was not asked for, worked out of what it said; to the last digit the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tcpwin.tshark.question import DIFFERENCES, DUPLICATE, WINDOW, Unsure

_CUT: Final = 2000  # characters: tshark cuts a column soon after
_BROKEN_OFF: Final = "(Exception occurred)"
_EXACT: Final = 1 << 53  # ns: a float64 holds no more of them


def marks(table: Any, texts: Mapping[str, str]) -> dict[str, Any]:
    """The marks with these expert messages, and `DUPLICATE`, one boolean array each.

    Raises:
        Unsure: there are more messages than tshark prints.
    """
    messages = table["messages"].combine_chunks()
    known, rows = messages.dictionary, messages.indices
    if len(known) and pc.max(pc.binary_length(known)).as_py() > _CUT:
        raise Unsure
    nowhere = pa.array(np.zeros(len(rows), np.bool_))
    found = {}
    for name, text in texts.items():
        has = pc.match_substring_regex(known, f"(^|,){re.escape(text)}(,|$)")
        there = pc.any(has).as_py()
        found[name] = pc.fill_null(has.take(rows), False) if there else nowhere
    found[DUPLICATE] = pc.is_valid(table["duplicate_ack_num"].combine_chunks())
    return found


def broken_off(table: Any) -> bool:
    """Whether tshark gave up in the middle of a segment: what comes later in it is not told."""
    messages = table["messages"].combine_chunks()
    gave_up = pc.match_substring(messages.dictionary, _BROKEN_OFF)
    if not pc.any(gave_up).as_py():
        return False
    rows = pc.fill_null(gave_up.take(messages.indices), False)
    return bool(pc.any(pc.and_(rows, pc.is_valid(table["stream"].combine_chunks()))).as_py())


def completed(table: Any, start_ns: int, told: Mapping[str, Any] | None = None) -> Any:
    """The whole table, in the order of the capture.

    Args:
        table: what tshark said.
        start_ns: time of the first frame of the capture.
        told: what it was not asked for, a row for each ``frame``.

    Raises:
        Unsure: tshark saw other segments, or a value does not follow.
    """
    if told is not None:
        if not told["frame"].equals(table["frame"].combine_chunks()):
            raise Unsure
        for name, values in told.items():
            if name != "frame":
                table = table.append_column(name, values)
    table = table.append_column(WINDOW, window(table))
    frame, time = np.asarray(table["frame"]), np.asarray(table["time_ns"])
    for name, since in DIFFERENCES.items():
        if not since:
            values = _seconds(time - start_ns)
        else:
            there = np.asarray(pc.is_valid(table[since]))
            wanted = np.asarray(table[since].drop_null())
            at = np.minimum(np.searchsorted(frame, wanted), max(len(frame) - 1, 0))
            if (frame[at] != wanted).any():
                raise Unsure
            values = np.full(len(time), np.nan)
            values[there] = _seconds(time[there] - time[at])
        table = table.append_column(name, pa.array(values))
    return table


def window(table: Any) -> Any:
    """window_size: as sent, times the factor where there is one.

    Raises:
        Unsure: a segment is shorter than its header says. It has no length, and whether its
            window is scaled differs between versions of tshark.
    """
    sent = table["window_size_value"].combine_chunks().cast(pa.uint32())
    factor = table["window_size_scalefactor"].combine_chunks()
    scaled = pc.fill_null(pc.greater(factor, 1), False)
    if pc.any(pc.and_(scaled, pc.is_null(table["len"].combine_chunks()))).as_py():
        raise Unsure
    return pc.multiply(sent, pc.if_else(scaled, factor, 1).cast(pa.uint32()))


def _seconds(ns: NDArray[np.int64]) -> NDArray[np.float64]:
    """The float64 nearest to it, which is what reading tshark's decimals gives."""
    if len(ns) and np.abs(ns).max() >= _EXACT:
        raise Unsure
    return ns / 1e9
