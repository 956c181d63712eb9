"""Sparklines: a row of numbers as blocks, or as digits where a terminal has no blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

BLOCKS: Final = "▁▂▃▄▅▆▇█"
DIGITS: Final = "12345678"
CLOSED: Final = "0"  # a window of 0, in both alphabets
NOTHING: Final = " "


def alphabet(encoding: str) -> str:
    """`BLOCKS` where this encoding has them, else `DIGITS`."""
    try:
        BLOCKS.encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return DIGITS
    return BLOCKS


def spark(values: Sequence[float], top: float, levels: str = BLOCKS, *, zero: str = NOTHING) -> str:
    """One sign for each value: eighths of `top`, rounded up so that what is there is seen.

    Args:
        values: not negative; NaN, which is not known, stays blank.
        top: the value of the highest sign.
        levels: the signs, lowest first.
        zero: the sign for 0.
    """
    steps = len(levels)

    def sign(value: float) -> str:
        if math.isnan(value):
            return NOTHING
        if value <= 0 or top <= 0:
            return zero
        return levels[min(math.ceil(value / top * steps), steps) - 1]

    return "".join(map(sign, values))
