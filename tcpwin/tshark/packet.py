"""One frame as a pyshark packet, for a look deeper than the columns go."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tcpwin.errors import StreamNotFoundError
from tcpwin.tshark.command import PINNED, TsharkCapture
from tcpwin.tshark.executable import find_tshark


def read_packet(
    path: str | os.PathLike[str],
    frame: int,
    *,
    decode_as: Mapping[str, str] | None = None,
    prefs: Mapping[str, str] | None = None,
    tshark: str | os.PathLike[str] | None = None,
) -> Any:
    """The frame with this number as `pyshark.packet.packet.Packet`, all protocols dissected.

    Raises:
        StreamNotFoundError: the capture has no such frame.
    """
    program = find_tshark(tshark)

    def read() -> Any:
        # pyshark's readers run a loop to completion, which the thread of a notebook may not.
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        capture = TsharkCapture(
            Path(path),
            program,
            eventloop=loop,
            display_filter=f"frame.number == {frame:d}",
            decode_as=dict(decode_as or {}),
            override_prefs={**PINNED, **(prefs or {})},
        )
        try:
            return next(iter(capture), None)
        finally:
            capture.close()
            asyncio.set_event_loop(None)

    with ThreadPoolExecutor(1) as thread:
        packet = thread.submit(read).result()
    if packet is None:
        raise StreamNotFoundError(f"there is no frame {frame}: see the column 'frame' of packets")
    return packet
