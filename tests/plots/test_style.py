import itertools

import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

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
