"""What a table was made from. Equal keys, equal tables: all that can change one is in its key."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from tcpwin.tshark import find_tshark, locate_tshark

_ROOM: Final = Path(__file__).parent.parent
# What makes the tables; a change there makes new ones, so no version has to be counted up.
_MAKERS: Final = ("schema/*.py", "units.py", "tshark/*.py", "analysis/*.py", "cache/*.py")
_PIECES: Final = 16  # of a file, evenly spread: time does not grow with the file
_PIECE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Key:
    """What a table was made from.

    Attributes:
        capture: absolute path of the capture.
        state: its size, its times and a look at its bytes.
        options: how it was read: the program, what it was told, the code of tcpwin.
    """

    capture: str
    state: Mapping[str, Any]
    options: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name of a file: one part for each attribute."""
        return "-".join(map(digest, (self.capture, self.state, self.options)))

    def about(self) -> dict[str, Any]:
        """As JSON gives it back."""
        about = {"capture": self.capture, "state": self.state, "options": self.options}
        plain: dict[str, Any] = json.loads(json.dumps(about))
        return plain


def key_of(
    capture: Path,
    *,
    tshark: str | os.PathLike[str] | None = None,
    decode_as: Mapping[str, str] | None = None,
    prefs: Mapping[str, str] | None = None,
    display_filter: str | None = None,
) -> Key:
    """The key of what is read from this file with these options, as in `read_packets`.

    Raises:
        OSError: the file cannot be read.
        TsharkError: there is no tshark to be found.
    """
    options = {
        "code": _code(),
        "tshark": _program(locate_tshark(tshark)),
        "decode_as": list((decode_as or {}).items()),  # in this order tshark is told
        "prefs": list((prefs or {}).items()),
        "display_filter": (display_filter or "").strip(),
    }
    return Key(os.fsdecode(capture), state_of(capture), options)


def state_of(capture: Path) -> dict[str, Any]:
    """Size, times and a digest of pieces of a file.

    The time of the last change of its inode shows an edit even where the file was given its
    old size and time of modification again.
    """
    with capture.open("rb") as file:
        stat = os.fstat(file.fileno())
        probe = blake2b(digest_size=16)
        last = max(stat.st_size - _PIECE, 0)
        for start in sorted({last * n // (_PIECES - 1) for n in range(_PIECES)}):
            file.seek(start)
            probe.update(file.read(_PIECE))
    return {
        "size": stat.st_size,
        "modified_ns": stat.st_mtime_ns,
        "changed_ns": stat.st_ctime_ns,
        "probe": probe.hexdigest(),
    }


def digest(value: Any) -> str:
    """16 hexadecimal digits: enough for a name, as what a file is about stands in it too."""
    return blake2b(json.dumps(value).encode(), digest_size=8).hexdigest()


def _program(path: str) -> list[Any]:
    """The tshark, without asking it for its version where its file tells that it is the same.

    That question takes longer than reading a table. A script, or a program by another name
    (a launcher), may start another tshark than last time.
    """
    real = Path(path).resolve()
    stat = real.stat()
    itself = False
    if real.stem == "tshark" and os.access(real, os.R_OK):
        with real.open("rb") as file:
            itself = file.read(2) != b"#!"
    version = None if itself else find_tshark(path).version_text
    return [path, os.fspath(real), stat.st_size, stat.st_mtime_ns, version]


@lru_cache
def _code() -> str:
    made = blake2b(digest_size=16)
    for pattern in _MAKERS:
        for file in sorted(_ROOM.glob(pattern)):
            made.update(file.read_bytes())
    return made.hexdigest()
