"""The HTTP/1.x messages of all streams, with the place and the length of each body.

A head found inside a payload counts only where one has to be: at the beginning of a segment
and not within a body of known length, or exactly where such a body, a head without body or a
chunked body ends. Body lengths are those of RFC 9112 6.3. All streams at once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Groups, Ints, take
from tcpwin.analysis.segments import SYN

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

ENDLESS: Final = 1 << 60  # a body that only the end of the connection ends
_LARGEST: Final = 1 << 50  # a Content-Length beyond is nobody's
_BODYLESS_METHODS: Final = ("GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT")


@dataclass(frozen=True)
class Messages:
    """Requests and responses, sorted by stream, flow and place in the flow; arrays of shape (m,).

    Attributes:
        head: what the second look told, one row each (`tcpwin.tshark.Context.http`).
        group: index of the stream in ``segments.groups``.
        row: row of ``segments`` in which the head begins.
        flow: 0 for client->server, 1 for server->client.
        start: sequence number of the head.
        body: sequence number of the body, or of what follows.
        end: first sequence number after the body; ``UNKNOWN``, or `ENDLESS`.
        size: bytes of the body, ``UNKNOWN`` where nothing tells.
        estimated: the head is cut, and `body` and `end` are estimates.
        asks: it is a request.
    """

    head: pd.DataFrame
    group: Ints
    row: Ints
    flow: Ints
    start: Ints
    body: Ints
    end: Ints
    size: Ints
    estimated: Bools
    asks: Bools

    def keep(self, which: Any) -> Messages:
        """Those where `which` holds, or at these places."""
        head = self.head.iloc[np.flatnonzero(which) if which.dtype == bool else which]
        rest = {f.name: getattr(self, f.name)[which] for f in fields(self) if f.name != "head"}
        return Messages(head=head.reset_index(drop=True), **rest)


def accepted(facts: Facts, http: pd.DataFrame) -> Messages:
    """The heads that are heads, each once, with their bodies.

    Args:
        facts: the streams; rows are those of ``facts.segments``.
        http: the heads, see `tcpwin.tshark.Context`; those of other packets are left out.
    """
    found = _place(facts, http)
    order = np.lexsort((found.row, found.start, found.flow, found.group))
    found = found.keep(order)
    again = np.zeros(len(order), bool)
    same = [np.diff(x) == 0 for x in (found.group, found.flow, found.start)]
    again[1:] = same[0] & same[1] & same[2]
    found = found.keep(~again)
    key = found.group * 2 + found.flow
    # Starts and ends on one line, each flow of each stream above all before it.
    low = found.start.min(initial=0)
    step = int(found.start.max(initial=0) - low) + 2
    known = found.end > UNKNOWN
    until = np.where(known, found.end, found.body)
    ends = key * step + np.clip(until - low, 0, step - 1)
    starts = key * step + (found.start - low)
    inside = found.head["offset"].to_numpy() > 0
    follows = np.isin(starts, ends[known]) | found.head["after_chunks"].to_numpy(bool)
    fits = np.flatnonzero(~inside | follows)
    # From each message to the first that begins at or after its end.
    hop = np.append(np.searchsorted(starts[fits], ends[fits]), len(fits))
    hop[:-1] = np.maximum(hop[:-1], np.arange(len(fits)) + 1)
    real = np.zeros(len(fits) + 1, bool)
    real[Groups.of_sorted(key[fits]).starts] = True
    for _ in range(len(fits).bit_length()):
        real[hop[real]] = True
        hop = hop[hop]
    return found.keep(fits[real[:-1]])


def _place(facts: Facts, http: pd.DataFrame) -> Messages:
    """Each head at its row of `segments`, with the length of its body."""
    segments = facts.segments
    by_frame = np.argsort(segments.frame, kind="stable")
    frame = http["frame"].to_numpy().astype(np.int64)
    at = np.searchsorted(segments.frame, frame, sorter=by_frame)
    row = take(by_frame, np.where(at < len(by_frame), at, NEVER), NEVER)
    here = take(segments.frame, row, NEVER) == frame
    head, row = http[here].reset_index(drop=True), row[here]
    group = segments.groups.ids[row]
    flow = np.where(segments.from_client[row], 0, 1)
    offset = head["offset"].to_numpy(np.int64)
    start = segments.seq[row] + segments.has(SYN)[row] + offset
    cut = head["header_len"].isna().to_numpy(bool)
    size = _size(head, row, segments.groups.ids[row], cut)
    # A short segment is one write of the application, mostly the whole head; in a full one
    # the body begins behind what was captured of the head.
    mss = np.where(flow == 0, facts.mss[0][group], facts.mss[1][group])
    seen = head["head_bytes"].to_numpy(np.int64)
    rest = segments.length[row] - offset
    fitting = (size > UNKNOWN) & (seen + size <= rest)  # head and body in one write
    whole = np.where(fitting, rest - size, np.maximum(rest, seen))
    guess = np.where(segments.length[row] < mss, whole, seen)
    body = start + np.where(cut, guess, ints(head["header_len"]))
    end = np.where(size > UNKNOWN, np.where(size == ENDLESS, ENDLESS, body + size), UNKNOWN)
    size = np.where(size == ENDLESS, UNKNOWN, size)
    asks = head["is_request"].to_numpy(bool)
    return Messages(head, group, row, flow, start, body, end, size, cut, asks)


def _size(head: pd.DataFrame, row: Ints, group: Ints, cut: Bools) -> Ints:
    """Bytes of each body: ``UNKNOWN`` if chunked or untold, `ENDLESS` if the end ends it."""
    asks = head["is_request"].to_numpy(bool)
    method = head["method"].to_numpy(object)
    request = _newest_request(row, group, asks)
    asked = take(method, request, "")
    status = ints(head["status"])
    length = ints(head["content_length"])
    length = np.where(length > _LARGEST, UNKNOWN, length)
    ranged = _range(head["content_range"])
    length = np.where((length == UNKNOWN) & (status == 206) & (ranged > 0), ranged, length)
    # Without a length: a request has no body, a response ends with the connection.
    lone = np.where(cut, UNKNOWN, np.where(asks, 0, np.where(request == NEVER, UNKNOWN, ENDLESS)))
    bodyless = np.isin(method, _BODYLESS_METHODS)
    lone = np.where(asks & bodyless, 0, lone)
    size = np.where(length > UNKNOWN, length, lone)
    size = np.where(head["transfer_encoding"].notna(), UNKNOWN, size)
    empty = ((status >= 100) & (status < 200)) | np.isin(status, (204, 304)) | (asked == "HEAD")
    size = np.where(~asks & empty, 0, size)
    tunnel = (status == 101) | ((asked == "CONNECT") & (status >= 200) & (status < 300))
    return np.where(~asks & tunnel, ENDLESS, size)


def _range(values: pd.Series) -> Ints:
    """Bytes in each ``Content-Range: bytes 0-99/300``."""
    result = np.full(len(values), UNKNOWN)
    given = values.notna().to_numpy(bool)
    if given.any():
        ends = values[given].astype("str").str.extract(r"(?i)^bytes (\d{1,15})-(\d{1,15})/")
        result[given] = ints(ends[1].astype("Int64") - ends[0].astype("Int64") + 1)
    return result


def _newest_request(row: Ints, group: Ints, asks: Bools) -> Ints:
    """For each head the newest request before it in its stream, ``NEVER`` if none."""
    order = np.argsort(row, kind="stable")  # rows are sorted by stream
    last = Groups.of_sorted(group[order]).last(asks[order])
    result = np.empty_like(last)
    result[order] = take(order, last, NEVER)
    return result


def ints(values: pd.Series) -> Ints:
    """The numbers, ``UNKNOWN`` where NA."""
    return np.asarray(values.astype("Int64").to_numpy(np.int64, na_value=UNKNOWN), np.int64)
