"""`STATE`: the table ``Capture.state``, where both flows stand after every packet."""

from __future__ import annotations

from typing import Final

from tcpwin.schema.column import FRAME_PAGE, TCP_PAGE, Column

STATE: Final[tuple[Column, ...]] = (
    Column("frame", "frame.number", "uint32", "", "The packet after which this holds.", FRAME_PAGE),
    Column("time_s", "", "float64", "s", "Time since the first frame of the capture.", FRAME_PAGE),
    Column("stream", "tcp.stream", "uint32", "", "The connection's number.", TCP_PAGE),
    Column("flow", "", "category", "", "client->server or server->client.", "definitions"),
    Column(
        "nxt", "", "Int64", "", "Highest seq+len sent (an ACK proves sending).", "RFC 9293 3.3.1"
    ),
    Column("una", "", "Int64", "", "Highest acknowledgement received.", "RFC 9293 3.3.1"),
    Column(
        "window", "", "Int64", "bytes", "Receive window, scaled, newest ACK.", "RFC 9293 3.10.7.4"
    ),
    Column("edge", "", "Int64", "", "una + window.", "RFC 9293 3.8.6"),
    Column("sacked", "", "Int64", "bytes", "Bytes above una reported by SACK.", "RFC 2018"),
    Column("flight", "", "Int64", "bytes", "nxt - una - sacked, never below 0.", "RFC 5681 2"),
    Column("usable", "", "Int64", "bytes", "edge - nxt; may be negative.", "RFC 9293 3.8.6.2.1"),
    Column(
        "scale_source",
        "",
        "category",
        "",
        "Where the scale is from: syn, inferred, lower_bound or unknown.",
        "RFC 7323 2.2",
    ),
    Column(
        "kind",
        "",
        "category",
        "",
        "The packet in this flow: new, out-of-order, retransmission, probe, keep-alive, copy (of a "
        "packet captured twice), other (an ACK, SYN, lone FIN, or the other flow's data).",
        "RFC 6675, RFC 8985",
    ),
    Column(
        "limiter",
        "",
        "category",
        "",
        "Who holds the flow back until the next packet: zero-window, receive-window, recovery, "
        "network, sender or idle.",
        "definitions",
    ),
)
