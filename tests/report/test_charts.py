from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.image import imread

from tcpwin.model import Capture, Flow
from tcpwin.report import charts as charts_module
from tcpwin.report.charts import FLOW_CHARTS, STALL, Chart, draw, figure, is_drawn, plan


def test_an_overview_and_charts_of_the_flows_with_data(capture: Capture) -> None:
    stream = capture.stream(0)
    drawn = [flow for flow in stream.flows if is_drawn(flow)]
    stalls = sum(len(flow.stalls()) for flow in stream.flows)
    assert stalls == 1
    charts = plan([stream])
    assert charts[0].file == "stream-0000_overview.png"
    assert len(charts) == 1 + stalls + len(FLOW_CHARTS) * len(drawn)
    assert len({chart.file for chart in charts}) == len(charts)


def test_file_names(capture: Capture) -> None:
    stream = capture.stream(0)
    chart = Chart("window", stream, stream.flow("server->client"))
    assert chart.file == "stream-0000_server-to-client_window.png"
    closeup = replace(chart, kind=STALL, stall=stream.flow("server->client").stalls().iloc[0])
    assert closeup.file == "stream-0000_server-to-client_stall-01.png"
    both = replace(chart, suffixes=("svg", "pdf"))
    assert both.file == both.files[0] == "stream-0000_server-to-client_window.svg"
    assert both.files[1] == "stream-0000_server-to-client_window.pdf"


def test_every_chart_is_a_picture(capture: Capture, tmp_path: Path) -> None:
    for chart in plan([capture.stream(0)]):
        (path,) = draw(chart, tmp_path, dpi=40)
        assert path == tmp_path / chart.file
        assert imread(path).std() > 0.01  # not blank


def test_a_close_up_of_each_of_the_longest_stalls(
    slow: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert closeups(slow) == [1, 2, 3, 4, 5]
    stalls = slow.stream(0).flow("server->client").stalls()
    longest = stalls.nlargest(2, "lost_s")["number"]
    monkeypatch.setattr(charts_module, "MOST_STALLS", 2)
    assert closeups(slow) == sorted(longest)


def closeups(capture: Capture) -> list[int]:
    charts = plan([capture.stream(0)])
    return [int(chart.stall["number"]) for chart in charts if chart.stall is not None]


def test_the_verdict_is_the_title_and_stalls_are_shaded(slow: Capture) -> None:
    verdict = slow.stream(0).diagnose().verdict.title
    for chart in plan([slow.stream(0)]):
        drawn = figure(chart)
        title = drawn.get_suptitle() or drawn.axes[0].get_title(loc="left")
        stalls = chart.flow.stalls() if chart.flow else [1]
        assert title.startswith("stall " if chart.kind == STALL else verdict)
        texts = [text.get_text() for text in drawn.axes[0].texts]
        assert any("frame" in text for text in texts) == (len(stalls) > 0), chart.file


def test_the_overview_has_the_limits_of_both_flows_and_the_stalls(slow: Capture) -> None:
    drawn = figure(plan([slow.stream(0)])[0])
    strip = drawn.axes[3]
    names = [label.get_text() for label in strip.get_yticklabels()]
    assert names == ["server->client", "client->server"]
    frames = slow.stream(0).flow("server->client").stalls()["frame"]
    notes = [text.get_text() for text in drawn.axes[0].texts]
    assert [note for note in notes if note.endswith(f"frame {frames.iloc[0]}")]


def test_the_tables_of_a_flow_are_made_once(
    slow: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = []
    parts = Flow.parts
    monkeypatch.setattr(Flow, "parts", lambda flow: made.append(flow.name) or parts(flow))
    for chart in plan([slow.stream(0)])[1:]:
        draw(chart, tmp_path, dpi=30)
    assert made == ["server->client"]


def test_dots_and_formats_are_the_callers(capture: Capture, tmp_path: Path) -> None:
    coarse, fine = (plan([capture.stream(0)])[0] for _ in range(2))
    shape = imread(draw(coarse, tmp_path, dpi=40)[0]).shape
    assert imread(draw(fine, tmp_path, dpi=80)[0]).shape[:2] == (2 * shape[0], 2 * shape[1])
    chart = plan([capture.stream(0)], formats=["pdf", "svg", "png", "svg"])[0]
    assert chart.files == tuple(f"stream-0000_overview.{end}" for end in ("png", "svg", "pdf"))
    png, vector, pdf = draw(chart, tmp_path)
    assert b"<svg" in vector.read_bytes()
    assert pdf.read_bytes().startswith(b"%PDF")
    before = [path.read_bytes() for path in (png, vector, pdf)]
    assert [path.read_bytes() for path in draw(chart, tmp_path)] == before


def test_light_and_dark(capture: Capture, tmp_path: Path) -> None:
    for chart in plan([capture.stream(0)]):
        light, dark = (
            imread(draw(chart, tmp_path, dpi=30, style=style)[0])[..., :3].mean()
            for style in ("light", "dark")
        )
        assert dark < 0.5 < light, chart.file


def test_a_mere_request_is_not_drawn(half: Capture, slow: Capture) -> None:
    up, down = half.stream(0).flows
    assert 0 < up.bytes < 10 * up.mss
    assert (is_drawn(up), is_drawn(down)) == (False, True)
    small = half.stream(1)
    assert [is_drawn(flow) for flow in small.flows] == [True, True]  # as large as each other
    assert not is_drawn(slow.stream(0).flow("client->server"))


def test_a_small_flow_that_stalls_is_drawn(monkeypatch: pytest.MonkeyPatch, half: Capture) -> None:
    up, down = half.stream(0).flows
    stalls = down.stalls()
    monkeypatch.setattr(Flow, "stalls", lambda flow: stalls)
    assert is_drawn(up)
