"""Ticks that read as one says them: 64 kB, 250, 1.5, 2:30 under an axis that names its unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.ticker import Formatter, MaxNLocator

_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
CLOCK: Final = "h:mm"
_UNITS: Final = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0}
_LIMITS: Final = (("ns", 1e-6), ("µs", 1e-3), ("ms", 0.1))
_CLOCK_STEPS: Final = np.array(
    [1, 2, 5, 10, 15, 30, *(60 * m for m in (1, 2, 5, 10, 15, 30)),
     *(3600 * h for h in (1, 2, 3, 4, 6, 12, 24))], dtype=float,
)  # fmt: skip
_LONG: Final = 7200.0  # seconds from which on people think in hours


class _AxisFormatter(Formatter):
    """Knows all ticks of the axis while it writes one of them."""

    _seen: Sequence[float] = ()

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """The texts of all ticks of an axis."""
        self._seen = [float(value) for value in values]
        return [self(value, place) for place, value in enumerate(self._seen)]


class SiFormatter(_AxisFormatter):
    """One SI prefix for the whole axis (for each tick on a log axis), as few digits as needed.

    Args:
        unit: what is counted, ``"B"`` or ``"bit/s"``.
        each: choose the prefix tick by tick, as a log axis needs.
    """

    def __init__(self, unit: str = "B", *, each: bool = False) -> None:
        self.unit = unit
        self.each = each

    def __call__(self, x: float, pos: int | None = None) -> str:
        """The text of one tick."""
        locs = [x] if self.each or not self._seen else self._seen
        factor, prefix = _prefix(max(abs(loc) for loc in locs))
        if x == 0:
            return "0"
        return f"{x / factor:,.{_places(locs, factor)}f} {prefix}{self.unit}"


class PlainFormatter(_AxisFormatter):
    """Numbers as they are, 1,500 and not 1.5 k: for an axis whose unit has a prefix already."""

    def __init__(self, *, each: bool = False) -> None:
        self.each = each

    def __call__(self, x: float, pos: int | None = None) -> str:
        """The text of one tick."""
        return "0" if x == 0 else f"{x:,.{_places([x] if self.each else self._seen or [x], 1.0)}f}"


class TimeFormatter(_AxisFormatter):
    """Times in the unit of their axis, see :func:`time_unit`: 20, 0.35, 2:30, 2:30:05.

    Args:
        unit: what the values, which are seconds, are told in.
    """

    def __init__(self, unit: str = "s") -> None:
        self.unit = unit

    def __call__(self, x: float, pos: int | None = None) -> str:
        """The text of one tick."""
        locs = self._seen or [x]
        if self.unit == CLOCK:
            return _clock(x, _step(locs))
        factor = _UNITS[self.unit]
        return "0" if x == 0 else f"{x / factor:.{_places(locs, factor)}f}"


class TimeLocator(MaxNLocator):
    """Round steps of the axis' unit: tens of seconds, or quarters of an hour on a clock."""

    def __init__(self, unit: str = "s", nbins: int = 9) -> None:
        super().__init__(nbins=nbins, steps=[1, 2, 2.5, 5, 10])
        self.unit, self.most = unit, nbins

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """Places of the ticks from ``vmin`` to ``vmax``, both in seconds."""
        wanted = (vmax - vmin) / self.most
        if self.unit != CLOCK or wanted <= 1.0:
            return super().tick_values(vmin, vmax)
        fitting = _CLOCK_STEPS[wanted <= _CLOCK_STEPS]
        step = float(fitting[0]) if len(fitting) else 86400.0 * math.ceil(wanted / 86400.0)
        return [step * n for n in range(math.floor(vmin / step), math.ceil(vmax / step) + 1)]


def time_unit(low: float, high: float) -> str:
    """The unit for an axis from ``low`` to ``high`` seconds: ``µs``, ``ms``, ``s`` or ``h:mm``."""
    if high - low >= _LONG:
        return CLOCK
    top = max(abs(low), abs(high))
    return next((unit for unit, limit in _LIMITS if top < limit * 1.0001), "s")


class LaneLocator(MaxNLocator):
    """Ticks only in the lane from 0 to ``top``; the rest of the axis belongs to others."""

    def __init__(self, top: float, nbins: int = 4, *, integer: bool = False) -> None:
        super().__init__(nbins=nbins, steps=[1, 2, 2.5, 5, 10], integer=integer)
        self.top = top

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """Places of the ticks, none of them outside the lane."""
        places = super().tick_values(max(vmin, 0.0), min(vmax, self.top))
        return [place for place in places if 0 <= place <= self.top * 1.001]


def _clock(seconds: float, step: float) -> str:
    """``2:30`` for whole minutes, ``2:30:05`` or ``2:30:05.25`` on an axis that was zoomed."""
    sign, value = ("-" if seconds < 0 else ""), abs(seconds)
    if 0 < step < 60:
        places = _places([0.0, step], 1.0)
        value = round(value, places)
        minutes, rest = divmod(value, 60)
        width = 3 + places if places else 2
        return f"{sign}{int(minutes) // 60}:{int(minutes) % 60:02d}:{rest:0{width}.{places}f}"
    hours, minutes = divmod(round(value / 60), 60)
    return f"{sign}{hours}:{minutes:02d}"


def _prefix(top: float) -> tuple[float, str]:
    for factor, prefix in _PREFIXES:
        if top >= factor * 0.9999:
            return factor, prefix
    return 1.0, ""


def _step(locs: Sequence[float]) -> float:
    steps = np.diff(np.unique(np.asarray(locs, dtype=float)))
    steps = steps[steps > 0]
    return float(steps.min()) if len(steps) else 0.0


def _places(locs: Sequence[float], factor: float) -> int:
    step = _step(locs) / factor
    if step <= 0:
        value = abs(float(locs[0])) / factor
        return next((n for n in range(4) if math.isclose(value, round(value, n), rel_tol=1e-6)), 3)
    # The smallest number of digits that tells this step: 0.5 needs one, 0.25 two.
    return next((n for n in range(10) if math.isclose(step, round(step, n), rel_tol=1e-3)), 9)
