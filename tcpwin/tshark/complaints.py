"""What tshark says when something is wrong becomes one line of ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tcpwin.errors import CaptureError, TsharkError
from tcpwin.units import printable

_OPTIONS: Final = ("Unknown layer type", "Unknown protocol", "specifies unknown preference")
DAMAGED: Final = "what comes before the damage is used"
_OPTIONS_END: Final = ("Invalid", "Parameter ", "-o flag", "WARNING: -d")


def check_run(capture: Path, code: int, errors: Sequence[str], seen: bool) -> list[str]:
    """Warnings for a capture that could be read in part; an error for one that could not.

    Args:
        capture: the file that was read.
        code: tshark's exit code.
        errors: its lines on stderr.
        seen: whether there was a packet before the end.

    Raises:
        CaptureError: tshark did not understand the file.
        TsharkError: tshark failed otherwise.
    """
    name, said = printable(capture.name), " ".join(errors)
    if "cut short" in said or "damaged or corrupt" in said:
        if not seen:
            raise CaptureError(f"{name} is cut or damaged before its first TCP: capture again")
        how = "cut short" if "cut short" in said else "damaged"
        return [f"{name} is {how}: {DAMAGED}"]
    if code == 0:
        return []
    if "isn't a capture file" in said or "understands" in said:
        raise CaptureError(f"{name} is not a capture: name a pcap or pcapng file")
    why = reason(errors) or f"exit code {code}"
    if why.startswith(_OPTIONS_END) or any(sign in why for sign in _OPTIONS):
        raise TsharkError(f"tshark does not accept an option ({why}): correct decode_as or prefs")
    raise TsharkError(f"tshark failed on {name} ({why}): try another tshark version")


def reason(errors: Sequence[str]) -> str:
    """The line that says what is wrong: the first by tshark itself, else the last of all."""
    own = [line for line in errors if line.startswith("tshark: ")]
    line = own[0] if own else errors[-1] if errors else ""
    return printable(line.removeprefix("tshark: ")).rstrip(".")
