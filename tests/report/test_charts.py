from dataclasses import replace
from pathlib import Path

from matplotlib.image import imread
from tcpwin.model import Capture

from tcpwin.report.charts import FLOW_CHARTS, Chart, draw, plan


def test_an_overview_and_charts_of_the_flows_with_data(capture: Capture) -> None:
    stream = capture.stream(0)
    with_data = [flow for flow in stream.flows if flow.bytes]
    charts = plan([stream])
    assert charts[0].file == "stream-0000_overview.png"
    assert len(charts) == 1 + len(FLOW_CHARTS) * len(with_data)
    assert len({chart.file for chart in charts}) == len(charts)


def test_file_names(capture: Capture) -> None:
    stream = capture.stream(0)
    chart = Chart("window", stream, stream.flow("server->client"))
    assert chart.file == "stream-0000_server-to-client_window.png"
    assert replace(chart, suffix="svg").file.endswith("_window.svg")


def test_every_chart_is_a_picture(capture: Capture, tmp_path: Path) -> None:
    for chart in plan([capture.stream(0)]):
        path = draw(chart, tmp_path, dpi=40)
        assert path == tmp_path / chart.file
        assert imread(path).std() > 0.01  # not blank


def test_dots_and_format_are_the_callers(capture: Capture, tmp_path: Path) -> None:
    coarse, fine = (plan([capture.stream(0)])[0] for _ in range(2))
    shape = imread(draw(coarse, tmp_path, dpi=40)).shape
    assert imread(draw(fine, tmp_path, dpi=80)).shape[:2] == (2 * shape[0], 2 * shape[1])
    (vector, *_) = plan([capture.stream(0)], suffix="svg")
    assert b"<svg" in draw(vector, tmp_path).read_bytes()
