"""Charts that zoom and pan in a notebook, where its reader chose ``%matplotlib widget``.

Nothing is imported for it: ipympl is used once somebody has made it matplotlib's backend.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

_IPYMPL: Final = "ipympl.backend_nbagg"
_NAMES: Final = frozenset({"ipympl", "widget", f"module://{_IPYMPL}"})


def live_bundle(figure: Figure) -> dict[str, Any] | None:
    """What a notebook shows of a figure as a widget, a PNG for those who cannot run it included.

    None where ipympl is not matplotlib's backend (https://matplotlib.org/ipympl/).
    """
    ipympl: Any = sys.modules.get(_IPYMPL)
    if ipympl is None or mpl.get_backend() not in _NAMES:
        return None
    if not isinstance(figure.canvas, ipympl.Canvas):
        canvas = ipympl.Canvas(figure)
        canvas.header_visible = False  # it would number the figure, which pyplot does not know
        ipympl.FigureManager(canvas, 0).set_window_title("")
    # A FigureCanvasBase to the types; it is ipympl's, and that is how Jupyter asks it for itself.
    bundle: dict[str, Any] = figure.canvas._repr_mimebundle_()  # type: ignore[attr-defined]
    return bundle
