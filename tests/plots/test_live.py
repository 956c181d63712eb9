import base64
import importlib
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import pytest

from tcpwin.plots.axes import open_axes
from tcpwin.plots.live import live_bundle

WIDGET = "application/vnd.jupyter.widget-view+json"
BACKENDS = ["widget", "ipympl", "module://ipympl.backend_nbagg"]


@pytest.fixture
def ipympl() -> Iterator[Any]:
    """Its module; the import makes it the backend of pyplot, which is undone."""
    before = mpl.get_backend()
    yield importlib.import_module("ipympl.backend_nbagg")
    mpl.use(before)


# ipympl's own, in the making of its toolbar; Python shows it to nobody outside tests.
@pytest.mark.filterwarnings("ignore:Passing unrecognized arguments:DeprecationWarning")
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_widget_and_a_png_where_ipympl_is_the_backend(
    backend: str, ipympl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(mpl.rcParams, "backend", backend)
    ax, _ = open_axes(None, None)
    bundle = ax._repr_mimebundle_(include=None, exclude=None)
    assert isinstance(ax.figure.canvas, ipympl.Canvas)
    assert bundle[WIDGET]["model_id"] == ax.figure.canvas.model_id
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert ax.figure._repr_mimebundle_()[WIDGET] == bundle[WIDGET]  # shown twice, one widget
    ax.figure.canvas.close()


def test_left_to_the_png_where_it_is_not(ipympl: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(mpl.rcParams, "backend", "agg")
    ax, _ = open_axes(None, None)
    assert ax._repr_mimebundle_() is None
    assert live_bundle(ax.figure) is None
    assert not isinstance(ax.figure.canvas, ipympl.Canvas)
