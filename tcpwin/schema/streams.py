"""`STREAMS`: the table ``Capture.streams``, one row per connection."""

from __future__ import annotations

from typing import Final

from tcpwin.schema.column import TCP_PAGE, Column

ANALYSIS: Final = "definitions"


def _sum(name: str, unit: str, meaning: str) -> Column:
    return Column(name, "", "int64", unit, meaning, "tcpwin")


def _seen(name: str, flag: str) -> Column:
    return Column(name, "", "bool", "", f"A packet with {flag} was seen.", "RFC 9293 3.1")


STREAMS: Final[tuple[Column, ...]] = (
    Column("stream", "tcp.stream", "int64", "", "The connection's number.", TCP_PAGE),
    Column("client", "", "text", "", "Address of the side that sent the SYN.", ANALYSIS),
    Column("client_port", "", "uint16", "", "Its port.", ANALYSIS),
    Column("server", "", "text", "", "Address of the other side.", ANALYSIS),
    Column("server_port", "", "uint16", "", "Its port.", ANALYSIS),
    Column("start_s", "", "float64", "s", "First packet, since the capture began.", "tcpwin"),
    Column("duration_s", "", "float64", "s", "From the first packet to the last.", "tcpwin"),
    _sum("packets", "", "Packets both ways, copies of a mirror included."),
    _sum("bytes", "bytes", "Payload both ways as seen, what was sent again included."),
    _sum("client_bytes", "bytes", "Payload that the client sent."),
    _sum("server_bytes", "bytes", "Payload that the server sent."),
    _sum("client_packets", "", "Packets that the client sent."),
    _sum("server_packets", "", "Packets that the server sent."),
    _sum("retransmissions", "", "Segments with bytes that had been sent before, both ways."),
    Column(
        "mss",
        "",
        "int64",
        "bytes",
        "The largest segment of the flow with more bytes: the smaller MSS option less time stamps.",
        "RFC 9293 3.7.1, RFC 6691",
    ),
    _seen("syn", "SYN"),
    _seen("fin", "FIN"),
    _seen("rst", "RST"),
    Column(
        "client_source",
        "",
        "text",
        "",
        "How the client is known: syn, or port (without a SYN, the higher one).",
        ANALYSIS,
    ),
    Column(
        "initial_rtt_s",
        "",
        "float64",
        "s",
        "SYN to the ACK of the SYN/ACK, as tcp.analysis.initial_rtt; NaN without a handshake.",
        TCP_PAGE,
    ),
    Column("verdict", "", "text", "", "The cause that cost the most time, or ended it.", ANALYSIS),
    Column("blame", "", "text", "", "Who must act.", ANALYSIS),
    Column("lost_s", "", "float64", "s", "What the verdict's cause cost.", ANALYSIS),
    Column("share", "", "float64", "", "lost_s as a part (0 to 1) of the stream's time.", ANALYSIS),
    Column("stalled_s", "", "float64", "s", "Time in stalls, of both flows.", ANALYSIS),
)
