from types import SimpleNamespace
from typing import Any

import pytest

from tcpwin.analysis.events import EVENTS
from tcpwin.wireshark.words import event_words


def words(event: str, **values: Any) -> str:
    basic = {"flow": 1, "other": 0, "since": 0, "number": 1, "of": 1, "was": 0, "size": 1460}
    basic |= {"wait_ns": 10_000_000, "cause": "", "blame": ""}
    return event_words(SimpleNamespace(**{"event": event, **basic, **values}))


@pytest.mark.parametrize(
    ("event", "values", "expected"),
    [
        ("zero-window", {"other": 5},
         "zero-window (receiver, server->client): the client closes its window; it opens again in "
         "frame 5, 10 ms later"),
        ("zero-window", {"flow": 0},
         "zero-window (receiver, client->server): the server closes its window; it does not open "
         "again"),
        ("reopened", {"other": 6, "since": 4, "size": 64240},
         "window reopened (server->client): 0 -> 64,240 bytes, closed since frame 4; the next new "
         "data come in frame 6, 10 ms later"),
        ("reopened", {"was": 20736},
         "window reopened (server->client): 20,736 -> 1,460 bytes; no new data follow"),
        ("probe", {"other": 4, "since": 2, "size": 0, "number": 2, "of": 3},
         "window probe 2 of 3 (server->client), window closed since frame 2; answered in frame 4 "
         "with a window of 0 bytes"),
        ("probe", {}, "window probe 1 of 1 (server->client); not answered"),
        ("lost", {"other": 9, "cause": "rto", "blame": "path"},
         "rto (path, server->client): lost behind the capture point; sent again in frame 9, 10 ms "
         "later"),
        ("lost", {"other": 9, "cause": "path-silent", "blame": "path"},
         "path-silent (path, server->client): not known to arrive; sent again in frame 9, 10 ms "
         "later"),
        ("sent-again", {"other": 3, "cause": "loss", "blame": "path"},
         "loss (path, server->client): sent again, 1,460 bytes; the first copy is frame 3, 10 ms "
         "before"),
        ("sent-again", {"since": 3, "cause": "loss", "blame": "path"},
         "loss (path, server->client): sent again, 1,460 bytes; no first copy came here: lost "
         "before the capture point, missing since frame 3"),
        ("needless", {"other": 3},
         "(server->client): sent again needlessly, it had arrived; the first copy is frame 3, "
         "10 ms before"),
        ("late", {"other": 3, "cause": "reordering", "blame": "path"},
         "reordering (path, server->client): 10 ms late, overtaken by frame 3; sent once, not "
         "lost"),
        ("hole", {"other": 8}, "hole (server->client): 1,460 bytes are missing here; the first of "
         "them come in frame 8, 10 ms later"),
        ("hole", {}, "hole (server->client): 1,460 bytes are missing here; they never come in this "
         "capture"),
    ],
)  # fmt: skip
def test_words(event: str, values: dict[str, Any], expected: str) -> None:
    assert words(event, **values) == expected


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_has_words_of_one_line(event: str) -> None:
    assert "\n" not in words(event)
