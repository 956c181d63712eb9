"""`FLOWS`: the tables of a flow, ``Flow.window()`` and so on, by the name of the method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tcpwin.schema.column import ANALYSIS_PAGE, FRAME_PAGE, TCP_PAGE, Column

_FRAME: Final = Column(
    "frame", "frame.number", "int64", "", "Wireshark's frame number.", FRAME_PAGE
)
_TIME: Final = Column("time_s", "", "float64", "s", "Time since the stream began.", "tcpwin")
_START: Final = Column(
    "start_s", "", "float64", "s", "When it began; the same as time_s.", "tcpwin"
)
_FLIGHT: Final = Column(
    "flight_bytes", "", "Int64", "bytes", "nxt - una - sacked, never below 0.", "RFC 5681 2"
)
_USABLE: Final = Column(
    "usable_bytes", "", "Int64", "bytes", "edge - nxt; may be negative.", "RFC 9293 3.8.6.2.1"
)


def _seconds(name: str, meaning: str, source: str) -> Column:
    return Column(name, "", "float64", "s", meaning, source)


def _number(name: str, meaning: str, source: str) -> Column:
    return Column(name, "", "int64", "", meaning, source)


WINDOW: Final[tuple[Column, ...]] = (
    _FRAME,
    _TIME,
    Column("window_bytes", "", "Int64", "bytes", "Receive window, scaled.", "RFC 9293 3.10.7.4"),
    Column("edge", "", "Int64", "", "una + window: up to here may be sent.", "RFC 9293 3.8.6"),
    Column("una", "", "Int64", "", "Highest acknowledgement received.", "RFC 9293 3.3.1"),
    _FLIGHT,
    _USABLE,
    Column(
        "scale_source",
        "",
        "text",
        "",
        "Where the scale is from: syn, inferred, lower_bound or unknown.",
        "RFC 7323 2.2",
    ),
    Column(
        "kind",
        "",
        "text",
        "",
        "zero (a window of 0 begins), update (it rises without an ACK), probe, or empty.",
        "RFC 9293 3.8.6.1",
    ),
)

FLIGHT: Final[tuple[Column, ...]] = (
    _FRAME,
    _TIME,
    _FLIGHT,
    _USABLE,
    Column(
        "tshark_bytes_in_flight",
        "tcp.analysis.bytes_in_flight",
        "Int64",
        "bytes",
        "tshark's count; NA but on data frames, and what SACK reported is in it.",
        ANALYSIS_PAGE,
    ),
)

ACKS: Final[tuple[Column, ...]] = (
    _FRAME,
    _TIME,
    Column("ack", "tcp.ack", "int64", "", "Relative acknowledgement, unwrapped.", TCP_PAGE),
    Column("newly_acked", "", "int64", "bytes", "What it is the first to acknowledge.", "tcpwin"),
    _seconds("rtt_s", "Time since what it acknowledges; NaN without a sample.", "Karn 1987"),
    _number("dup_count", "Which duplicate ACK in a row it is; 0 for none.", "RFC 6675 2"),
    Column("sack_bytes", "", "int64", "bytes", "Bytes above una that SACK reports.", "RFC 2018"),
)

SEGMENTS: Final[tuple[Column, ...]] = (
    _FRAME,
    _TIME,
    Column("seq", "tcp.seq", "int64", "", "Relative sequence number, unwrapped.", TCP_PAGE),
    Column("len", "tcp.len", "int64", "bytes", "Payload.", TCP_PAGE),
    Column(
        "kind",
        "",
        "text",
        "",
        "new, retransmission, out-of-order, probe, keep-alive, syn, fin or rst.",
        "RFC 6675, RFC 8985",
    ),
)

SACKS: Final[tuple[Column, ...]] = (
    _FRAME,
    _TIME,
    Column("left", "tcp.options.sack_le", "int64", "", "Left edge, unwrapped.", "RFC 2018 3"),
    Column("right", "tcp.options.sack_re", "int64", "", "Right edge, unwrapped.", "RFC 2018 3"),
    Column("dsack", "", "bool", "", "The block reports what came twice.", "RFC 2883 4"),
)

RTT: Final[tuple[Column, ...]] = (
    _FRAME,
    _TIME,
    _seconds("rtt_s", "The sample, at the capture point.", "Karn 1987"),
    _seconds("srtt_s", "Smoothed RTT.", "RFC 6298 2"),
    _seconds("rttvar_s", "Its variation.", "RFC 6298 2"),
    _seconds("rto_s", "Retransmission timeout with Linux's floor of 200 ms.", "RFC 6298 2"),
)

_RATE_PAGE: Final = "https://www.wireshark.org/docs/wsug_html_chunked/ChStatTCPStreamGraphs.html"
THROUGHPUT: Final[tuple[Column, ...]] = (
    _FRAME,
    _TIME,
    Column("throughput_bps", "", "float64", "bit/s", "Payload sent, again too.", _RATE_PAGE),
    Column("goodput_bps", "", "float64", "bit/s", "Payload acknowledged first.", "RFC 2647 3.17"),
    _seconds("window_s", "What the rates are averaged over.", _RATE_PAGE),
)

STALLS: Final[tuple[Column, ...]] = (
    _number("number", "1, 2, 3 … in the order of time.", "tcpwin"),
    Column("frame", "frame.number", "int64", "", "The last that brought something.", FRAME_PAGE),
    _TIME,
    _START,
    _seconds("end_s", "When it ended, or the capture.", "tcpwin"),
    _seconds("lost_s", "How long it lasted.", "tcpwin"),
    Column("open", "", "bool", "", "It lasts to the end of the capture.", "tcpwin"),
    Column("cause", "", "text", "", "The cause of the stall.", "definitions"),
    Column("blame", "", "text", "", "Who must act.", "definitions"),
    _number(
        "last_frame", "The first that brought something again, or the last there is.", "tcpwin"
    ),
    _seconds("rtt_s", "Smallest RTT of the path; NaN if unknown.", "tcpwin"),
)

LIMITS: Final[tuple[Column, ...]] = (
    Column("frame", "frame.number", "int64", "", "The packet after which it holds.", FRAME_PAGE),
    _TIME,
    _START,
    _seconds("end_s", "When it ended.", "tcpwin"),
    Column("limiter", "", "text", "", "Who holds the flow back.", "definitions"),
    Column("flow", "", "text", "", "client->server or server->client.", "definitions"),
)

FLOWS: Final[Mapping[str, tuple[Column, ...]]] = {
    "window": WINDOW,
    "flight": FLIGHT,
    "acks": ACKS,
    "segments": SEGMENTS,
    "losses": SEGMENTS,
    "sacks": SACKS,
    "rtt": RTT,
    "throughput": THROUGHPUT,
    "stalls": STALLS,
    "limits": LIMITS,
}
