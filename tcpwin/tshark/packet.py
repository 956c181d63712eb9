"""One frame as a pyshark packet, for a look deeper than the columns go."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pyshark.tshark.output_parser.tshark_xml import packet_from_xml_packet

from tcpwin.errors import StreamNotFoundError
from tcpwin.tshark.command import capture_command, private_environment
from tcpwin.tshark.complaints import check_run
from tcpwin.tshark.executable import find_tshark
from tcpwin.tshark.files import check_file
from tcpwin.tshark.process import run_tshark


def read_packet(
    path: str | os.PathLike[str],
    frame: int,
    *,
    decode_as: Mapping[str, str] | None = None,
    prefs: Mapping[str, str] | None = None,
    tshark: str | os.PathLike[str] | None = None,
) -> Any:
    """The frame with this number as `pyshark.packet.packet.Packet`, all protocols dissected.

    tshark is run as for the columns and only its XML is given to pyshark: pyshark's own
    readers need an event loop to themselves, which a notebook does not give.

    Raises:
        StreamNotFoundError: the capture has no such frame.
    """
    capture = check_file(path)
    command = capture_command(
        capture,
        find_tshark(tshark),
        *("-T", "pdml", "-c", f"{max(frame, 1):d}"),
        display_filter=f"frame.number == {max(frame, 0):d}",
        decode_as=decode_as,
        prefs=prefs,
    )
    with private_environment() as environment, run_tshark(command, environment) as run:
        _, start, rest = run.read().partition(b"<packet>")
        code, errors = run.finish()
    if not start:
        check_run(capture, code, errors, seen=True)
        raise StreamNotFoundError(f"there is no frame {frame}: see the column 'frame' of packets")
    return packet_from_xml_packet(start + rest.partition(b"</packet>")[0] + b"</packet>")
