import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba

from tcpwin.plots import plot_ladder
from tcpwin.plots.style import LIGHT
from tests.plots.look import labels, notes, render
from tests.plots.test_rungs import packets

ATTRS = {
    "verdict": "path-silent - path", "client": "10.0.0.1:5", "server": "10.0.0.2:80",
    "captures": ("a.pcap", "b_$x$.pcap"), "filters": ("tcp.stream == 1", "tcp.stream == 2"),
    "stalls": [{"start_s": 0.008, "end_s": 5.0, "cause": "path-silent"}],
}  # fmt: skip


def table(count: int = 12, lost: tuple[int, ...] = (8, 9)) -> pd.DataFrame:
    result = packets(count, lost)
    result.attrs = dict(ATTRS)
    return result


def lines(ax, label: str) -> LineCollection:  # type: ignore[no-untyped-def]
    (found,) = [c for c in ax.collections if c.get_label() == label]
    return found


def test_packets_go_from_side_to_side_and_lost_ones_end_midway() -> None:
    ax = plot_ladder(table())
    assert set(labels(ax)) == {"data", "without data", "lost on the way"}
    for label, count in (("data", 5), ("without data", 5), ("lost on the way", 2)):
        assert len(lines(ax, label).get_segments()) == count
    for one in lines(ax, "data").get_segments():
        assert one[:, 0].tolist() == [1, 0]  # data come from the server
        assert one[1, 1] > one[0, 1]
    ends = [tuple(one[1]) for one in lines(ax, "lost on the way").get_segments()]
    assert [round(x, 9) for x, _y in ends] == [0.55, 0.45]
    crosses = next(line for line in ax.lines if line.get_marker() == "x")
    assert set(zip(*crosses.get_data(), strict=True)) == set(ends)
    assert to_rgba(crosses.get_color()) == to_rgba(LIGHT.retransmission)
    low, high = ax.get_ylim()
    assert low > high  # time runs down
    render(ax.figure)


def test_it_says_which_captures_and_which_filters() -> None:
    ax = plot_ladder(table())
    said = notes(ax)
    assert any("a.pcap" in text for text in said)
    assert any("b_$x$.pcap" in text for text in said)
    assert any("tcp.stream == 1 | tcp.stream == 2" in text for text in said)
    assert "path-silent" in said


def test_what_one_capture_has_is_not_drawn_as_lost() -> None:
    frame = table(lost=(8,))
    frame.loc[8, "fate"] = "unknown"
    frame.loc[3, ["frame_sent", "sent_s", "fate"]] = [pd.NA, np.nan, "capture-missed"]
    ax = plot_ladder(frame)
    odd = lines(ax, "in one capture only, not known to be lost")
    assert len(odd.get_segments()) == 2
    assert "lost on the way" not in labels(ax)
    came = [one for one in odd.get_segments() if one[1, 0] == 0]
    assert len(came) == 1
    assert came[0][0, 0] == pytest.approx(0.55)
    render(ax.figure)


def test_a_long_connection_is_thinned_and_says_so() -> None:
    ax = plot_ladder(table(5000, (4000,)))
    assert sum(len(c.get_segments()) for c in ax.collections if isinstance(c, LineCollection)) == 48
    assert any("48 of 5,000 packets" in text for text in notes(ax))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_packets(count: int) -> None:
    ax = plot_ladder(table(count, ()))
    render(ax.figure)
    assert ("no packets" in notes(ax)) == (count == 0)
