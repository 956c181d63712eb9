import pandas as pd
import pytest

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.resets import reset
from tcpwin.tshark import find_tshark
from tcpwin.tshark.context import read_context
from tests.analysis import build
from tests.analysis.build import ACK, FIN, PSH, RST, SYN, P, down, handshake, packets, up
from tests.analysis.test_messages import GET, conversation, ok
from tests.conftest import FIXTURES

Found = list[tuple[int, str]]  # flow, blame
ASKED = [*handshake(), up(1, len=100, flags=ACK | PSH), down(1, ack=101)]
ANSWER = down(1, 101, len=500, flags=ACK | PSH)
DONE = [*ASKED, ANSWER, up(101, ack=501)]


def found(rows: list[P]) -> Found:
    return brief(reset(Facts(packets(rows))))


def brief(table: pd.DataFrame) -> Found:
    return list(zip(table["flow"].tolist(), table["blame"].tolist(), strict=True))


def test_an_answer_under_way() -> None:
    assert found([*ASKED, ANSWER, down(501, 101, flags=RST | ACK)]) == [(1, "sender")]
    assert found([*ASKED, ANSWER, up(101, flags=RST)]) == [(1, "receiver")]


def test_an_upload_under_way() -> None:
    rows = [*handshake(), up(1, len=1000)]
    assert found([*rows, down(1, flags=RST)]) == [(0, "receiver")]
    assert found([*rows, up(1001, flags=RST)]) == [(0, "sender")]


def test_after_all_was_said_it_is_harmless() -> None:
    assert found([*DONE, up(101, 501, flags=RST | ACK)]) == []
    assert found([*DONE, down(501, 101, flags=RST | ACK)]) == []
    closing = down(501, 101, flags=FIN | ACK)  # that nobody has acknowledged yet
    assert found([*DONE, closing, up(101, 501, flags=RST)]) == []
    assert found([*ASKED, ANSWER, down(501, 101, flags=FIN | ACK), up(101, flags=RST)]) != []
    both = [*ASKED, ANSWER, down(501, 101, flags=FIN | ACK), up(101, 1, flags=FIN | ACK)]
    assert found([*both, up(102, flags=RST)]) == []


def test_a_write_that_was_cut_off_was_not_all() -> None:
    for flags, harm in ((ACK, [(1, "sender")]), (ACK | PSH, [])):
        full = down(1, 101, len=1460, flags=flags)
        rows = [*ASKED, full, up(101, ack=1461), down(1461, 101, flags=RST | ACK)]
        assert found(rows) == harm


def test_a_connection_refused() -> None:
    rows = [P(True, 0, flags=SYN), P(False, 0, 1, flags=RST | ACK)]
    assert found(rows) == [(1, "sender")]
    assert found(rows[1:]) == []  # of what went before nothing is known


def test_an_answer_that_is_due() -> None:
    """HTTP tells that something is owed although nothing is outstanding."""
    for said, harm in (
        ([(True, GET)], [(1, "sender")]),
        ([(True, GET), (False, ok(700) + b"x" * 99)], [(1, "sender")]),
        ([(True, GET), (False, ok(99) + b"x" * 99)], []),
    ):
        facts, heads = conversation(*said)
        last = facts.packets.iloc[-1]
        broken = pd.concat([facts.packets, facts.packets.tail(1)], ignore_index=True)
        from_server = last["src_port"] == 80
        if not from_server:
            swap = {"src": "dst", "dst": "src", "src_port": "dst_port", "dst_port": "src_port"}
            broken.loc[len(broken) - 1, list(swap)] = [last[name] for name in swap.values()]
        broken.loc[len(broken) - 1, "flags"] = RST
        broken["frame"] = range(1, len(broken) + 1)
        bare = Facts(broken)
        assert brief(reset(bare)) == []
        told = Facts(broken, None, lambda heads=heads: (heads, pd.DataFrame()))
        assert brief(reset(told)) == harm


def test_only_the_first_of_each_stream_counts() -> None:
    rows = [*ASKED, ANSWER, up(101, flags=RST), down(501, flags=RST), up(101, flags=RST)]
    rows += [P(True, 0, flags=SYN, stream=1), P(False, 0, 1, flags=RST | ACK, stream=1)]
    table = reset(Facts(packets(rows)))
    assert table["group"].tolist() == [0, 1]
    assert table["first_row"].tolist() == table["last_row"].tolist() == [6, 10]
    assert brief(table) == [(1, "receiver"), (1, "sender")]


@pytest.mark.parametrize("where", ["client", "server"])
@pytest.mark.parametrize(("name", "blame"), [("client", "receiver"), ("server", "sender")])
def test_recorded(name: str, blame: str, where: str) -> None:
    path = FIXTURES / f"reset-by-{name}.{where}.pcapng"
    heads = read_context(path, find_tshark()).http
    facts = Facts(build.read(path), None, lambda: (heads, pd.DataFrame()))
    assert brief(reset(facts)) == [(1, blame)]
