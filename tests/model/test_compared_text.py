import pytest

from tcpwin.diagnosis.text import WIDTH
from tcpwin.model.compared_text import flow_lines, notes, stall_lines
from tests.compared import compared


@pytest.mark.parametrize("name", ["stop99-data-dies", "random-loss", "syn-lost", "healthy"])
@pytest.mark.parametrize("verbose", [False, True])
def test_prose_fits_a_screen(name: str, verbose: bool) -> None:
    lines = compared(name).text(verbose=verbose).split("\n")
    table = set(stall_lines(compared(name), verbose=verbose))
    prose = [line for line in lines if "frame.number" not in line and line not in table]
    assert max(map(len, prose)) <= WIDTH
    assert lines[4].startswith("Verdict: ")


def test_the_numbers_each_way() -> None:
    text = " ".join(flow_lines(compared("stop99-data-dies")))
    assert "client->server: 88 sent, 88 at both ends." in text
    assert "server->client: 563 sent, 549 at both ends, 14 lost on the way." in text
    assert "one way: 10.1 ms at least" in text


def test_stalls_with_where_their_time_was_spent() -> None:
    lines = list(stall_lines(compared("stop99-data-dies"), verbose=False))
    assert lines[1].split() == [
        "from", "lasts", "flow", "sender", "there", "receiver", "back", "cause",
    ]  # fmt: skip
    assert "19.9 s" in lines[2]
    assert lines[2].endswith("path-silent")


def test_what_a_capture_cannot_have_seen_is_said() -> None:
    text = " ".join(notes(compared("syn-lost")))
    assert "both captures ran from 2.053 s to" in text
    assert "is not called lost" in text
    assert "both captures ran" not in " ".join(notes(compared("stop99-data-dies")))


def test_more_than_fits_is_said() -> None:
    assert "more finding" in compared("path-mtu").text()
    assert "more finding" not in compared("path-mtu").text(verbose=True)
    assert "Refuted by: " in compared("path-mtu").text(verbose=True)
