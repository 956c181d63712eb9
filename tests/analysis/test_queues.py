from dataclasses import replace

import pytest

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.queues import queueing, saturated
from tests.analysis import build
from tests.analysis.build import P, down, handshake, packets, up
from tests.conftest import FIXTURES


def upload(
    *, base_ms: float = 10, out: int = 10, each_ms: float = 10, count: int = 60, stream: int = 0
) -> list[P]:
    """A client keeps `out` segments out on a link that takes `each_ms` for one of them."""
    start = base_ms + 10
    acked = [start + base_ms + each_ms * i for i in range(count)]
    sent = [start + i / 1000 if i < out else acked[i - out] + 0.01 for i in range(count)]
    data = [up(1 + 1460 * i, len=1460, ms=at, stream=stream) for i, at in enumerate(sent)]
    acks = [
        down(1, ack=1461 + 1460 * i, ms=at, window=65535, stream=stream)
        for i, at in enumerate(acked)
    ]
    opening = [replace(p, stream=stream) for p in handshake(rtt_ms=base_ms)]
    return [*opening, *sorted(data + acks, key=lambda p: p.ms or 0)]


def test_a_standing_queue() -> None:
    facts = Facts(packets(upload()))
    (found,) = queueing(facts, 0).to_dict("records")
    assert (found["cause"], found["blame"], found["group"]) == ("queueing", "path", 0)
    # Nine of ten segments wait in the queue: so does the time, but for the first round trips.
    assert 0.6e9 * 0.75 < found["lost_ns"] < 0.6e9 * 0.9
    assert saturated(facts, 0).tolist() == [True]
    assert queueing(facts, 1).empty


@pytest.mark.parametrize(
    "link",
    [
        {"base_ms": 40},  # 100 ms are not three times as long
        {"out": 4},  # 30 ms on top of 10 do not matter
        {"out": 4, "count": 8, "each_ms": 30},  # five samples
        {"out": 2, "each_ms": 60},  # not the flow that fills it
        {"out": 20, "each_ms": 5, "count": 40},  # 200 ms in all
    ],
)
def test_no_deep_queue(link: dict[str, float]) -> None:
    assert queueing(Facts(packets(upload(**link))), 0).empty  # type: ignore[arg-type]


def test_a_window_that_leaves_the_link_idle_finds_no_queue() -> None:
    """The first packet of each window goes straight through."""
    rows, last = handshake(rtt_ms=50), 100.0
    for turn in range(10):
        begin = 1 + 4 * 1460 * turn
        rows += [up(begin + 1460 * i, len=1460, ms=last + i / 100) for i in range(4)]
        rows += [
            down(1, ack=begin + 1460 * (i + 1), ms=last + 50 + 20 * i, window=5840)
            for i in range(4)
        ]
        last += 111
    assert saturated(Facts(packets(rows)), 0).tolist() == [False]
    assert saturated(Facts(packets(upload(out=2))), 0).tolist() == [False]  # nothing to tell


def test_each_stream_alone() -> None:
    one, other = upload(), upload(base_ms=40, stream=1)
    rows = sorted(one + other, key=lambda p: p.ms or 0)
    both = queueing(Facts(packets(rows)), 0)
    alone = queueing(Facts(packets(one)), 0)
    assert both["group"].tolist() == [0]
    assert both["lost_ns"].tolist() == alone["lost_ns"].tolist()
    assert saturated(Facts(packets(rows)), 0).tolist() == [True, True]


@pytest.mark.parametrize("where", ["client", "server"])
@pytest.mark.parametrize(("name", "deep"), [("deep-queue", True), ("slow-reader", False)])
def test_recorded(name: str, deep: bool, where: str) -> None:
    """Near the receiver, too, where only the echo of time stamps tells."""
    facts = Facts(build.read(FIXTURES / f"{name}.{where}.pcapng.gz"))
    assert len(queueing(facts, 1)) == deep
    assert queueing(facts, 0).empty
    if deep:
        assert saturated(facts, 1).all()
