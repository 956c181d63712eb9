import json
from pathlib import Path

import pytest

import tcpwin as tw
from tcpwin.report.compared import draw, pictures, summary, write_words
from tests.compared import PAIRS, capture, compared


@pytest.mark.parametrize("what", ["ends", "runs"])
def test_a_folder_has_pictures_a_page_and_a_summary(what: str, tmp_path: Path) -> None:
    captures = (capture(PAIRS[name].client) for name in ("healthy", "pausing-reader"))
    told = compared("stop99-data-dies") if what == "ends" else tw.compare_runs(*captures)
    drawn = pictures(told)
    kinds = ["ladder", "delays"] if what == "ends" else ["runs"]
    assert [picture.kind for picture in drawn] == kinds
    for picture in drawn:
        draw(picture, tmp_path)
        assert (tmp_path / picture.file).read_bytes().startswith(b"\x89PNG")
    write_words(told, drawn, tmp_path)
    page = (tmp_path / "index.md").read_text()
    assert page.startswith("# ")
    for picture in drawn:
        assert f"]({picture.file})" in page
    block = [line[4:] for line in page.split("\n") if line.startswith("    ")]
    assert [line for line in told.text().split("\n") if line] == block
    facts = json.loads((tmp_path / "summary.json").read_text())
    assert facts == json.loads(json.dumps(summary(told, drawn), default=str))
    assert [chart["file"] for chart in facts["charts"]] == [picture.file for picture in drawn]
