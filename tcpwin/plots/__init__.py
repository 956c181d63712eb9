"""Charts: frames in, matplotlib Axes out; nothing here computes what it draws.

Every function takes a frame of :mod:`tcpwin.analysis` (or your own, with the same columns),
draws into ``ax`` or into a figure of its own, and returns the Axes. Figures made here do not
go through pyplot: nothing pops up, nothing has to be closed, and no rcParams change.

The names are imported on first use, so that ``import tcpwin`` stays quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tcpwin.plots.acks import plot_acks
    from tcpwin.plots.delays import plot_delays
    from tcpwin.plots.flight import plot_flight
    from tcpwin.plots.ladder import plot_ladder
    from tcpwin.plots.limits import plot_limits
    from tcpwin.plots.overview import plot_overview
    from tcpwin.plots.rtt import plot_rtt
    from tcpwin.plots.runs import plot_runs
    from tcpwin.plots.sequence import plot_sequence
    from tcpwin.plots.stall import plot_stall
    from tcpwin.plots.style import set_style, use_style
    from tcpwin.plots.throughput import plot_throughput
    from tcpwin.plots.window import plot_window

__all__ = [
    "plot_acks",
    "plot_delays",
    "plot_flight",
    "plot_ladder",
    "plot_limits",
    "plot_overview",
    "plot_rtt",
    "plot_runs",
    "plot_sequence",
    "plot_stall",
    "plot_throughput",
    "plot_window",
    "set_style",
    "use_style",
]

_HOME = {name: name.removeprefix("plot_") for name in __all__} | {
    "set_style": "style",
    "use_style": "style",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
