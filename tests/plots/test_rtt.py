import pandas as pd
import pytest

from tcpwin.plots import plot_rtt
from tests.plots.look import labels, line, notes, render


def test_samples_are_points_in_ms_and_srtt_a_line(rtt: pd.DataFrame) -> None:
    ax = plot_rtt(rtt)
    points = line(ax, "RTT sample")
    assert points.get_linestyle() == "None"
    assert points.get_ydata().tolist() == pytest.approx([20, 50, 30])
    assert line(ax, "SRTT").get_ydata().tolist() == pytest.approx([20, 23.75, 24.5])
    assert line(ax, "SRTT").get_drawstyle() == "steps-post"
    assert "[ms]" in ax.get_ylabel()
    assert ax.get_ylim()[0] == 0
    render(ax.figure)


def test_log_and_kwargs(rtt: pd.DataFrame) -> None:
    ax = plot_rtt(rtt, log=True, ms=9)
    assert ax.get_yscale() == "log"
    assert line(ax, "RTT sample").get_markersize() == 9
    render(ax.figure)


def test_without_srtt_or_samples(rtt: pd.DataFrame) -> None:
    assert labels(plot_rtt(rtt.drop(columns="srtt_s"))) == ["RTT sample"]
    assert "no RTT samples in this flow" in notes(plot_rtt(rtt.iloc[:0]))
    render(plot_rtt(rtt.assign(rtt_s=0.0, srtt_s=0.0), log=True).figure)


def test_where_it_was_captured_is_said(rtt: pd.DataFrame) -> None:
    rtt.attrs["near"] = "receiver"
    ax = plot_rtt(rtt)
    assert ax.get_ylabel() == "ACK delay [ms]"
    sample, smooth = labels(ax)
    assert "not the path's RTT" in sample
    assert smooth == "smoothed"
    rtt.attrs["near"] = "middle"
    assert "from the capture point" in labels(plot_rtt(rtt))[0]
    rtt.attrs["near"] = "sender"
    assert plot_rtt(rtt).get_ylabel() == "RTT [ms]"
