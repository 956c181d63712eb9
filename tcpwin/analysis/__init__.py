"""Frames in, frames out: what the packets mean. No files, no pictures, no loop over packets."""

from tcpwin.analysis.dissected import dissected_table
from tcpwin.analysis.events import event_table
from tcpwin.analysis.facts import Facts
from tcpwin.analysis.limits import LIMITERS
from tcpwin.analysis.scale import SOURCES
from tcpwin.analysis.segments import FLOWS, unwrap
from tcpwin.analysis.streams import streams_table
from tcpwin.analysis.tables import (
    acks_table,
    flight_table,
    limits_table,
    rtt_table,
    sacks_table,
    segments_table,
    stalls_table,
    throughput_table,
    window_table,
)
from tcpwin.analysis.vantage import VANTAGES, near

__all__ = [
    "FLOWS",
    "LIMITERS",
    "SOURCES",
    "VANTAGES",
    "Facts",
    "acks_table",
    "dissected_table",
    "event_table",
    "flight_table",
    "limits_table",
    "near",
    "rtt_table",
    "sacks_table",
    "segments_table",
    "stalls_table",
    "streams_table",
    "throughput_table",
    "unwrap",
    "window_table",
]
