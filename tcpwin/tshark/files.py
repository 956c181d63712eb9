"""What can be said about a capture file before tshark sees it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tcpwin.errors import CaptureError
from tcpwin.units import printable

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


def check_file(path: str | os.PathLike[str]) -> Path:
    """The absolute path, if there is a file that can be read and is not empty.

    Raises:
        CaptureError: in one line, what is wrong with it.
    """
    name = printable(os.fspath(path))
    try:
        file = Path(path).absolute()
        if file.is_dir():
            raise CaptureError(f"{name} is a folder: name a capture file in it")
        if file.exists() and not file.is_file():
            raise CaptureError(f"{name} is not a file: save the capture to a file first")
        with file.open("rb") as handle:
            empty = not handle.read(1)
    except FileNotFoundError:
        raise CaptureError(f"there is no file {name}: check the name") from None
    except OSError as error:
        raise CaptureError(f"{name} cannot be read ({error.strerror}): check its rights") from error
    except ValueError as error:  # a NUL byte in it
        raise CaptureError(f"{name} is no name of a file ({error}): check the name") from error
    if empty:
        raise CaptureError(f"{name} is empty: capture again")
    return file


def pipeable(path: Path) -> bool:
    """Whether tshark reads this file from its standard input."""
    with path.open("rb") as file:
        return file.read(4).startswith(_PIPEABLE)
