import re
from pathlib import Path

import pytest

from fixtures.lab.frames import ACK, SYN, tcp
from fixtures.lab.pcapng import Frame, to_bytes
from tcpwin.model import Capture, read
from tcpwin.report.charts import plan
from tcpwin.report.page import Section, render
from tcpwin.report.page_stream import MOST_LISTED, stream_section

FIXTURES = Path(__file__).parents[2] / "fixtures"

PICTURE = "data:image/png;base64,AAAA"


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes seconds, and test_page_pictures.py is about it."""
    monkeypatch.setattr("tcpwin.report.page_stream.inline", lambda *_: PICTURE)


def section(capture: Capture, number: int = 0, **options: bool) -> Section:
    stream = capture.stream(number)
    return stream_section(stream, plan([stream]), None, 10_000, **options)


def test_stalls_jump_to_their_close_ups(slow: Capture) -> None:
    part = section(slow)
    stalls = part.values["stalls"]
    assert [stall["number"] for stall in stalls] == [1, 5, 4, 3, 2]  # the longest first
    page = render("x", [part])
    for stall in stalls:
        assert f'<a href="#{stall["anchor"]}">stall {stall["number"]}</a>' in page
        assert f'<figure id="{stall["anchor"]}"' in page
        assert stall["picture"] == PICTURE
        frames = f"{stall['frame']}..{stall['last_frame']}"
        assert f"tcp.stream == 0 &amp;&amp; frame.number in {{{frames}}}" in page
        names = [name for name, *_ in stall["views"]]
        assert names == ["Start", "End", "All"]
        for _, start, end in stall["views"]:
            assert start < stall["end_s"]
            assert end > stall["start_s"]


def test_stalls_without_a_close_up_are_listed(
    slow: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tcpwin.report.charts.MOST_STALLS", 2)
    monkeypatch.setattr("tcpwin.report.page_stream.MOST_LISTED", 3)
    assert MOST_LISTED > 3
    part = section(slow)
    assert [bool(stall["picture"]) for stall in part.values["stalls"]] == [True, True, False]
    assert "The 3 longest of 5 stalls are listed." in render("x", [part])


def test_limits_are_a_bar_without_a_gap(slow: Capture) -> None:
    part = section(slow)
    for flow in part.values["flows"]:
        parts = flow["limits"]
        ends = [0.0] + [one["x"] + one["width"] for one in parts]
        assert [one["x"] for one in parts] == pytest.approx(ends[:-1], abs=0.01)
        assert ends[-1] == pytest.approx(100, abs=0.01)
    down = part.values["flows"][0]
    assert down["name"] == "server->client"  # what the verdict is about comes first
    assert down["limits"][0]["name"] == "zero-window"
    assert re.match(r"zero-window 6\d%, receive-window", down["limits_text"])


def test_each_finding_has_its_frames_and_a_filter_to_copy(half: Capture) -> None:
    part = section(half)
    page = render("x", [part])
    (finding,) = part.values["findings"]
    assert f'data-copy="{finding.filter}"' in page
    for item in finding.evidence:
        for frame in item.frames[:12]:
            assert f'data-stream="0" data-frame="{frame}">{frame}</a>' in page
    assert "and 29 more in the filter" in page


def test_a_claim_that_was_told_is_not_told_again(half: Capture) -> None:
    claim = section(half).values["claim"]
    assert render("x", [section(half)]).count(claim) == 1
    assert render("x", [section(half, told=True)]).count(claim) == 1  # with the finding


def test_numbers_of_both_flows(slow: Capture) -> None:
    part = section(slow)
    numbers = dict(part.values["numbers"])
    assert part.values["numbers_of"] == ["client->server", "server->client"]
    assert numbers["data"] == ["33 B", "205 kB"]
    assert numbers["window scale"][1].endswith("(syn)")


def test_folded_the_list_names_only_what_is_not_healthy(half: Capture) -> None:
    for fold in (True, False):
        part = section(half, 0, fold=fold)
        assert part.title == "Stream 0: reopened-silent"
        assert ("Everything about stream 0" in render("x", [part])) == fold
    assert section(half, 1, fold=True).title == ""
    assert section(half, 1).title == "Stream 1"


CLIENT, SERVER = ("10.0.0.1", 40000), ("10.0.0.2", 80)
PACKETS = {
    "one packet": [tcp(CLIENT, SERVER, seq=100, ack=0, flags=SYN, window=64000)],
    "one segment": [tcp(CLIENT, SERVER, seq=1, ack=1, flags=ACK, window=9, payload=b"x")],
    "no data": [tcp(CLIENT, SERVER, seq=n, ack=1, flags=ACK, window=9) for n in range(3)],
    "one way": [
        tcp(CLIENT, SERVER, seq=n, ack=1, flags=ACK, window=9, payload=b"x") for n in range(3)
    ],
}


@pytest.mark.parametrize("name", PACKETS)
def test_hardly_anything(name: str, tmp_path: Path) -> None:
    frames = [Frame(10**18 + n * 10**6, data, len(data)) for n, data in enumerate(PACKETS[name])]
    (tmp_path / "x.pcapng").write_bytes(to_bytes(frames))
    page = render("x", [section(read(tmp_path / "x.pcapng"))])
    assert ("there is nothing to draw" in page) == (name in {"one packet", "no data"})
    assert ">Limited by<" in page or "nothing to draw" in page


def test_a_syn_that_nobody_answers() -> None:
    part = section(read(FIXTURES / "syn-unanswered.client.pcapng"))
    assert part.values["flows"] == []
    assert "there is nothing to draw" in render("x", [part])
