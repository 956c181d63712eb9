"""The sender's scoreboard: bytes above una that SACK blocks have reported (RFC 2018, 6675)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tcpwin.analysis.grouped import UNKNOWN, Groups, Ints
from tcpwin.analysis.intervals import Keys, first_cells
from tcpwin.analysis.progress import Progress
from tcpwin.analysis.segments import Segments

_WRAP = 1 << 32


def sack_blocks(segments: Segments, steps: Progress) -> pd.DataFrame:
    """Every SACK block that reports on the flow, in the order of rows and of the option.

    Blocks that report what was never sent are left out.

    Returns:
        DataFrame: row (of `segments`), left, right (unwrapped), dsack (bool, RFC 2883: the
        first block begins below the ACK or lies inside the second).
    """
    left, right = (_arrow(segments.packets[name]) for name in ("sack_le", "sack_re"))
    parent = np.asarray(pc.list_parent_indices(left))
    # Flattening leaves packets in their own order; lead each to its row here.
    to_row = np.empty(len(segments.packets), np.int64)
    to_row.fill(-1)
    to_row[segments.order] = np.arange(len(segments.order))
    row = to_row[parent]
    lefts, rights = (np.asarray(pc.list_flatten(side), np.int64) for side in (left, right))
    keep = row >= 0
    keep[keep] = steps.acks[row[keep]]
    order = np.argsort(row[keep], kind="stable")
    row = row[keep][order]
    ack = segments.ack[row]
    lefts, rights = (
        ack + (edge[keep][order] - ack + _WRAP // 2) % _WRAP - _WRAP // 2
        for edge in (lefts, rights)
    )
    groups = Groups.of_sorted(row)
    first = np.zeros(len(row), bool)
    first[groups.starts] = True
    # The block after the first one of the same packet; itself where there is none.
    second = np.minimum(np.arange(len(row)) + 1, max(len(row) - 1, 0))
    second = np.where(row[second] == row, second, np.arange(len(row))) if len(row) else second
    other = second != np.arange(len(row))
    inside = other & (lefts >= lefts[second]) & (rights <= rights[second])
    dsack = first & ((lefts < ack) | inside)
    # As Linux (tcp_is_sackblock_valid): garbage, or numbers that a middlebox forgot to change.
    last = steps.nxt[segments.groups.ends][segments.groups.ids[row]]
    valid = dsack | ((ack <= lefts) & (lefts < rights) & (rights <= last))
    table = pd.DataFrame({"row": row, "left": lefts, "right": rights, "dsack": dsack})
    result: pd.DataFrame = table[valid].reset_index(drop=True)
    return result


def _arrow(column: Any) -> Any:
    """An Arrow list array without nulls: no option is no block."""
    array = pa.array(column)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array


def sacked_bytes(segments: Segments, steps: Progress, blocks: pd.DataFrame) -> Ints:
    """Bytes above una that were ever reported, after each row, shape (n,).

    A receiver repeats its newest blocks and leaves out old ones, so what counts is all that
    was reported so far. Each byte range is dated by the first block that covers it, and
    leaves the scoreboard when una passes it; two sums then give the state at every row.
    """
    n = len(segments.frame)
    live = blocks[~blocks["dsack"]]
    if live.empty:
        return np.zeros(n, np.int64)
    row, left, right = (live[name].to_numpy() for name in ("row", "left", "right"))
    stream = segments.groups.ids[row]
    left, right = _only_new(stream, left, right)
    fresh = right > left
    row, left, right, stream = row[fresh], left[fresh], right[fresh], stream[fresh]
    owner, end, size = first_cells((stream, left, right))
    added = np.zeros(n, np.int64)
    np.add.at(added, row[owner], size)
    gone = _passed(segments, steps, stream[owner], end, row[owner])
    inside = gone < n
    np.add.at(added, gone[inside], -size[inside])
    held: Ints = segments.groups.cumsum(added)
    return held - _acknowledged(segments, steps, stream[owner], end - size, end, row[owner])


def _acknowledged(
    segments: Segments, steps: Progress, stream: Ints, start: Ints, end: Ints, since: Ints
) -> Ints:
    """Bytes below una of the cell in which una lies after each row, shape (n,).

    Only a receiver that takes back what it reported acknowledges half of it.
    """
    keys = Keys.over(start, end)
    order = np.argsort(keys.of(stream, start))
    stream, start, end, since = stream[order], start[order], end[order], since[order]
    ids, una = segments.groups.ids, steps.una
    at = np.searchsorted(keys.of(stream, start), keys.of(ids, una)) - 1
    cell = np.maximum(at, 0)
    inside = (at >= 0) & (stream[cell] == ids) & (una > start[cell]) & (una < end[cell])
    inside &= since[cell] <= np.arange(len(ids))
    return np.where(inside, una - start[cell], 0)


def _only_new(stream: Ints, left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Cut from each block what the same block covered when it was reported before.

    A block grows at one end while its other end stays; without this, a burst of n segments
    above one hole would be counted n times over.
    """
    index = np.arange(len(left))
    order = np.lexsort((index, left, stream))
    groups = Groups.of_sorted(_pairs(stream[order], left[order]))
    known_right = np.empty_like(right)
    known_right[order] = groups.previous(groups.cummax(right[order]), -(1 << 60))
    order = np.lexsort((index, right, stream))
    groups = Groups.of_sorted(_pairs(stream[order], right[order]))
    known_left = np.empty_like(left)
    known_left[order] = -groups.previous(groups.cummax(-left[order]), -(1 << 60))
    return np.maximum(left, known_right), np.minimum(right, known_left)


def _pairs(stream: Ints, edge: Ints) -> Ints:
    """One number per (stream, edge) of sorted neighbours."""
    change = np.zeros(len(edge), np.int64)
    change[1:] = (stream[1:] != stream[:-1]) | (edge[1:] != edge[:-1])
    return np.cumsum(change)


def _passed(segments: Segments, steps: Progress, stream: Ints, end: Ints, since: Ints) -> Ints:
    """The first row, not before `since`, at which una has passed `end`; n where none does."""
    groups = segments.groups
    keys = Keys.over(steps.una[steps.una > UNKNOWN], end)
    una = keys.of(groups.ids, steps.una)
    at = np.maximum(np.searchsorted(una, keys.of(stream, end)), since)
    return np.where(at <= groups.ends[stream], at, len(segments.frame))
