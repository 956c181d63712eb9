"""Numbers and names as text for people: bytes, rates, durations, endpoints.

Three significant digits, SI steps of 1000, one space before the unit. What is not known
(None or NaN) is `UNKNOWN`. Nothing here is meant to be read back by a program.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

UNKNOWN: Final = "–"

_SIZES: Final = ("B", "kB", "MB", "GB", "TB", "PB")
_RATES: Final = ("bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s")
_FRACTIONS: Final = ("ns", "µs", "ms", "s")
# C0 and C1 controls, what turns the direction of writing, line separators, lone surrogates.
_UNPRINTABLE: Final = re.compile(
    "[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def format_bytes(count: float | None) -> str:
    """A size as it fits: ``850 B``, ``19.3 kB``, ``1.2 GB``."""
    return _scaled(count, _SIZES)


def format_byte_count(count: float | None) -> str:
    """The exact number: ``1 byte``, ``20,736 bytes``."""
    if _unknown(count):
        return UNKNOWN
    return f"{count:,.0f} byte{'' if count == 1 else 's'}"


def format_rate(bits_per_second: float | None) -> str:
    """A rate in bits: ``512 bit/s``, ``94.1 Mbit/s``."""
    return _scaled(bits_per_second, _RATES)


def format_duration(seconds: float | None) -> str:
    """A span of time: ``650 µs``, ``10 ms``, ``23.7 s``, ``2 min 5 s``, ``3 h 20 min``."""
    if seconds is None or _unknown(seconds):
        return UNKNOWN
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    if seconds == 0:
        return "0 s"
    if seconds < 59.95:
        return sign + _scaled(seconds * 1e9, _FRACTIONS)
    minutes, left = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{sign}{minutes} min {left} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{sign}{hours:,} h {minutes} min"


def format_endpoint(address: str, port: int) -> str:
    """Address and port as in a URL: ``10.0.0.1:80``, ``[::1]:80``."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def printable(text: str) -> str:
    r"""The text on one line, without anything that moves a terminal's cursor or cannot be encoded.

    File names may hold line ends, escape sequences and bytes that are no UTF-8; each such
    character is written as its escape (``\n``, ``\x1b``).
    """
    return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], text)


def _unknown(value: float | None) -> bool:
    return value is None or math.isnan(value)


def _scaled(value: float | None, units: Sequence[str]) -> str:
    """Three significant digits in the unit that leaves one to three before the point."""
    if value is None or _unknown(value):
        return UNKNOWN
    step = 0
    while abs(value) >= 999.5 and step < len(units) - 1:
        value /= 1000
        step += 1
    digits = f"{value:,.0f}" if step == 0 or abs(value) >= 100 else f"{value:.3g}"
    return f"{digits} {units[step]}"
