"""The tables of one capture, from the folder or into it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tcpwin.cache import folder, frames
from tcpwin.cache.key import Key, key_of, state_of
from tcpwin.errors import TcpwinWarning
from tcpwin.tshark import Context, Reading, Tshark, check_file
from tcpwin.units import printable


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept, or is to be kept, of a capture read in one way."""

    key: Key

    def reading(self) -> Reading | None:
        """What `keep_reading` was given; ``None`` if nothing, or nothing sound, is there."""
        found = self._load("packets")
        if found is None:
            return None
        packets, notes = found
        path, version = notes["tshark"]
        return Reading(
            packets=packets,
            tshark=Tshark(path, tuple(version)),
            start_ns=notes["start_ns"],
            end_ns=notes["end_ns"],
            warnings=tuple(notes["warnings"]),
        )

    def keep_reading(self, reading: Reading) -> None:
        """Keep it for the next time, unless the capture has changed meanwhile."""
        notes = {
            "tshark": [reading.tshark.path, list(reading.tshark.version)],
            "start_ns": reading.start_ns,
            "end_ns": reading.end_ns,
            "warnings": reading.warnings,
        }
        self._keep({"packets": reading.packets}, notes)

    def context(self) -> Context | None:
        """What `keep_context` was given; ``None`` if nothing, or nothing sound, is there."""
        http, icmp = self._load("http"), self._load("icmp")
        return None if http is None or icmp is None else Context(http[0], icmp[0])

    def keep_context(self, context: Context) -> None:
        """Keep it for the next time, unless the capture has changed meanwhile."""
        self._keep({"http": context.http, "icmp": context.icmp}, {})

    def _name(self, table: str) -> str:
        return f"{self.key.name}.{table}.parquet"

    def _load(self, table: str) -> tuple[pd.DataFrame, dict[str, Any]] | None:
        path = folder.place() / self._name(table)
        if not folder.mine(path):
            return None
        try:
            found = frames.read(path, self.key.about())
        except frames.Damaged:
            folder.remove(path)
            return None
        folder.used(path)
        return found

    def _keep(self, tables: Mapping[str, pd.DataFrame], notes: Mapping[str, Any]) -> None:
        try:
            if state_of(Path(self.key.capture)) != self.key.state:
                return
            for table, frame in tables.items():
                with folder.written(self._name(table)) as file:
                    frames.write(frame, {**self.key.about(), **notes}, file)
        except OSError as error:
            warnings.warn(
                f"what was read is not kept in {printable(str(folder.place()))} "
                f"({error.strerror or error}): make room there, name another folder in "
                f"{folder.FOLDER}, or read without the cache",
                TcpwinWarning,
                stacklevel=4,
            )


def kept(capture: str | os.PathLike[str], **options: Any) -> Kept | None:
    """What is kept of a capture read with the options of `key_of`; ``None`` if the cache is off.

    Raises:
        CaptureError: the file cannot be read.
        TsharkError: there is no tshark to be found.
        TcpwinError: ``TCPWIN_CACHE_SIZE`` is no size.
    """
    return Kept(key_of(check_file(capture), **options)) if folder.most_bytes() else None
