import base64
from io import BytesIO
from pathlib import Path

import pytest
from matplotlib.image import imread
from PIL import Image

from tcpwin.model import Capture
from tcpwin.report.charts import draw, plan
from tcpwin.report.page_pictures import COLOURS, inline


def picture(address: str) -> Image.Image:
    head, _, data = address.partition(",")
    assert head == "data:image/png;base64"
    return Image.open(BytesIO(base64.b64decode(data)))


def test_a_chart_that_is_drawn_already_is_not_drawn_again(
    capture: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = plan([capture.stream(0)])[0]
    path = draw(chart, tmp_path)[0]
    fresh = inline(chart)
    monkeypatch.setattr("tcpwin.report.page_pictures.figure", None)
    assert inline(chart, tmp_path) == fresh
    shown = picture(fresh)
    assert shown.size == imread(path).shape[1::-1]
    assert len(shown.getcolors() or ()) <= COLOURS
    assert len(fresh) < path.stat().st_size * 0.8


def test_a_folder_without_it(capture: Capture, tmp_path: Path) -> None:
    assert picture(inline(plan([capture.stream(0)])[0], tmp_path)).size[0] > 500
