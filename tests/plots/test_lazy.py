import subprocess
import sys

import pytest

import tcpwin.plots


def test_nothing_heavy_is_imported_before_a_chart_is_asked_for() -> None:
    code = (
        "import sys, tcpwin.plots; assert 'matplotlib' not in sys.modules; "
        "tcpwin.plots.plot_window; assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_names_are_there() -> None:
    assert set(tcpwin.plots.__all__) <= set(dir(tcpwin.plots))
    for name in tcpwin.plots.__all__:
        assert callable(getattr(tcpwin.plots, name))
    with pytest.raises(AttributeError, match="plot_nothing"):
        tcpwin.plots.plot_nothing  # noqa: B018
