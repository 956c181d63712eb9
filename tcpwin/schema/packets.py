"""`COLUMNS`: the table ``Capture.packets``, one row per TCP segment.

Names are Wireshark's leaf names where the value is Wireshark's own, so that a column leads to
a display filter. The tshark command and the types of the table are derived from here. A row
takes under 200 bytes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tcpwin.schema.column import ANALYSIS_PAGE, FRAME_PAGE, IP_PAGE, TCP_PAGE, Column


def _mark(leaf: str, meaning: str) -> Column:
    return Column(leaf, f"tcp.analysis.{leaf}", "mark", "", meaning, ANALYSIS_PAGE)


COLUMNS: Final[tuple[Column, ...]] = (
    Column("frame", "frame.number", "uint32", "", "Wireshark's frame number.", FRAME_PAGE),
    Column("time_ns", "frame.time_epoch", "int64", "ns", "Time since 1970 UTC.", FRAME_PAGE),
    Column("time", "", "datetime64[ns, UTC]", "", "time_ns as a zone-aware time.", "tcpwin"),
    Column(
        "time_s",
        "frame.time_relative",
        "float64",
        "s",
        "Time since the first frame of the capture.",
        FRAME_PAGE,
    ),
    Column("stream", "tcp.stream", "uint32", "", "The connection's number.", TCP_PAGE),
    Column("src", "ip.src or ipv6.src", "category", "", "Source address, innermost.", IP_PAGE),
    Column("src_port", "tcp.srcport", "uint16", "", "Source port.", TCP_PAGE),
    Column("dst", "ip.dst or ipv6.dst", "category", "", "Target address, innermost.", IP_PAGE),
    Column("dst_port", "tcp.dstport", "uint16", "", "Target port.", TCP_PAGE),
    Column("ip_id", "ip.id", "UInt16", "", "IPv4 identification; NA without IPv4.", IP_PAGE),
    Column("ttl", "ip.ttl", "UInt8", "hops", "IPv4 time to live; NA without IPv4.", IP_PAGE),
    Column("hlim", "ipv6.hlim", "UInt8", "hops", "IPv6 hop limit; NA without IPv6.", IP_PAGE),
    Column("frame_len", "frame.len", "uint32", "bytes", "Length on the wire.", FRAME_PAGE),
    Column("cap_len", "frame.cap_len", "uint32", "bytes", "Length captured.", FRAME_PAGE),
    Column("seq", "tcp.seq", "int64", "", "Relative sequence number, unwrapped.", TCP_PAGE),
    Column("ack", "tcp.ack", "int64", "", "Relative acknowledgement, unwrapped.", TCP_PAGE),
    Column(
        "seq_raw",
        "tcp.seq_raw",
        "UInt32",
        "",
        "Sequence number as sent: other captures have it.",
        TCP_PAGE,
    ),
    # A broken header or a lone fragment has no len, and may have no flags and no window.
    Column("len", "tcp.len", "UInt32", "bytes", "Payload.", TCP_PAGE),
    Column("flags", "tcp.flags", "UInt16", "", "The flag bits (FIN 1, SYN 2, RST 4, …).", TCP_PAGE),
    Column("window_size_value", "tcp.window_size_value", "UInt16", "", "Window as sent.", TCP_PAGE),
    Column(
        "window_size", "tcp.window_size", "UInt32", "bytes", "Window as tshark scales it.", TCP_PAGE
    ),
    Column(
        "window_size_scalefactor",
        "tcp.window_size_scalefactor",
        "Int32",
        "",
        "tshark's factor; -1 not known (no SYN), -2 no scaling.",
        TCP_PAGE,
    ),
    Column("mss_val", "tcp.options.mss_val", "UInt16", "bytes", "MSS option.", "RFC 9293 3.7.1"),
    Column(
        "wscale_shift",
        "tcp.options.wscale.shift",
        "UInt8",
        "bit",
        "Window scale option.",
        "RFC 7323 2.2",
    ),
    Column("sack_perm", "tcp.options.sack_perm", "mark", "", "SACK permitted.", "RFC 2018 2"),
    Column(
        "tsval", "tcp.options.timestamp.tsval", "UInt32", "ticks", "Time stamp.", "RFC 7323 3.2"
    ),
    Column(
        "tsecr", "tcp.options.timestamp.tsecr", "UInt32", "ticks", "Stamp echoed.", "RFC 7323 3.2"
    ),
    Column("sack_le", "tcp.options.sack_le", "list", "", "SACK blocks, left edges.", "RFC 2018 3"),
    Column("sack_re", "tcp.options.sack_re", "list", "", "SACK blocks, right edges.", "RFC 2018 3"),
    Column(
        "bytes_in_flight",
        "tcp.analysis.bytes_in_flight",
        "UInt32",
        "bytes",
        "tshark's bytes in flight; on data frames only.",
        ANALYSIS_PAGE,
    ),
    Column(
        "push_bytes_sent",
        "tcp.analysis.push_bytes_sent",
        "UInt32",
        "bytes",
        "Bytes since the last PSH.",
        ANALYSIS_PAGE,
    ),
    Column(
        "acks_frame",
        "tcp.analysis.acks_frame",
        "UInt32",
        "",
        "The frame that this one acknowledges.",
        ANALYSIS_PAGE,
    ),
    Column(
        "ack_rtt",
        "tcp.analysis.ack_rtt",
        "float64",
        "s",
        "Time since acks_frame; at the acker it is microseconds.",
        ANALYSIS_PAGE,
    ),
    Column("rto", "tcp.analysis.rto", "float64", "s", "Time since rto_frame.", ANALYSIS_PAGE),
    Column(
        "rto_frame",
        "tcp.analysis.rto_frame",
        "UInt32",
        "",
        "The frame that this one sends again.",
        ANALYSIS_PAGE,
    ),
    Column(
        "duplicate_ack_num",
        "tcp.analysis.duplicate_ack_num",
        "UInt32",
        "",
        "How many duplicate ACKs so far.",
        ANALYSIS_PAGE,
    ),
    Column(
        "duplicate_ack_frame",
        "tcp.analysis.duplicate_ack_frame",
        "UInt32",
        "",
        "The frame that is duplicated.",
        ANALYSIS_PAGE,
    ),
    _mark("retransmission", "tshark suspects a retransmission."),
    _mark("fast_retransmission", "tshark suspects a fast retransmission."),
    _mark("spurious_retransmission", "Sent again though acknowledged."),
    _mark("out_of_order", "tshark suspects reordering; decided by a clock."),
    _mark("lost_segment", "An earlier segment was not captured."),
    _mark("ack_lost_segment", "Acknowledges what was not captured."),
    _mark("keep_alive", "len 0 or 1 at una-1; Linux window probes look so too."),
    _mark("keep_alive_ack", "Answer to a keep_alive."),
    _mark("window_update", "Pure repeated ACK with a changed window, shrinks too."),
    _mark("window_full", "seq+len reaches the last announced edge exactly."),
    _mark("zero_window", "Announces a window of 0."),
    _mark("zero_window_probe", "One byte into a window of 0."),
    _mark("zero_window_probe_ack", "Answer to a zero_window_probe."),
    _mark("duplicate_ack", "Repeats an ACK."),
    _mark("reused_ports", "A new connection on the same ports."),
)


def fields() -> tuple[Column, ...]:
    """The columns that tshark fills, in the order in which it is asked for them."""
    return tuple(column for column in COLUMNS if column.field)


def without_field(column: Column) -> Column:
    """The same column for a tshark that lacks its field: it stays empty."""
    return replace(column, field="")
