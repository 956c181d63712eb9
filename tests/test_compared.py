"""Every lab pair against the log of the wire between its captures, and against its truth file."""

import pytest

from tests.compared import PAIRS, Pair, compared, keys

# The server's capture begins with the first SYN that came: whether it was running before,
# no frame tells, so the two before it may not be called lost.
NOT_TO_BE_KNOWN = {"syn-lost"}
# Causes of which both captures together prove that the path is to blame, or a host.
STOP_99 = {
    "stop99-data-dies": ("path-silent", "path", "server->client", "way-there"),
    "stop99-app": ("sender-idle", "sender", "server->client", "sender"),
    "stop99-acks-die": ("acks-lost", "path", "server->client", "way-back"),
}
SLOW_MS = 1.0


@pytest.fixture(params=PAIRS.values(), ids=str)
def pair(request: pytest.FixtureRequest) -> Pair:
    result: Pair = request.param
    return result


def test_every_drop_is_named_on_its_side_and_nothing_else(pair: Pair) -> None:
    told = compared(pair.name)
    fates = ("lost", "partly-lost", *(("unknown",) if pair.name in NOT_TO_BE_KNOWN else ()))
    found = keys(told, *fates)
    assert pair.keys <= found
    rows = told.packets[told.packets["fate"].isin(fates)]
    assert len(rows) == pair.count
    assert set(told.packets["fate"]) <= {"both", *fates}


def test_the_client_is_the_client_and_the_clocks_agree(pair: Pair) -> None:
    """Both ends of the lab are one machine: the true offset is 0, the true drift, too."""
    told = compared(pair.name)
    assert told.client.capture.path == pair.client
    assert abs(told.clock["offset_ms"]) < SLOW_MS
    assert abs(told.clock["offset_ms"]) <= told.clock["uncertainty_ms"]
    assert abs(told.clock["drift_ppm"]) <= (told.clock["drift_uncertainty_ppm"] or 0)
    assert told.clock["steady"]


def test_the_delay_each_way_is_that_of_the_wire(pair: Pair) -> None:
    told = compared(pair.name)
    for number, flow in enumerate(("client->server", "server->client")):
        least = told.ends.flows[number]["delay_ms"]["min"]
        built = pair.truth["setup"][flow]["delay_s"] * 1e3
        assert built - SLOW_MS < least < built + SLOW_MS


def test_the_verdict_is_one_that_either_capture_may_give(pair: Pair) -> None:
    verdict = compared(pair.name).verdict
    right = [expect["verdict"] for expect in pair.truth["expect"].values()]
    causes = {cause for one in right for cause in one["cause"]} | {pair.truth["truth"]["cause"]}
    blames = {blame for one in right for blame in one["blame"]} | {"undecidable"}
    assert verdict.cause in causes
    assert verdict.blame in blames


@pytest.mark.parametrize("name", STOP_99)
def test_the_three_downloads_that_stop_at_99_percent_are_told_apart(name: str) -> None:
    told = compared(name)
    cause, blame, flow, place = STOP_99[name]
    assert (told.verdict.cause, told.verdict.blame) == (cause, blame)
    assert (told.verdict.flow, told.verdict.confidence) == (flow, "proven")
    last = told.stalls.iloc[-1]
    assert (last["place"], bool(last["open"])) == (place, True)
    spent = last[["sender_s", "way_there_s", "receiver_s", "way_back_s"]].astype(float)
    assert spent.sum() == pytest.approx(last["end_s"] - last["start_s"], abs=1e-6)
    assert spent.max() > 0.99 * spent.sum()


def test_what_neither_capture_says_alone() -> None:
    told = compared("stop99-data-dies")
    assert "none reached the client: the path server->client swallows them" in told.verdict.claim
    finding = told.compared.that_matter()[0]
    frames = told.losses["frame_sent"].tolist()
    assert [e.frames for e in finding.told.evidence if e.text.startswith("14 packets")] == [
        tuple(frames)
    ]
    alone = told.client.diagnose().verdict
    assert (alone.cause, alone.blame) != (told.verdict.cause, told.verdict.blame)
