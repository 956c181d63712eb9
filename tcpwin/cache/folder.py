"""The folder with the files: where it is, what is in it, how it stays within its bounds.

Several processes may work in it at once. A file is written under a name of its own and
renamed when it is whole; the last one of two that are the same stays. What a killed process
left is known by its age. Only files with names that are given here are ever touched.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from platformdirs import user_cache_path

from tcpwin.cache.frames import Damaged, read_notes
from tcpwin.cache.key import digest
from tcpwin.errors import TcpwinError

FOLDER: Final = "TCPWIN_CACHE_DIR"
SIZE: Final = "TCPWIN_CACHE_SIZE"
# Some 28 to 60 bytes are kept of a packet: 2 GiB are captures of 35 million packets or more.
DEFAULT_BYTES: Final = 2 << 30
_UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE: Final = re.compile(r"(\d{1,15})\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
_NAME: Final = re.compile(r"[0-9a-f]{16}(-[0-9a-f]{16}){2}\.[a-z]+\.parquet")
_PART: Final = re.compile(r"\.tcpwin-\w+\.part")
# So long after its last write a file that has no name yet is nobody's. A writer that only was
# suspended for longer keeps nothing, and says so.
_ABANDONED_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One file.

    Attributes:
        path: where it is.
        size: bytes.
        used: when it was written or last read, seconds since 1970.
    """

    path: Path
    size: int
    used: float

    def capture(self) -> str | None:
        """Path of the capture it was made from; ``None`` where it does not say."""
        try:
            return str(read_notes(self.path)["capture"])
        except (Damaged, KeyError):
            return None


def place() -> Path:
    """The folder: ``TCPWIN_CACHE_DIR``, or the one the system has for caches."""
    named = os.environ.get(FOLDER)
    return Path(named).absolute() if named else user_cache_path("tcpwin", appauthor=False)


def most_bytes() -> int:
    """How large all files together may become: ``TCPWIN_CACHE_SIZE``; 0 for no cache.

    Raises:
        TcpwinError: that is no size.
    """
    text = os.environ.get(SIZE, "").strip()
    if not text:
        return DEFAULT_BYTES
    if (match := _SIZE.fullmatch(text)) is None:
        raise TcpwinError(f"{SIZE} is {text!r}: say bytes, as in 500M or 2G, or 0 for no cache")
    return int(match[1]) * _UNITS[match[2].upper()]


def mine(path: Path) -> bool:
    """Whether it is a plain file of this user, not one that somebody else put there."""
    try:
        found = path.lstat()
    except OSError:
        return False
    owned = not hasattr(os, "geteuid") or found.st_uid == os.geteuid()  # Windows has no such ids
    return stat.S_ISREG(found.st_mode) and owned


def entries(capture: Path | None = None) -> list[Entry]:
    """What is in the folder, of all captures or of one, the file used last first."""
    start = "" if capture is None else digest(os.fsdecode(capture.absolute()))
    found = []
    for path in _named(_NAME):
        if path.name.startswith(start):
            with suppress(OSError):  # gone meanwhile
                status = path.lstat()
                found.append(Entry(path, status.st_size, status.st_mtime))
    return sorted(found, key=lambda entry: entry.used, reverse=True)


def used(path: Path) -> None:
    """Note that the file was read just now: the oldest go first."""
    with suppress(OSError):
        os.utime(path)


def remove(path: Path) -> None:
    """Away with it, if it is still there and may be removed."""
    with suppress(OSError):
        path.unlink()


def clear(capture: Path | None = None) -> list[Entry]:
    """Remove everything, or what was read from one capture; returns what was removed.

    Raises:
        OSError: a file cannot be removed.
    """
    gone = entries(capture)
    for entry in gone:
        entry.path.unlink(missing_ok=True)
    if capture is None:
        _remove_parts(older_than_s=0)  # whoever is writing one keeps nothing then
    return gone


@contextmanager
def written(name: str) -> Iterator[IO[bytes]]:
    """A file to write to, which gets its name in the folder when the block ends well.

    Then the oldest files go until all are within bounds, and with them those of the same
    capture as it was before.

    Raises:
        OSError: it cannot be written.
    """
    folder = place()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, path = tempfile.mkstemp(prefix=".tcpwin-", suffix=".part", dir=folder)  # mode 0600
    part = Path(path)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        if part.stat().st_size <= most_bytes():
            part.replace(folder / name)
    finally:
        part.unlink(missing_ok=True)
    _tidy(name)


def _tidy(newest: str) -> None:
    _remove_parts(older_than_s=_ABANDONED_S)
    capture, state, _ = newest.split("-")
    left = most_bytes()
    for entry in entries():
        left -= entry.size
        its_capture, its_state, _ = entry.path.name.split("-")
        if left < 0 or (its_capture == capture and its_state != state):
            remove(entry.path)


def _remove_parts(*, older_than_s: float) -> None:
    for part in _named(_PART):
        with suppress(OSError):  # gone meanwhile
            if time.time() - part.stat().st_mtime >= older_than_s:
                part.unlink()


def _named(pattern: re.Pattern[str]) -> list[Path]:
    try:
        with os.scandir(place()) as found:
            return [Path(one) for one in found if pattern.fullmatch(one.name)]
    except OSError:  # no folder, nothing in it
        return []
