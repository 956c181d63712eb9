"""Ticks that read as one says them: 64 kB, 250 ms, 1.5 s, 2 h."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import Formatter, MaxNLocator

_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_HOUR = 3600.0
_LONG_STEPS = np.array([900, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400], dtype=float)
_LONG = 2 * _HOUR


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
    """Seconds as plain numbers; shorter and longer axes say their unit: 50 µs, 20 ms, 2 h."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """The text of one tick."""
        locs = self._seen or [x]
        top = max(abs(loc) for loc in locs)
        step = _step(locs)
        if x == 0:
            return "0"
        if step >= _LONG_STEPS[0] and top >= _LONG:
            hours, minutes = divmod(round(abs(x) / 60), 60)
            sign = "-" if x < 0 else ""
            return f"{sign}{hours} h" if minutes == 0 else f"{sign}{hours}:{minutes:02d} h"
        for limit, factor, unit in ((1e-6, 1e-9, " ns"), (1e-3, 1e-6, " µs"), (0.1, 1e-3, " ms")):
            if top < limit * 1.0001:
                return f"{x / factor:.{_places(locs, factor)}f}{unit}"
        return f"{x:.{_places(locs, 1.0)}f}"


class TimeLocator(MaxNLocator):
    """Round steps in seconds; quarters of an hour and hours on a long axis."""

    def __init__(self, nbins: int = 9) -> None:
        super().__init__(nbins=nbins, steps=[1, 2, 2.5, 5, 10])

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """Places of the ticks from ``vmin`` to ``vmax``, both in seconds."""
        span = vmax - vmin
        if span < _LONG:
            return super().tick_values(vmin, vmax)
        fitting = _LONG_STEPS[span / 9 <= _LONG_STEPS]
        step = float(fitting[0]) if len(fitting) else 86400.0 * math.ceil(span / 9 / 86400.0)
        return [step * n for n in range(math.floor(vmin / step), math.ceil(vmax / step) + 1)]


class LaneLocator(MaxNLocator):
    """Ticks only in the lane from 0 to ``top``; the rest of the axis belongs to others."""

    def __init__(self, top: float, nbins: int = 4, *, integer: bool = False) -> None:
        super().__init__(nbins=nbins, steps=[1, 2, 2.5, 5, 10], integer=integer)
        self.top = top

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """Places of the ticks, none of them outside the lane."""
        places = super().tick_values(max(vmin, 0.0), min(vmax, self.top))
        return [place for place in places if 0 <= place <= self.top * 1.001]


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
