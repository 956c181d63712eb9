import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from tcpwin.plots import plot_window, set_style
from tcpwin.plots.style import DARK, LIGHT, LIMITERS, Style, resolve, use_style


def grey(color: str) -> float:
    red, green, blue = to_rgb(color)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_limiters_differ_in_grey_or_in_hatch() -> None:
    for (one, a), (two, b) in itertools.combinations(LIMITERS.items(), 2):
        assert a.hatch != b.hatch or abs(grey(a.color) - grey(b.color)) > 0.15, (one, two)


def test_limiters_are_those_of_the_definitions() -> None:
    names = {"zero-window", "receive-window", "recovery", "network", "sender", "idle"}
    assert set(LIMITERS) == names


@pytest.mark.parametrize("style", [LIGHT, DARK], ids=lambda style: style.name)
def test_lines_stand_out_from_the_paper(style: Style) -> None:
    for name in ("ink", "data", "ack", "window", "retransmission", "sack", "zero", "rtt"):
        assert abs(grey(getattr(style, name)) - grey(style.paper)) > 0.3, name


def test_asked_for_goes_before_with_block_before_axes() -> None:
    dark_axes = Figure(facecolor="black").add_subplot(facecolor="black")
    assert resolve(None) is LIGHT
    assert resolve(None, dark_axes) is DARK
    with use_style("light"):
        assert resolve(None, dark_axes) is LIGHT
        assert resolve("dark", dark_axes) is DARK
    assert resolve(None, dark_axes) is DARK


def test_unknown_style_names_the_choice() -> None:
    with pytest.raises(ValueError, match="light, dark"):
        resolve("blue")


@pytest.fixture
def light_again() -> Iterator[None]:
    yield
    set_style("light")


@pytest.mark.usefixtures("light_again")
def test_a_notebook_sets_it_once(window: pd.DataFrame) -> None:
    set_style("dark")
    assert plot_window(window).get_facecolor()[:3] == to_rgb(DARK.paper)
    assert resolve(None, Figure().add_subplot()) is LIGHT  # the axes of others are as they are
    with use_style("light"):
        assert resolve(None) is LIGHT
    with pytest.raises(ValueError, match="light, dark"):
        set_style("blue")


# Machado, Oliveira, Fernandes, IEEE TVCG 15(6), 2009: what is seen without one kind of cone.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
}  # fmt: skip
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
# What is drawn in the same shape in one chart has only its colour to be told by.
ALIKE = [
    ("data", "retransmission"), ("data", "out_of_order"), ("data", "sack"),
    ("retransmission", "sack"), ("ack", "window"), ("data", "window"), ("data", "ack"),
    ("rtt", "srtt"), ("data", "duplicate"),
]  # fmt: skip


def seen(color: str, sight: np.ndarray) -> np.ndarray:
    """L*a*b* of a colour as somebody sees it."""
    srgb = np.array(to_rgb(color))
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = XYZ @ np.clip(sight @ linear, 0, 1) / XYZ.sum(axis=1)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("style", [LIGHT, DARK], ids=lambda style: style.name)
@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("pair", ALIKE, ids="-".join)
def test_told_apart_without_one_kind_of_cone(
    style: Style, sight: str, pair: tuple[str, str]
) -> None:
    one, other = (seen(getattr(style, name), SIGHT[sight]) for name in pair)
    # 2.3 can just be noticed (Mahy et al., 1994); thin lines need several times that.
    assert np.linalg.norm(one - other) > 15
