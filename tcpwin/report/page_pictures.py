"""Charts as pictures inside the page."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image

from tcpwin.report.charts import DPI, figure

if TYPE_CHECKING:
    from tcpwin.report.charts import Chart

# A chart has a few dozen colours, some of them of smoothed edges: with a palette it takes a
# third of the room (measured on the bundled captures: 38 instead of 110 kB).
COLOURS: Final = 128


def inline(chart: Chart, folder: Path | None = None) -> str:
    """A chart as a ``data:`` address.

    Args:
        chart: what to show.
        folder: where the report's charts are; a PNG found there is not drawn again.
    """
    drawn = (folder / chart.file).with_suffix(".png") if folder else None
    source: Path | BytesIO
    if drawn and drawn.is_file():
        source = drawn
    else:
        source = BytesIO()
        figure(chart).savefig(source, dpi=DPI, format="png")
    with Image.open(source) as picture:
        flat = picture.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
    small = BytesIO()
    flat.save(small, "PNG")
    return f"data:image/png;base64,{base64.b64encode(small.getvalue()).decode('ascii')}"
