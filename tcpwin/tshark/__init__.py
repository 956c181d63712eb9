"""The only room that knows pyshark and tshark: a capture goes in, columns come out."""

from tcpwin.tshark.context import Context, read_context
from tcpwin.tshark.executable import Tshark, find_tshark, locate_tshark
from tcpwin.tshark.fields import listed_fields, missing_fields
from tcpwin.tshark.files import check_file
from tcpwin.tshark.packet import read_packet
from tcpwin.tshark.reader import Reading, read_packets

__all__ = [
    "Context",
    "Reading",
    "Tshark",
    "check_file",
    "find_tshark",
    "listed_fields",
    "locate_tshark",
    "missing_fields",
    "read_context",
    "read_packet",
    "read_packets",
]
