"""The page of a comparison says what was found, and holds its pictures."""

import html
import re

import pytest

import tcpwin as tw
from tcpwin.report.compared import pictures
from tcpwin.report.page_compared import compared_page
from tests.compared import PAIRS, capture, compared


def test_both_ends() -> None:
    told = compared("stop99-data-dies")
    drawn = pictures(told)
    page = compared_page(told, drawn)
    text = html.unescape(page)
    assert told.verdict.title in text
    for finding in told.findings:
        assert finding.claim in text
        for shown in finding.to_dict()["filters"].values():
            assert f'data-copy="{shown}"' in text
    assert page.count("data:image/png;base64,") == len(drawn) == 2
    assert "Stalls: where the time was spent" in text


def test_two_runs() -> None:
    captures = (capture(PAIRS[name].client) for name in ("healthy", "pausing-reader"))
    told = tw.compare_runs(*captures)
    page = compared_page(told, pictures(told))
    assert told.claim in html.unescape(page)
    assert page.count("data:image/png;base64,") == 1


@pytest.mark.parametrize("what", ["src", "href"])
def test_nothing_is_asked_for(what: str) -> None:
    told = compared("stop99-data-dies")
    page = compared_page(told, pictures(told))
    assert set(re.findall(rf'{what}="(?!data:|#)([^"]*)"', page)) == set()
