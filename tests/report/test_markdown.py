import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tcpwin.model import Capture

from tcpwin.report.charts import plan
from tcpwin.report.markdown import escape, index


def test_the_page(capture: Capture) -> None:
    drawn = [capture.stream(0)]
    charts = plan(drawn)
    page = index(capture, drawn, charts)
    assert page.startswith("# dead-reader.client.pcapng\n")
    assert re.findall(r"!\[[^]]+\]\(([^)]+)\)", page) == [chart.file for chart in charts]
    assert f"tshark {capture.tshark_version}" in page
    assert "`tcp.stream == 0`" in page
    assert page.count("| **0** |") == 1
    assert page.endswith("\n")
    assert not page.endswith("\n\n")


def test_a_flow_without_data_says_so(capture: Capture) -> None:
    stream = capture.stream(0)
    page = index(capture, [stream], plan([stream]))
    empty = [flow for flow in stream.flows if not flow.bytes]
    assert page.count("carries no data") == len(empty)


def test_streams_that_are_not_drawn_are_listed(capture: Capture) -> None:
    page = index(capture, [], [])
    assert "![" not in page
    assert f"| 0 | {capture.stream(0).client} |" in page
    assert Path(capture.name).suffix in page


@given(st.text())
def test_escaped_text_shows_as_it_is(text: str) -> None:
    tokens = MarkdownIt("commonmark", {"html": True}).parseInline(f"x{escape(text)}x")
    assert {token.type for token in tokens[0].children or []} <= {"text", "text_special"}


def test_escape() -> None:
    assert escape("10.0.0.1:80 a-b.pcap") == "10.0.0.1:80 a-b.pcap"
    assert escape("<b>|`$x$`") == r"\<b\>\|\`\$x\$\`"
    assert escape("https://a.b www.c.d") == r"https:\//a.b www\.c.d"
    assert escape("a\n# b") == r"a\\n\# b"
