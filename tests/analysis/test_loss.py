from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.loss import AGAIN, KEEP_ALIVE, KINDS, LATE, NEW, PROBE
from tests.analysis import build
from tests.analysis.build import ACK, FIN, PSH, P, down, handshake, packets, traffic, up
from tests.conftest import FIXTURES

PAIRS = [
    (path, path.with_name(path.name.replace(".client.", ".server.")))
    for path in build.captures(FIXTURES)
    if ".client." in path.name and not path.name.startswith(("derived", "offload"))
]
BLIND = {"ip_id": 0, "tsval": pd.NA, "tsecr": pd.NA}


def kinds(rows: list[P], flow: int = 1) -> list[str]:
    return [KINDS[kind] for kind in Facts(packets(rows)).losses[flow].kind]


def without(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    blank = {c: pd.array([BLIND[c]] * len(frame), dtype=frame[c].dtype) for c in columns}
    return frame.assign(**blank)


@pytest.mark.parametrize(
    "hidden",
    [(), ("ip_id",), ("tsval", "tsecr"), ("ip_id", "tsval", "tsecr")],
    ids=["all", "no-id", "no-stamps", "neither"],
)
@pytest.mark.parametrize(("client", "server"), PAIRS, ids=lambda path: path.name.split(".")[0])
def test_both_ends_agree(client: Path, server: Path, hidden: tuple[str, ...]) -> None:
    """Whatever the sender repeats is a retransmission: the truth for the receiver's capture."""
    if not server.exists():
        pytest.skip("recorded at one end only")
    ends = [build.read(path) for path in (client, server)]
    facts = [Facts(without(frame, *hidden)) for frame in ends]
    for flow in (0, 1):
        sender, receiver = facts[flow].losses[flow], facts[1 - flow].losses[flow]
        assert not (sender.kind == LATE).any()
        truth = dict(zip(marks(ends[flow], facts[flow]), sender.kind, strict=True))
        segments = receiver.state.segments
        wrong = []
        for row, mark in enumerate(marks(ends[1 - flow], facts[1 - flow])):
            if not receiver.data[row] or mark not in truth:
                continue
            beyond = segments.seq[row] >= receiver.state.steps.sent_before[row]
            expected = truth[mark]
            if expected in (NEW, AGAIN):
                expected = NEW if beyond else AGAIN if expected == AGAIN else LATE
            if receiver.kind[row] != expected:
                wrong.append((int(segments.frame[row]), KINDS[receiver.kind[row]]))
        assert wrong == []


def marks(frame: pd.DataFrame, facts: Facts) -> list[tuple[int, ...]]:
    """What tells a packet from all others, at both ends."""
    segments = facts.segments
    ids = frame["ip_id"].to_numpy(dtype=np.int64, na_value=-1)[segments.order]
    columns = (segments.stream, segments.from_client, ids, segments.seq, segments.length,
               segments.ack)  # fmt: skip
    return list(zip(*(column.tolist() for column in columns), strict=True))


OPEN = [*handshake(rtt_ms=20), down(1, len=100, ms=30), up(1, ack=101, ms=50)]


def late(filler: P, opener: P) -> str:
    return kinds([*OPEN, opener, filler])[-1]


def test_late_or_sent_again_by_time_stamp() -> None:
    opener = down(201, len=100, ms=60, tsval=1000)
    assert late(down(101, len=100, ms=200, tsval=999), opener) == "late"
    assert late(down(101, len=100, ms=61, tsval=1001), opener) == "retransmission"


def test_late_or_sent_again_by_identification() -> None:
    rows = [down(101 + 100 * i, len=100, ms=60 + i, ip_id=65530 + i) for i in range(5)]
    rows += [down(701, len=100, ms=70, ip_id=0), down(601, len=100, ms=200, ip_id=65535)]
    assert kinds([*OPEN, *rows])[-1] == "late"
    rows[-1] = down(601, len=100, ms=200, ip_id=1)
    assert kinds([*OPEN, *rows])[-1] == "retransmission"


def test_late_or_sent_again_by_time() -> None:
    """A retransmission answers a duplicate ACK: not before a round trip."""
    opener = down(201, len=100, ms=60)
    assert late(down(101, len=100, ms=62), opener) == "late"
    assert late(down(101, len=100, ms=81), opener) == "retransmission"


def test_a_hole_is_filled_once() -> None:
    rows = [*OPEN, down(301, len=100, ms=60), down(101, len=100, ms=61), down(101, len=100, ms=62),
            down(201, len=100, ms=63)]  # fmt: skip
    assert kinds(rows)[-3:] == ["late", "retransmission", "late"]


def test_seen_and_missing_bytes_in_one_segment() -> None:
    rows = [
        *OPEN,
        down(101, len=100, ms=60),
        down(301, len=100, ms=61),
        down(201, len=100, ms=62),
        down(101, len=200, ms=63),  # all of it was there
    ]
    loss = Facts(packets(rows)).losses[1]
    assert loss.fills[-2:].tolist() == [True, False]
    assert loss.kind[-2:].tolist() == [LATE, AGAIN]


def test_before_the_capture_began() -> None:
    rows = [up(1, ack=1001, ms=0), down(2001, len=100, ms=1), down(1001, len=100, ms=2)]
    assert kinds(rows)[1:] == ["new", "retransmission"]


def probe(length: int, window: int, *, seq: int = 100, flags: int = ACK) -> str:
    ack = up(1, ack=101, window=window, ms=60)
    return kinds([*OPEN, ack, down(seq, len=length, ms=999, flags=flags)])[-1]


def test_linux_probes_have_no_byte() -> None:
    assert probe(0, 0) == "probe"
    assert probe(0, 5000) == "keep-alive"
    assert probe(0, 10) == "probe"  # too small a window to be used


def test_probes_of_one_byte() -> None:
    assert probe(1, 0, seq=101) == "probe"
    assert probe(1, 0, seq=101, flags=ACK | PSH) == "probe"
    assert probe(1, 0, seq=100) == "probe"
    assert probe(1, 1000, seq=101) == "new"


def test_probes_that_are_accepted() -> None:
    rows = [*OPEN, up(1, ack=101, window=0, ms=60)]
    for i in range(3):
        rows.append(down(101 + i, len=1, ms=1000 * (i + 1)))
        rows.append(up(1, ack=102 + i, window=0, ms=1000 * (i + 1) + 20))
    assert kinds(rows)[-6::2] == ["probe"] * 3
    rows = [*OPEN, up(1, ack=101, window=0, ms=60)]
    for i in range(3):
        rows.append(down(101, len=1, ms=1000 * (i + 1)))
        rows.append(up(1, ack=101, window=0, ms=1000 * (i + 1) + 20))
    assert kinds([*rows, down(101, len=100, ms=5000)])[-7::2] == ["probe"] * 3 + ["retransmission"]


def test_keep_alives_of_one_byte_are_no_probes() -> None:
    assert probe(1, 5000, seq=100) == "keep-alive"


def test_a_keystroke_sent_again_is_no_keep_alive() -> None:
    rows = [*OPEN, down(101, len=1, ms=60, flags=ACK | PSH), up(1, ack=102, ms=80)]
    assert kinds([*rows, down(101, len=1, ms=400, flags=ACK | PSH)])[-1] == "retransmission"
    assert kinds([*rows, down(101, len=0, ms=400, flags=ACK | FIN)])[-1] == "other"


@pytest.mark.parametrize(
    ("name", "flow", "kind", "count"),
    [
        ("handmade-keepalive-one-byte.pcapng", 0, KEEP_ALIVE, None),
        ("handmade-dead-reader.pcapng", 1, PROBE, 3),
    ],
)
def test_hand_made(name: str, flow: int, kind: int, count: int | None) -> None:
    loss = Facts(build.read(FIXTURES / name)).losses[flow]
    tiny = loss.data & (loss.state.segments.length == 1)
    assert (loss.kind == kind).sum() == (tiny.sum() if count is None else count) > 0
    assert not (loss.kind == AGAIN).any()


@given(traffic())
def test_laws(rows: list[P]) -> None:
    facts = Facts(packets(rows))
    for loss in facts.losses:
        segments, steps = facts.segments, loss.state.steps
        assert ((loss.kind > 0) <= (loss.data | loss.poke)).all()
        assert (loss.kind[loss.data] > 0).all()
        new = loss.kind == NEW
        assert (segments.seq[new] >= steps.sent_before[new]).all()
        opened = loss.opener >= 0
        assert (loss.opener[opened] < np.flatnonzero(opened)).all()
        assert (segments.seq[loss.opener[opened]] > segments.seq[opened]).all()
        assert (loss.kind == LATE).sum() <= loss.fills.sum()


def test_an_ack_that_overtook_its_data_shows_the_hole() -> None:
    rows = [*OPEN, down(201, ack=1, ms=60, ip_id=8), down(101, len=100, ms=61, ip_id=7)]
    assert kinds(rows)[-2:] == ["other", "late"]
    rows[-1] = down(101, len=140, ms=900, ip_id=9)
    assert kinds(rows)[-2:] == ["other", "retransmission"]
