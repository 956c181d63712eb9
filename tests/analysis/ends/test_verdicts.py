import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcpwin.analysis.ends.places import PLACES
from tests.analysis.build import P, down, up
from tests.analysis.ends.views import MSS, ends, talk

SENT = talk(4)
NEXT = 1 + 4 * MSS


def dying(count: int) -> list[P]:
    """The fifth segment, sent again and again after the path died."""
    return [*SENT, *(down(NEXT, 101, MSS, ms=60 + 300 * (2**n - 1), window=50_000, ip_id=600 + n)
                     for n in range(count))]  # fmt: skip


def row(worked):  # type: ignore[no-untyped-def]
    table = worked.resolved
    assert len(table) == 1
    return table.iloc[0]


def test_a_path_that_swallows_is_proven() -> None:
    worked = ends(dying(5), set(range(12, 17)))
    stall = row(worked)
    assert (stall["cause"], stall["blame"], stall["confidence"]) == (
        "path-silent",
        "path",
        "proven",
    )
    assert (stall["lost_there"], stall["lost_back"], stall["came"]) == (5, 0, 0)
    assert worked.verdict["cause"] == "path-silent"


def test_acks_that_get_lost_are_proven() -> None:
    acks = [up(101, NEXT + MSS, ms=70.2 + 300 * (2**n - 1), window=50_000, ip_id=700 + n)
            for n in range(5)]  # fmt: skip
    stall = row(ends([*dying(5), *acks], set(range(17, 22))))
    assert (stall["cause"], stall["blame"], stall["confidence"]) == ("acks-lost", "path", "proven")
    # The last ACK is sent after the server's capture has ended, and with it what it knows.
    assert (stall["lost_there"], stall["lost_back"]) == (0, 4)


def test_a_pause_in_which_nothing_was_lost_is_the_senders() -> None:
    more = [down(NEXT, 101, MSS, ms=2000, window=50_000, ip_id=600),
            up(101, NEXT + MSS, ms=2010.1, window=50_000, ip_id=601)]  # fmt: skip
    stall = row(ends([*SENT, *more]))
    assert PLACES[stall["place"]] == "sender"
    assert stall["blame"] in ("sender", "receiver")  # who had the word is another question
    assert stall["lost_there"] == stall["lost_back"] == 0


@settings(max_examples=15)
@given(st.floats(-1e6, 1e6), st.booleans())
def test_neither_the_clocks_nor_the_order_change_the_answer(offset_ms: float, swap: bool) -> None:
    """The client's clock is the one that times are told by: the server's may show anything."""
    plain = ends(dying(4), {12, 13, 14, 15})
    other = ends(dying(4), {12, 13, 14, 15}, offset_ms=offset_ms, swap=swap)
    same = ["cause", "blame", "confidence", "open", "lost_there", "place", "start_row", "last_row"]
    assert other.resolved[same].equals(plain.resolved[same])
    for name in ("start_ns", "end_ns"):
        off = (other.resolved[name] - plain.resolved[name]).to_numpy()
        assert np.abs(off).max() <= 2
    assert other.duration_s == pytest.approx(plain.duration_s, abs=1e-8)


def test_a_healthy_connection_has_no_findings() -> None:
    worked = ends(SENT)
    assert worked.findings.empty
    assert worked.verdict["cause"] == "healthy"
