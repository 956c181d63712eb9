"""Every fixture is told as its truth file says; the table of `make truth` is of these."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.truth import CASES, Case, lines, main, outcome, read_all, tolerance


@pytest.fixture(scope="module", autouse=True)
def _all_read() -> None:
    read_all(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_told_right(case: Case) -> None:
    assert outcome(case).wrong == ()


def test_every_cause_and_every_artefact_has_its_capture() -> None:
    from tcpwin.analysis.artefacts import ARTEFACTS
    from tcpwin.analysis.findings import CAUSES

    said = [outcome(case).said for case in CASES]
    assert {one.verdict.cause for one in said} | {
        finding.cause for one in said for finding in one.findings
    } == set(CAUSES)
    assert {a["artefact"] for one in said for a in one.artefacts} == set(ARTEFACTS)


def spoil(case: Case, change: Callable[[dict[str, Any]], object]) -> Case:
    """The case with another truth."""
    truth = copy.deepcopy(case.truth)
    change(truth["expect"][case.vantage])
    return replace(case, truth=truth)


def named(name: str) -> Case:
    return next(case for case in CASES if str(case) == name)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda e: e["verdict"].update(cause=["loss"]), "verdict zero-window, not loss"),
        (lambda e: e["verdict"].update(blame=["path"]), "blame receiver, not path"),
        (lambda e: e["verdict"].update(flow="client->server"), "flow server->client, not"),
        (lambda e: e["verdict"].update(lost_s=1.0), "s, not 1.000 s"),
        (lambda e: e.update(vantage="server"), "vantage client, not server"),
        (lambda e: e["never"].append("zero-window"), "found zero-window, which never"),
        (lambda e: e["artefacts"].append("offload"), "artefacts not named: offload"),
        (lambda e: e["counts"]["server->client"].update(probes=99), "probes of server->client"),
        (lambda e: e["stalls"][0].update(start=e["stalls"][0]["start"] - 0.5), "is off by 0.5"),
        (lambda e: e["stalls"][0].update(end=e["stalls"][0]["end"] + 0.5), "is off by 0.5"),
        (lambda e: e["stalls"][0].update(lost_s=0.5), "is off by"),
        (lambda e: e["stalls"][0].update(open=True), "was not found"),
        (lambda e: e["stalls"][0].update(cause=["rto"]), "was not found"),
        (lambda e: e["idle"].append(e["stalls"][0]), "zero-window in a wait that nobody minded"),
        (
            lambda e: (e["verdict"].update(cause=["healthy"]), e["also"].clear()),
            "healthy, and yet found zero-window",
        ),
    ],
)
def test_a_wrong_answer_is_noticed(
    change: Callable[[dict[str, Any]], object], complaint: str
) -> None:
    wrong = outcome(spoil(named("pausing-reader.client"), change)).wrong
    assert any(complaint in text for text in wrong), wrong


def test_artefacts_that_are_not_there_are_noticed() -> None:
    case = spoil(named("offload.server"), lambda expect: expect["artefacts"].clear())
    assert outcome(case).wrong == ("artefacts that are not there: offload",)


def test_tolerance() -> None:
    assert tolerance(named("pausing-reader.client")) == pytest.approx(0.02)
    assert tolerance(named("handmade-dead-reader.only")) == 0.01


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pausing-reader"]) == 0
    head, client, server, _, last = capsys.readouterr().out.splitlines()
    assert head.split() == ["fixture", "vantage", "expected", "said", "time", "error"]
    assert client.split()[:6] == ["pausing-reader", "client", *["zero-window", "receiver"] * 2]
    assert client.split()[7:] == ["ms", "ok"]
    assert server.split()[1] == "server"
    assert last == "2 of 2 captures are told right."


def test_the_table_shows_what_is_wrong() -> None:
    case = spoil(named("healthy.client"), lambda e: e.update(vantage="server"))
    _, row, complaint = lines([outcome(case)])
    assert row.endswith("WRONG")
    assert complaint == "    - vantage client, not server"
