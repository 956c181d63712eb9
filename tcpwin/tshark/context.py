"""A second, light look at a capture: the heads of HTTP, and ICMP errors about TCP.

tshark is asked for payloads that hold a head, not for its HTTP fields: a head must be seen
when the segment it comes in also carries the end of another body, when its port belongs to
something else, and when the download never finishes; and its length must be known to the
byte. So nothing above TCP is dissected here either.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tcpwin.tshark.executable import Tshark
from tcpwin.tshark.files import check_file
from tcpwin.tshark.glance import may_tell_more
from tcpwin.tshark.heads import Payloads, find_heads
from tcpwin.tshark.peek import Peek, nothing


@dataclass(frozen=True, slots=True)
class Context:
    """What the second look found; both tables are in the order of the capture.

    Attributes:
        http: one row per head that begins in a segment: frame, stream, offset (bytes of
            payload before it), after_chunks (a chunked body ends right before it),
            is_request, header_len (blank line included; NA when the head is cut), head_bytes
            (seen of it), method, uri, version, status, host, content_length, content_range,
            range, transfer_encoding, connection (lower case). Text is printable ASCII.
        icmp: one row per error about a TCP segment: frame, time_ns, stream (NA where tshark
            does not tell), type, code, is_v6, mtu (of the next hop), and of the segment it
            quotes src, src_port, dst, dst_port, seq (raw, as on the wire) and ip_id (IPv4).
    """

    http: pd.DataFrame
    icmp: pd.DataFrame


def read_context(
    path: str | os.PathLike[str],
    program: Tshark,
    *,
    decode_as: Mapping[str, str] | None = None,
    prefs: Mapping[str, str] | None = None,
    streams: Iterable[int] | None = None,
) -> Context:
    """Heads of HTTP/1.x and ICMP errors of a capture; empty where its bytes show neither.

    Args:
        path: a capture that `read_packets` has read.
        program: the tshark that read it.
        decode_as: as in `read_packets`.
        prefs: as in `read_packets`.
        streams: numbers of the streams wanted; all by default.

    Raises:
        CaptureError: the file cannot be read.
        TsharkError: tshark failed.
    """
    capture = check_file(path)
    table = (
        Peek(capture, program, decode_as, prefs).table() if may_tell_more(capture) else nothing()
    )
    if streams is not None:
        wanted = pc.is_in(table["tcp.stream"], pa.array(sorted(streams), pa.int64()))
        table = table.filter(pc.or_(wanted, pc.is_null(table["tcp.stream"])))
    quoting = pc.or_(pc.is_valid(table["icmp.type"]), pc.is_valid(table["icmpv6.type"]))
    return Context(_http(table.filter(pc.invert(quoting))), _icmp(table.filter(quoting)))


def _http(table: Any) -> pd.DataFrame:
    table = table.filter(pc.is_valid(table["tcp.stream"]))
    sizes = np.asarray(pc.binary_length(table["tcp.payload"]), np.int64)
    segments = pd.DataFrame(
        {
            "frame": _numbers(table, "frame.number").to_numpy(np.uint32),
            "stream": _numbers(table, "tcp.stream").to_numpy(np.uint32),
            "src": _text(table, "ip.src").fillna("") + "|" + _text(table, "ipv6.src").fillna(""),
            "src_port": _numbers(table, "tcp.srcport").to_numpy(np.int64, na_value=0),
            "seq": _numbers(table, "tcp.seq_raw").to_numpy(np.int64, na_value=0),
            "len": _numbers(table, "tcp.len").to_numpy(np.int64, na_value=0),
        }
    )
    data = b"".join(table["tcp.payload"].to_pylist())
    return find_heads(Payloads(segments, data, np.concatenate(([0], np.cumsum(sizes)))))


def _icmp(table: Any) -> pd.DataFrame:
    six = np.asarray(pc.is_valid(table["icmpv6.type"]), bool)

    def of_either(leaf: str) -> pd.Series:
        return _numbers(table, f"icmpv6.{leaf}").where(six, _numbers(table, f"icmp.{leaf}"))

    # Nine decimals always: without the point they are nanoseconds.
    time = pc.cast(pc.replace_substring(table["frame.time_epoch"], ".", ""), pa.int64())
    return pd.DataFrame(
        {
            "frame": _numbers(table, "frame.number").to_numpy(np.uint32),
            "time_ns": pc.fill_null(time, 0).to_numpy().astype(np.int64),
            "stream": _numbers(table, "tcp.stream"),
            "type": of_either("type"),
            "code": of_either("code"),
            "is_v6": six,
            "mtu": of_either("mtu"),
            "src": _text(table, "ipv6.src").where(six, _text(table, "ip.src")),
            "src_port": _numbers(table, "tcp.srcport"),
            "dst": _text(table, "ipv6.dst").where(six, _text(table, "ip.dst")),
            "dst_port": _numbers(table, "tcp.dstport"),
            "seq": _numbers(
                table, "tcp.seq"
            ),  # raw: in an error there is nothing it could be relative to
            "ip_id": _numbers(table, "ip.id").mask(six),
        }
    )


def _numbers(table: Any, name: str) -> pd.Series:
    values = table[name]
    known = np.asarray(pc.is_valid(values), bool)
    plain = np.asarray(pc.fill_null(values, 0), np.int64)
    return pd.Series(pd.arrays.IntegerArray(plain.copy(), ~known), name=name)


def _text(table: Any, name: str) -> pd.Series:
    return pd.Series(table[name].to_numpy(), dtype=object, name=name)
