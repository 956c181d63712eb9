import pandas as pd

from tcpwin.plots import plot_runs
from tests.plots.look import artist, labels, render

Parts = dict[str, pd.DataFrame]


def parts(window: pd.DataFrame, limits: pd.DataFrame, name: str, scale: float) -> Parts:
    rtt = pd.DataFrame({"time_s": [0.1, 0.2], "rtt_s": [0.02 * scale, 0.03 * scale]})
    own = window.assign(time_s=window["time_s"] * scale)
    own.attrs = {**window.attrs, "capture": name, "end_s": 2.0 * scale}
    return {"window": own, "rtt": rtt, "limits": limits}


def test_both_runs_in_every_panel(window: pd.DataFrame, limits: pd.DataFrame) -> None:
    a, b = (parts(window, limits, name, n) for n, name in ((1, "good.pcap"), (3, "bad.pcap")))
    figure = plot_runs(a, b, title="bad took longer")
    done, size, rtt, bands = figure.axes
    for ax in (done, size, rtt):
        assert labels(ax) == ["a: good.pcap", "b: bad.pcap"]
    x, y = artist(done, "b: bad.pcap").get_data()
    assert y[0] == 0
    assert y[-1] == 8760
    assert x[-1] == window["time_s"].iloc[-1] * 3
    assert artist(rtt, "a: good.pcap").get_ydata().tolist() == [20, 30]
    assert [tick.get_text() for tick in bands.get_yticklabels()] == ["a: good.pcap", "b: bad.pcap"]
    assert bands.get_xlim()[1] >= 6.0
    assert done.get_ylim()[0] < 0
    render(figure)


def test_two_streams_of_one_file_are_told_apart(window: pd.DataFrame, limits: pd.DataFrame) -> None:
    a, b = parts(window, limits, "x.pcap", 1), parts(window, limits, "x.pcap", 2)
    b["window"].attrs["stream"] = 9
    assert labels(plot_runs(a, b).axes[0]) == ["a: x.pcap #3", "b: x.pcap #9"]


def test_a_run_without_samples(window: pd.DataFrame, limits: pd.DataFrame) -> None:
    a = parts(window, limits, "x.pcap", 1)
    empty = {name: table.iloc[:0] for name, table in a.items()}
    figure = plot_runs(empty, empty)
    assert [text.get_text() for text in figure.axes[2].texts] == ["no run has any"]
    render(figure)
