import pandas as pd
import pytest

from tcpwin.model import Capture
from tcpwin.report.verdicts import (
    by_loss,
    causes_of,
    count_of,
    lines,
    next_step,
    troubled,
    worst,
)


@pytest.fixture
def streams() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "stream": [0, 1, 2, 3, 4],
            "client": "10.0.0.1",
            "client_port": [40000, 40001, 40002, 40003, 40004],
            "server": ["10.0.0.2", "2001:db8:1111:2222:3333:4444:5555:6666", *["10.0.0.2"] * 3],
            "server_port": 80,
            "verdict": ["healthy", "loss", "reset", "healthy", "zero-window"],
            "blame": ["none", "path", "sender", "none", "receiver"],
            "lost_s": [0.0, 1.5, 0.0, 0.0, 12.0],
            "share": [0.0, 0.5, 0.0, 0.0, 0.9],
        }
    )


def test_order(streams: pd.DataFrame) -> None:
    assert by_loss(streams)["stream"].tolist() == [4, 1, 2, 0, 3]
    assert troubled(streams)["stream"].tolist() == [4, 1, 2]
    assert troubled(streams.iloc[:1]).empty


def test_lines(streams: pd.DataFrame) -> None:
    head, first, second, third = lines(troubled(streams), 60)
    assert head == "stream   lost  verdict      who       client -> server"
    assert first == "     4   12 s  zero-window  receiver  10.0.0.1:40004 -> 10.…"
    assert second.startswith("     1  1.5 s  loss         path      10.0.0.1:40001 -> [2")
    assert third.startswith("     2      -  reset        sender ")
    assert max(map(len, (head, first, second, third))) <= 60


def test_lines_of_nothing(streams: pd.DataFrame) -> None:
    assert len(list(lines(streams.iloc[:0]))) == 1


def test_count(streams: pd.DataFrame) -> None:
    assert count_of(pd.Series(["rto", "loss", "rto"])) == "2 rto, 1 loss"


def test_the_worst(half: Capture) -> None:
    (one,) = worst(half)
    assert one.stream == 0
    assert worst(half, 0) == []


def test_next_step_is_a_sentence(half: Capture) -> None:
    stops, healthy, _ = half.diagnose().streams
    assert next_step(stops).startswith("Capture at the server with the filter ")
    assert next_step(stops).endswith(".")
    assert next_step(healthy) == ""


def test_causes(half: Capture) -> None:
    assert causes_of(half.diagnose().streams) == half.diagnose().causes
    assert causes_of([]) == set()
