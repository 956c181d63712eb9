"""Read a capture into the table of TCP segments."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tcpwin import schema
from tcpwin.errors import CaptureError, TcpwinWarning, TsharkError
from tcpwin.tshark.columns import arrow_schema, finish, parse, to_frame
from tcpwin.tshark.command import (
    NOTHING_ABOVE_TCP,
    SEGMENTS,
    capture_command,
    column_format,
    private_environment,
)
from tcpwin.tshark.executable import Tshark, find_tshark, missing_fields
from tcpwin.tshark.process import Progress, run_tshark
from tcpwin.tshark.streams import matching_streams

BLOCK: Final = 1 << 22  # bytes of text parsed at once: some 25,000 rows
# pcap (both byte orders, µs and ns), pcapng, gzip: what tshark can read from a pipe. Others
# (snoop, …) it must open itself.
_PIPEABLE: Final = (
    b"\xd4\xc3\xb2\xa1",
    b"\xa1\xb2\xc3\xd4",
    b"\x4d\x3c\xb2\xa1",
    b"\xa1\xb2\x3c\x4d",
    b"\x0a\x0d\x0d\x0a",
    b"\x1f\x8b",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of a capture.

    Attributes:
        packets: the table of `schema.COLUMNS`, seq and ack still wrapped at 4 GiB.
        tshark: the tshark that read it.
        start_ns: time of the first frame of the capture, ns since 1970 UTC.
        warnings: what a reader of the result has to know.
    """

    packets: pd.DataFrame
    tshark: Tshark
    start_ns: int
    warnings: tuple[str, ...]


def read_packets(
    path: str | os.PathLike[str],
    *,
    display_filter: str | None = None,
    decode_as: Mapping[str, str] | None = None,
    prefs: Mapping[str, str] | None = None,
    tshark: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Reading:
    """All TCP segments of the capture at `path`, one row each.

    Args:
        path: anything that tshark reads.
        display_filter: keeps every stream, whole, in which a packet matches.
        decode_as: as in ``tshark -d``, ``{"udp.port==4790": "vxlan"}``.
        prefs: preferences over the pinned ones, as in ``tshark -o``.
        tshark: the program to use; found in PATH otherwise.
        progress: called with the bytes read so far and in all.

    Raises:
        CaptureError: it cannot be read, is no capture, or holds no TCP.
        FilterError: tshark does not accept `display_filter`.
        TsharkError: no usable tshark, or it failed.
    """
    capture = check_file(path)
    program = find_tshark(tshark)
    notes: list[str] = []
    lacking = set(missing_fields(program))
    if lacking:
        notes.append(
            f"tshark {program.version_text} has no fields for {', '.join(sorted(lacking))}: "
            "these columns stay empty; a newer tshark fills them"
        )
    columns = [
        schema.without_field(column) if column.name in lacking else column
        for column in schema.fields()
    ]
    streams = None
    if display_filter and display_filter.strip():
        streams = matching_streams(capture, program, display_filter, decode_as, prefs)
    output = ("-T", "tabs", "-o", column_format([c for c in columns if c.field]))
    command = capture_command(
        capture,
        program,
        *output,
        display_filter=SEGMENTS,
        decode_as=NOTHING_ABOVE_TCP | dict(decode_as or {}),
        prefs=prefs,
        from_stdin=_pipeable(capture),
    )
    feed = capture if _pipeable(capture) else None
    batches: list[Any] = []
    start_ns = 0
    with (
        private_environment() as environment,
        run_tshark(command, environment, feed=feed, progress=progress) as run,
    ):
        rest = b""
        seen = False
        while True:
            text = run.stdout.read(BLOCK)
            block, newline, rest = (rest + text).rpartition(b"\n")
            if not text:  # what follows the last newline is a line that was never finished
                break
            if not newline:
                continue
            batch = parse(block + newline, columns)
            if not seen:
                start_ns, seen = int(batch["time_ns"][0].as_py()), True
            batches.append(_segments_only(batch, streams))
        code, errors = run.finish()
    rows = sum(len(batch) for batch in batches)
    notes += _judge(capture, code, errors, seen)
    if not rows:
        if streams is not None:
            raise CaptureError(f"no TCP packet of {capture.name} matches: try a wider filter")
        raise CaptureError(f"{capture.name} holds no TCP: capture with the filter 'tcp'")
    table = pa.Table.from_batches(batches, arrow_schema(columns))
    del batches
    for note in notes:
        warnings.warn(note, TcpwinWarning, stacklevel=3)
    return Reading(finish(to_frame(table, columns), start_ns), program, start_ns, tuple(notes))


def check_file(path: str | os.PathLike[str]) -> Path:
    """The absolute path, if there is a file that can be read and is not empty.

    Raises:
        CaptureError: in one line, what is wrong with it.
    """
    file = Path(os.path.abspath(path))
    if file.is_dir():
        raise CaptureError(f"{path} is a folder: name a capture file in it")
    try:
        with file.open("rb") as handle:
            empty = not handle.read(1)
    except FileNotFoundError:
        raise CaptureError(f"there is no file {path}: check the name") from None
    except OSError as error:
        raise CaptureError(f"{path} cannot be read ({error.strerror}): check its rights") from error
    if empty:
        raise CaptureError(f"{path} is empty: capture again")
    return file


def _pipeable(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4).startswith(_PIPEABLE)


def _segments_only(batch: Any, streams: np.ndarray | None) -> Any:
    """Without frame 1 if that is no TCP segment, and of the wanted streams only."""
    wanted = pc.is_valid(batch["stream"])
    if streams is not None:
        wanted = pc.and_(wanted, pc.is_in(batch["stream"], pa.array(streams, pa.uint32())))
    return batch.filter(wanted)


def _judge(capture: Path, code: int, errors: list[str], seen: bool) -> list[str]:
    """Warnings for a capture that could be read in part; an error for one that could not.

    Raises:
        CaptureError: tshark did not understand the file.
        TsharkError: tshark failed otherwise.
    """
    said = " ".join(errors)
    if "cut short" in said or "damaged or corrupt" in said:
        if not seen:
            raise CaptureError(f"{capture.name} is cut before its first packet: capture again")
        how = "cut short" if "cut short" in said else "damaged"
        return [f"{capture.name} is {how}: what comes before the damage is used"]
    if code == 0:
        return []
    if "isn't a capture file" in said or "understands" in said:
        raise CaptureError(f"{capture.name} is not a capture: name a pcap or pcapng file")
    why = errors[-1].removeprefix("tshark: ") if errors else f"exit code {code}"
    raise TsharkError(f"tshark failed on {capture.name} ({why}): try another tshark version")
