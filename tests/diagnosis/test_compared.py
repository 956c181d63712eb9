import json

from tcpwin.diagnosis import Compared
from tcpwin.diagnosis.compared import filters
from tests.analysis.ends.test_verdicts import dying
from tests.analysis.ends.views import ends, talk
from tests.compared import compared

DEAD = Compared(ends(dying(5), set(range(12, 17))))


def test_the_verdict_is_in_the_words_of_its_finding() -> None:
    assert DEAD.verdict.cause == "path-silent"
    assert DEAD.verdict.flow == "server->client"
    assert DEAD.verdict.claim == DEAD.findings[0].claim
    assert DEAD.that_matter() == DEAD.findings


def test_a_finding_as_json_says_whose_frames_it_has() -> None:
    finding = DEAD.findings[0]
    told = finding.to_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["filter"] == told["filters"]["server"]
    assert {e["capture"] for e in told["evidence"]} == {"client", "server"}
    frames = [n for e in told["evidence"] if e["capture"] == "server" for n in e["frames"]]
    assert all(str(n) in told["filter"] or ".." in told["filter"] for n in frames)
    assert abs(sum(told["spent_s"].values()) - (told["end_s"] - told["start_s"])) < 1e-6


def test_filters_are_one_for_each_capture() -> None:
    assert filters(()) == {}
    found = filters(DEAD.findings[0].told.evidence)
    assert list(found) == ["client", "server"]
    assert all(text.startswith("frame.number in {") for text in found.values())


def test_nothing_wrong() -> None:
    fine = Compared(ends(talk(5)))
    assert fine.verdict.cause == "healthy"
    assert "Lost on the way: 0 of 8 packets client->server, 0 of 6" in fine.verdict.claim
    assert fine.findings == fine.that_matter() == ()


def test_what_costs_time_without_a_stall_is_told_by_the_senders_capture() -> None:
    told = compared("random-loss").compared
    assert {f.capture for f in told.findings if f.cause == "loss"} == {"server"}
    assert "19 of 714 packets server->client" in told.verdict.claim
