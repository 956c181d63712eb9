import pandas as pd
import pytest

import tcpwin as tw
from tcpwin.errors import StreamNotFoundError
from tcpwin.wireshark.notes import notes
from tests.conftest import FIXTURES


@pytest.fixture(scope="module")
def dead() -> tw.Capture:
    return tw.read(FIXTURES / "handmade-dead-reader.pcapng")


@pytest.fixture(scope="module")
def stopped() -> tw.Capture:
    return tw.read(FIXTURES / "handmade-99-percent.pcapng.gz")


def lines(capture: tw.Capture, *streams: int, states: bool = False) -> list[tuple[int, str]]:
    found = notes(capture, streams, states=states)
    return [(note.frame, text.decode()) for note in found for text in note.comments]


def test_the_dead_reader(dead: tw.Capture) -> None:
    told = dict(lines(dead))
    assert list(told) == [1, 2, 3, 5, 7, 8]
    assert told[1].startswith(
        "tcpwin: stall, zero-window begins (receiver, server->client), open when the capture ends "
        "[proven]: The receive window of the client was closed for 23.7 s so far"
    )
    assert told[2].startswith("tcpwin: zero-window (receiver, server->client): the client closes")
    assert told[7].startswith("tcpwin: window probe 3 of 3 (server->client), window closed since")
    assert told[8] == (
        "tcpwin: stall, zero-window is open when the capture ends (receiver, server->client): "
        "since frame 1, 23.7 s lost"
    )


def test_every_comment_is_a_line_with_its_sign(stopped: tw.Capture) -> None:
    told = lines(stopped)
    assert [frame for frame, _ in told] == sorted(frame for frame, _ in told)
    assert all(text.startswith("tcpwin: ") and text.isprintable() for _, text in told)
    assert sum("window reopened" in text for _, text in told) == 84
    assert [frame for frame, text in told if "no new data follow" in text] == [4122, 4123]
    assert "reopened-silent begins" in dict(told)[4121]


def test_findings_point_to_their_other_end() -> None:
    capture = tw.read(FIXTURES / "burst-rto.client.pcapng.gz")
    told = lines(capture)
    for stream in capture.diagnose():
        for finding in stream.findings:
            own = [text for frame, text in told if frame == finding.first_frame]
            assert any(finding.claim in text for text in own)
            assert any(f" in frame {finding.last_frame} [" in text for text in own)
            end = [text for frame, text in told if frame == finding.last_frame]
            assert any(f"since frame {finding.first_frame}" in text for text in end)


def test_only_the_streams_asked_for(stopped: tw.Capture) -> None:
    assert lines(stopped, 1, 2) == []
    assert lines(stopped, 0) == lines(stopped)
    numbers = dict(zip(stopped.packets["frame"], stopped.packets["stream"], strict=True))
    told = lines(stopped, 1, states=True)
    assert {numbers[frame] for frame, _ in told} == {1}
    assert len(told) == 8
    with pytest.raises(StreamNotFoundError):
        notes(stopped, [7])


def test_states_are_those_of_the_table(dead: tw.Capture) -> None:
    told = [text for _, text in lines(dead, states=True) if text.startswith("tcpwin: state ")]
    assert len(told) == len(dead.packets)
    assert told[1] == (
        "tcpwin: state client->server: window 8760, flight 0, usable 8760, idle | "
        "server->client: window 0, flight 0, usable 0, zero-window"
    )
    assert "window unknown" in told[0]


def test_a_note_has_the_lengths_of_its_frame(stopped: tw.Capture) -> None:
    found = list(notes(stopped, states=True))
    packets: pd.DataFrame = stopped.packets
    assert [note.frame for note in found] == packets["frame"].tolist()
    lengths = [(note.captured, note.length) for note in found]
    assert lengths == list(zip(packets["cap_len"], packets["frame_len"], strict=True))


def test_in_parts_it_is_the_same(stopped: tw.Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(notes(stopped, states=True))
    assert sum(len(note.comments) > 1 for note in whole) > 84
    monkeypatch.setattr("tcpwin.wireshark.notes._AT_A_TIME", 100)
    assert list(notes(stopped, states=True)) == whole


def test_no_comment_no_note(stopped: tw.Capture) -> None:
    assert list(notes(stopped, [1])) == []
