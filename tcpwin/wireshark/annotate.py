"""The same capture as pcapng, with tcpwin's comments on its packets."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from tcpwin.errors import CaptureError, TcpwinWarning
from tcpwin.model import Capture
from tcpwin.progress import shown
from tcpwin.tshark import find_tshark
from tcpwin.tshark.convert import as_pcapng
from tcpwin.units import printable
from tcpwin.wireshark.blocks import Copy
from tcpwin.wireshark.notes import notes


@dataclass(frozen=True, slots=True)
class Annotated:
    """What was written: `comments` on `frames` packets of a capture."""

    comments: int
    frames: int


def annotate(
    capture: Capture, file: IO[bytes], streams: Sequence[int] = (), *, every_packet: bool = False
) -> Annotated:
    """Write the capture to `file` with comments; see `docs/commands/annotate.md`.

    A pcapng file is copied block by block, and packets grow by their comments; anything else
    that tshark reads becomes pcapng first.

    Args:
        capture: what was read, and found.
        file: where it is written.
        streams: comment on these only.
        every_packet: also window, flight, usable and limiter after each packet.

    Raises:
        CaptureError: the file cannot become pcapng, or is not as it was.
        StreamNotFoundError: there is no such stream.
    """
    comments = notes(capture, streams, states=every_packet)
    program = find_tshark(capture.options["tshark"])
    with (
        shown(None, "Writing comments") as progress,
        as_pcapng(capture.path.absolute(), program, progress) as source,
    ):
        copy = Copy(comments, source.fcs_length)
        for piece in copy.run(source.pieces):
            file.write(piece)
    if not capture.cut_short and (copy.cut or copy.missed):
        raise CaptureError(
            f"{printable(capture.name)} is not as it was, or has packets where tcpwin sees none: "
            "save it as pcapng with Wireshark, and annotate that"
        )
    if copy.bare:
        warnings.warn(
            f"{copy.bare:,} packets of {printable(capture.name)} can have no comment (Simple "
            "Packet Blocks, without time): they stay as they are",
            TcpwinWarning,
            stacklevel=2,
        )
    return Annotated(copy.comments, copy.placed)
