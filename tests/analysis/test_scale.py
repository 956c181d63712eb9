from pathlib import Path

import pandas as pd
import pytest

from tcpwin.analysis.progress import progress
from tcpwin.analysis.scale import SOURCES, window_scale
from tcpwin.analysis.segments import prepare
from tests.analysis import build, reference
from tests.analysis.build import ACK, SYN, P, down, handshake, packets, up


def scale(frame: pd.DataFrame, flow: int = 1) -> list[tuple[int, str]]:
    segments = prepare(frame)
    found = window_scale(segments, progress(segments, flow))
    return [(int(s), SOURCES[c]) for s, c in zip(found.shift, found.source, strict=True)]


def cut(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the SYNs."""
    syn = frame["flags"].to_numpy(dtype=int, na_value=0) & SYN
    return frame[syn == 0].reset_index(drop=True)


@pytest.mark.parametrize("path", build.ALL, ids=lambda path: path.name)
@pytest.mark.parametrize("part", [0.0, 0.3, 0.8])
def test_what_is_said_without_syn_is_true(path: Path, part: float) -> None:
    """Every capture with a handshake: cut it off, and a part of what follows."""
    whole = build.read(path)
    later = cut(whole)
    later = later[later["frame"] > part * later["frame"].max()]
    if later.empty:
        pytest.skip("nothing follows the handshake")
    truth: dict[tuple[int, str, int], int] = {}
    for flow in (0, 1):
        for (shift, source), key in zip(scale(whole, flow), receivers(whole, flow), strict=True):
            if source == "syn":
                truth[key] = shift
    for flow in (0, 1):
        for (shift, source), key in zip(scale(later, flow), receivers(later, flow), strict=True):
            if key in truth:
                assert source != "syn"
                assert source != "inferred" or shift == truth[key], key
                assert source != "lower_bound" or 0 < shift <= truth[key], key


def receivers(frame: pd.DataFrame, flow: int) -> list[tuple[int, str, int]]:
    """(stream, address, port) of whoever receives the flow: the client may be another one."""
    segments = prepare(frame)
    keys = []
    for start in segments.groups.starts:
        row = frame.iloc[segments.order[start]]
        side = "src" if bool(segments.from_client[start]) == (flow == 1) else "dst"
        keys.append((int(row["stream"]), str(row[side]), int(row[f"{side}_port"])))
    return keys


@pytest.mark.parametrize("path", build.ALL, ids=lambda path: path.name)
def test_by_syn(path: Path) -> None:
    frame = build.read(path)
    by_stream: dict[int, list[reference.Packet]] = {}
    for packet in reference.read(frame):
        by_stream.setdefault(packet.stream, []).append(packet)
    if "snaplen" in path.name:
        pytest.skip("the options of the SYNs were not captured")
    for flow in (0, 1):
        for (shift, source), packet_list in zip(
            scale(frame, flow), by_stream.values(), strict=True
        ):
            expected = reference.scale_by_syn(packet_list, 1 - flow)
            if expected is not None:
                assert (shift, source) == (expected, "syn")


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (8, 3, (8, "syn")),
        (0, 3, (0, "syn")),
        (8, None, (0, "syn")),
        (None, 3, (0, "syn")),
        (15, 3, (14, "syn")),  # RFC 7323 2.3
    ],
)
def test_both_syns(ours: int | None, theirs: int | None, expected: tuple[int, str]) -> None:
    rows = [
        P(True, 0, flags=SYN, shift=ours, window=64240),
        P(False, 0, 1, flags=SYN | ACK, shift=theirs),
        up(1, window=10),
    ]
    assert scale(packets(rows)) == [expected]


def test_a_syn_ack_alone_tells_the_scale_of_its_sender_only() -> None:
    rows = [P(False, 0, 1, flags=SYN | ACK, shift=7), up(1, window=500)]
    assert scale(packets(rows), 0) == [(7, "syn")]
    assert scale(packets(rows), 1) == [(0, "unknown")]


def test_a_syn_alone_is_an_offer() -> None:
    """A window of 4117 after 65535 cannot count bytes: no receiver takes its window back."""
    syn = P(True, 0, flags=SYN, shift=5, window=65535)
    assert scale(packets([syn, up(1, window=4117)])) == [(5, "inferred")]
    assert scale(packets([syn, up(1, window=65000)])) == [(0, "unknown")]
    lacking = P(True, 0, flags=SYN, window=65535)
    assert scale(packets([lacking, up(1, window=4117)])) == [(0, "syn")]


def test_a_syn_with_its_options_cut_off_tells_nothing() -> None:
    frame = packets(handshake())
    frame["cap_len"] = frame["cap_len"] - frame["flags"].to_numpy(int) // SYN % 2
    assert scale(frame) == [(0, "unknown")]


def test_frozen_edge() -> None:
    """2600 / 10 = 260 gives 8."""
    rows = [up(1, ack=1 + 2600 * i, window=111 - 10 * i) for i in range(4)]
    assert scale(packets(rows)) == [(8, "inferred")]
    assert scale(packets(rows[:3])) == [(0, "unknown")]  # two steps may be chance


def test_half_read_is_not_taken_for_a_scale() -> None:
    """The application reads every other segment, now and then: ratios of exactly 2."""
    rows, ack, window = [], 1, 20000
    for sunk in (1460, 700, 1460, 1460, 300, 1460, 900) * 2:
        ack, window = ack + 2920, window - sunk
        rows.append(up(1, ack=ack, window=window))
    assert scale(packets(rows)) == [(0, "unknown")]


def test_lower_bound_by_data_beyond_the_raw_window() -> None:
    rows = [up(1, ack=1, window=100), *(down(1 + 1000 * i, len=1000) for i in range(5))]
    assert scale(packets(rows)) == [(6, "lower_bound")]  # 5000 needs 101 << 6


def test_acks_missing_in_the_capture_are_no_bound() -> None:
    """What lies beyond 14 bits proves that ACKs are missing; so does an edge that sinks."""
    far = [up(1, ack=1, window=100), down(1 + (1 << 30), len=1000)]
    assert scale(packets(far)) == [(0, "unknown")]
    rows = [
        up(1, ack=1, window=30000),
        *(down(1 + 1460 * i, len=1460) for i in range(100)),
        up(1, ack=146001, window=20000),
    ]
    assert scale(packets(rows)) == [(0, "unknown")]
    rows = [
        up(1, ack=1, window=30000),
        *(down(1 + 1460 * i, len=1460) for i in range(80)),
        up(1, ack=110001, window=20000),
        up(1, ack=114001, window=16000),
    ]
    assert scale(packets(rows)) == [(0, "unknown")]


def test_no_packets_of_the_receiver() -> None:
    assert scale(packets([down(1, len=1000), down(1001, len=1000)])) == [(0, "unknown")]
