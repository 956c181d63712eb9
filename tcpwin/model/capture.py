"""A capture that was read: its tables, its streams, its diagnosis."""

from __future__ import annotations

import html
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tcpwin import analysis
from tcpwin import tshark as tshark_room
from tcpwin.cache import kept
from tcpwin.diagnosis import CaptureDiagnosis
from tcpwin.errors import StreamNotFoundError, TcpwinWarning
from tcpwin.model.stream import Stream
from tcpwin.progress import shown
from tcpwin.units import format_duration

if TYPE_CHECKING:
    from tcpwin.tshark.process import Progress

PathLike = str | os.PathLike[str]


def read(
    path: PathLike,
    *,
    display_filter: str | None = None,
    decode_as: Mapping[str, str] | None = None,
    prefs: Mapping[str, str] | None = None,
    tshark: PathLike | None = None,
    jobs: int | None = None,
    cache: bool = True,
    progress: Progress | bool | None = None,
) -> Capture:
    """Read a capture through tshark.

    Args:
        path: a capture file, anything that tshark reads (pcap, pcapng, gz, snoop, …).
        display_filter: a Wireshark display filter; every stream in which a packet matches
            is kept whole.
        decode_as: as in ``tshark -d``, for instance ``{"udp.port==4790": "vxlan"}``.
        prefs: Wireshark preferences over the pinned ones, ``{"ip.defragment": "FALSE"}``.
        tshark: the tshark program; found in PATH otherwise.
        jobs: how many tsharks may run at a time, as many as there are cores by default. The
            table is the same with any number.
        cache: whether to take what an earlier reading of the same file with the same options
            and the same tshark has left in the user's cache folder, and to leave it there.
        progress: a callable that is told (bytes done, bytes in all); ``None`` shows a bar
            on a terminal and in Jupyter once it takes over a second, ``False`` never.

    Raises:
        CaptureError: the file cannot be read, is no capture, or holds no TCP.
        FilterError: tshark does not accept the filter.
        TsharkError: there is no usable tshark, or it failed.
        TcpwinError: ``TCPWIN_CACHE_SIZE`` is no size.
    """
    options: dict[str, Any] = {"decode_as": decode_as, "prefs": prefs, "tshark": tshark}
    before = kept(path, display_filter=display_filter, **options) if cache else None
    reading = before.reading() if before else None
    if reading is not None:
        for note in reading.warnings:
            warnings.warn(note, TcpwinWarning, stacklevel=2)
    else:
        with shown(progress, f"reading {Path(path).name}") as callback:
            reading = tshark_room.read_packets(
                path, display_filter=display_filter, jobs=jobs, progress=callback, **options
            )
        reading = replace(reading, packets=analysis.unwrap(reading.packets))
        if before:
            before.keep_reading(reading)
    return Capture(
        path=Path(path),
        packets=reading.packets,
        start_ns=reading.start_ns,
        end_ns=reading.end_ns,
        warnings=reading.warnings,
        tshark_version=reading.tshark.version_text,
        options={**options, "tshark": reading.tshark.path},
        cut_short=reading.cut_short,
        cache=cache,
    )


@dataclass(frozen=True, repr=False)
class Capture:
    """A capture that was read.

    Attributes:
        path: the file.
        packets: one row per TCP segment, see `tcpwin.schema.COLUMNS`.
        start_ns: time of the first frame of the file, ns since 1970 UTC.
        end_ns: time of its last frame: up to then an unfinished stream was watched.
        warnings: what was doubtful while reading, one line each.
        tshark_version: for instance ``4.0.17``.
        cut_short: whether the file ends in the middle of a packet, or is damaged.
        cache: whether a second look at the file may be taken from the cache, and kept there.
    """

    path: Path
    packets: pd.DataFrame
    start_ns: int
    end_ns: int
    warnings: tuple[str, ...]
    tshark_version: str
    options: Mapping[str, Any]
    cut_short: bool = False
    cache: bool = False

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self.path.name

    @property
    def start(self) -> pd.Timestamp:
        """Time of the first frame, UTC."""
        return pd.Timestamp(self.start_ns, tz="UTC")

    @property
    def duration_s(self) -> float:
        """From the first frame of the capture to its last, of whatever protocol."""
        return (self.end_ns - self.start_ns) / 1e9

    @cached_property
    def facts(self) -> analysis.Facts:
        """What the analysis worked out about all streams at once."""
        return analysis.Facts(self.packets, self.end_ns, self.look, self.cut_short)

    def look(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The heads of HTTP and the ICMP errors of the capture, read when first needed."""
        return self._context.http, self._context.icmp

    @cached_property
    def _context(self) -> tshark_room.Context:
        before = kept(self.path, **self.options) if self.cache else None
        context = before.context() if before else None
        if context is None:
            options = {name: self.options[name] for name in ("decode_as", "prefs")}
            program = tshark_room.find_tshark(self.options["tshark"])
            context = tshark_room.read_context(self.path, program, **options)
            if before:
                before.keep_context(context)
        return context

    @cached_property
    def streams(self) -> pd.DataFrame:
        """One row per stream, see `tcpwin.schema.STREAMS`."""
        return analysis.streams_table(self.facts, self.start_ns)

    @cached_property
    def state(self) -> pd.DataFrame:
        """The post-dissector's fields after every packet, see `tcpwin.schema.STATE`."""
        return analysis.dissected_table(self.facts, self.start_ns)

    def diagnose(self) -> CaptureDiagnosis:
        """The diagnosis of every stream; see `tcpwin.diagnosis`."""
        return CaptureDiagnosis(self.facts, self._about)

    @property
    def _about(self) -> dict[str, Any]:
        return {
            "tcpwin": version("tcpwin"),
            "tshark": self.tshark_version,
            "capture": {
                "path": str(self.path),
                "packets": len(self.packets),
                "streams": len(self.facts.segments.groups),
                "duration_s": round(self.duration_s, 9),
            },
        }

    def stream(self, number: int) -> Stream:
        """The stream with this `tcp.stream` number.

        Raises:
            StreamNotFoundError: there is none.
        """
        rows = self.packets["stream"].to_numpy() == number
        if not rows.any():
            numbers = np.unique(self.packets["stream"].to_numpy())
            raise StreamNotFoundError(
                f"{self.name} has no stream {number}: it has {_ranges(numbers)}"
            )
        return Stream(self, int(number), self.packets[rows].reset_index(drop=True))

    def __repr__(self) -> str:
        count = self.packets["stream"].nunique()
        return (
            f"<Capture {self.name}: {len(self.packets):,} TCP packets in {count:,} streams, "
            f"{format_duration(self.duration_s)}>"
        )

    def _repr_html_(self) -> str:
        table = self.streams.head(20).to_html(index=False, escape=True)
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{table}"


def _ranges(numbers: np.ndarray) -> str:
    """``0–4, 7`` for a person; the first few of many."""
    if len(numbers) == int(numbers[-1]) - int(numbers[0]) + 1 and len(numbers) > 1:
        return f"{numbers[0]}–{numbers[-1]}"
    shown_numbers = ", ".join(str(n) for n in numbers[:8])
    return shown_numbers + (", …" if len(numbers) > 8 else "")
