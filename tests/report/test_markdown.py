import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tcpwin.model import Capture, read
from tcpwin.report.charts import plan
from tcpwin.report.markdown import escape, index

FIXTURES = Path(__file__).parents[2] / "fixtures"


def test_the_page(capture: Capture) -> None:
    drawn = [capture.stream(0)]
    charts = plan(drawn)
    page = index(capture, drawn, charts)
    assert page.startswith("# dead-reader.client.pcapng\n")
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", page)
    assert shown[:2] == ["stream-0000_overview.png", "stream-0000_server-to-client_stall-01.png"]
    assert sorted(shown) == sorted(chart.file for chart in charts)
    assert f"tshark {capture.tshark_version}" in page
    assert "`tcp.stream == 0`" in page
    assert "The 8 longest" not in page
    assert page.count("| **0** |") == 1
    assert page.endswith("\n")
    assert not page.endswith("\n\n")


def test_the_verdict_comes_first_and_is_argued_with(capture: Capture) -> None:
    stream = capture.stream(0)
    found = stream.diagnose()
    page = index(capture, [stream], plan([stream]))
    head, body = page.split("## Stream 0", 1)
    for text in (head, body):
        assert escape(found.verdict.title) in text
        assert "Look at the process on the client" in text
    assert head.index("zero-window") < head.index("TCP packets")
    assert escape(found.verdict.claim) in head
    (finding,) = found.findings
    assert f"- Filter: `{finding.filter}`" in body
    for item in finding.evidence:
        assert f"- {escape(item.text)} (frame {', '.join(map(str, item.frames))})" in body
    assert escape(finding.refuted_by) in body
    assert "captured at: client" in body


def test_what_is_left_out_is_counted(slow: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = slow.stream(0)
    page = index(slow, [stream], plan([stream]))
    assert "\n4 more findings (zero-window) are in summary.json.\n" in page
    assert page.count("![Close-up of stall") == 5
    assert "close up." not in page
    monkeypatch.setattr("tcpwin.report.charts.MOST_STALLS", 2)
    fewer = index(slow, [stream], plan([stream]))
    assert "\nThe 2 longest of 5 stalls are shown close up.\n" in fewer


def test_healthy_streams_are_counted(half: Capture) -> None:
    page = index(half, [], [])
    assert page.startswith("# handmade-99-percent.pcapng.gz\n\n- **Stream 0, reopened-silent - ")
    assert "\n- 2 healthy\n" in page
    assert "| reopened-silent |" in page
    assert page.count("| healthy |") == 2


def test_the_rest_of_many_is_counted(half: Capture) -> None:
    streams = pd.concat([half.streams] * 5, ignore_index=True)
    streams["verdict"] = ["loss", "rto", "rto", *["reopened-silent"] * 3, *["healthy"] * 9]
    streams["lost_s"] = [1.0, 2.0, 3.0, 6.0, 5.0, 4.0, *[0.0] * 9]
    streams["stream"] = [1, 2, 0, 0, 1, 2, *range(3, 12)]
    page = index(Several(half, streams), [], [])
    assert "\n- 3 more: 2 rto, 1 loss\n- 9 healthy\n" in page


def test_a_healthy_capture_says_so_at_once() -> None:
    healthy = read(FIXTURES / "many-streams.client.pcapng.gz")
    page = index(healthy, [healthy.stream(0)], [])
    assert page.splitlines()[2] == "**Healthy**: nothing cost noticeable time in any stream."
    assert "**Verdict: healthy.**" in page
    assert "**Next:**" not in page


@dataclass
class Several:
    """A capture with other streams in its list."""

    capture: Capture
    streams: pd.DataFrame

    def __getattr__(self, name: str) -> Any:
        return getattr(self.capture, name)


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
