import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tcpwin.model import Capture, read
from tcpwin.report.charts import plan
from tcpwin.report.page_sections import (
    capture_section,
    report_page,
    streams_section,
    verdict_section,
)
from tests.report.conftest import FIXTURES
from tests.report.test_page import Reader
from tests.report.test_page_pack import unpack_json

PICTURE = "data:image/png;base64,AAAA"


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes seconds, and test_page_pictures.py is about it."""
    monkeypatch.setattr("tcpwin.report.page_stream.inline", lambda *_: PICTURE)


def page_of(capture: Capture, *numbers: int) -> str:
    chosen = [capture.stream(number) for number in numbers]
    return report_page(capture, chosen, plan(chosen))


def test_verdict_first_then_streams_then_the_table_then_the_capture(half: Capture) -> None:
    page = page_of(half, 0, 1)
    read = Reader(page)
    ids = [section["id"] for section in read.all("section")]
    assert ids == ["verdict", "stream-0", "stream-1", "streams", "capture"]
    links = [link["href"] for link in read.all("a")][:4]
    assert links == ["#verdict", "#streams", "#capture", "#stream-0"]  # healthy ones: in the table
    headings = re.findall(r"<h[23][^>]*>(.*?)(?: <small>|</h)", page)
    assert headings[:7] == [
        "Stream 0", "Overview", "Stalls", "Limited by", "Findings", "Numbers", "Stream 1"
    ]  # fmt: skip
    known = {element["id"] for _, element in read.elements if "id" in element}
    anchors = {link["href"] for link in read.all("a")}
    assert {str(anchor).removeprefix("#") for anchor in anchors} <= known


def test_the_verdict_says_since_when_and_what_next(half: Capture) -> None:
    found = half.stream(0).diagnose()
    (one,) = verdict_section(half, [0]).values["worst"]
    assert (one["title"], one["claim"]) == (found.verdict.title, found.verdict.claim)
    assert one["frame"] == 4121
    assert one["filter"] == found.that_matter()[0].filter
    assert one["next"].startswith("Capture at the server")
    assert one["link"] == "stream-0"
    (elsewhere,) = verdict_section(half, [1]).values["worst"]
    assert elsewhere["link"] == "streams"
    assert verdict_section(half, [0]).values["healthy"] == "2 healthy"


def test_what_the_head_does_not_tell_about_is_folded(half: Capture) -> None:
    folded = re.findall(r"Everything about stream (\d)", page_of(half, 0, 1, 2))
    assert folded == ["1", "2"]


def test_a_healthy_capture_says_so_and_shows_its_first_stream(
    half: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = half.streams.assign(verdict="healthy", lost_s=0.0)
    monkeypatch.setitem(vars(half), "streams", streams)  # a cached property
    page = page_of(half, 1, 2)
    assert "<strong>Healthy</strong>: nothing cost" in page
    assert re.findall(r"Everything about stream (\d)", page) == ["2"]


def test_all_streams_are_in_the_table_and_sort_by_numbers(half: Capture) -> None:
    values = streams_section(half, [1]).values
    data = unpack_json(values["data"])
    assert data["numbers"] == [0, 1, 2]
    assert data["cells"][8] == ["reopened-silent", "healthy", "healthy"]
    assert data["keys"][4] == half.streams["packets"].tolist()
    assert data["keys"][1] is None
    assert [number for number, _ in values["shown"]] == [0, 1, 2]
    assert values["note"].startswith("1 of 3 have charts")


def test_without_scripts_the_first_streams_are_listed(
    half: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tcpwin.report.page_sections.LISTED", 2)
    values = streams_section(half, []).values
    assert len(values["shown"]) == 2
    assert len(unpack_json(values["data"])["numbers"]) == 3


def test_capture_facts_and_artefacts(half: Capture) -> None:
    section = capture_section(half)
    facts = dict(section.values["facts"])
    assert facts["TCP packets"] == "4,139"
    assert facts["from"] == "2023-11-14 22:13:20.000000 UTC"
    assert half.tshark_version in facts["made by"]
    assert section.values["artefacts"] == half.diagnose().artefacts


def test_warnings_of_reading_are_at_the_head(half: Capture) -> None:
    page = report_page(replace(half, warnings=("cut <short>",)), [], [])
    assert "<strong>Warning:</strong> cut &lt;short&gt;" in page


def test_a_hostile_name_is_text_everywhere(tmp_path: Path) -> None:
    evil = """x<!--<script>alert(1)<img src=x onerror=alert(1)>"'&{{7*7}}.pcapng.gz"""
    shutil.copy(FIXTURES / "handmade-99-percent.pcapng.gz", tmp_path / evil)
    page = page_of(read(tmp_path / evil), 0)
    reader = Reader(page)
    pictures = reader.all("img")
    assert pictures
    assert {picture["src"] for picture in pictures} == {PICTURE}
    assert reader.text.count(evil) == 3  # the title, the heading, the facts
    for block in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page):
        json.loads(block)
