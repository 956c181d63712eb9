import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.tables import (
    acks_table,
    flight_table,
    rtt_table,
    sacks_table,
    segments_table,
    window_table,
)
from tests.analysis.build import ACK, FIN, PSH, RST, P, down, handshake, packets, traffic, up

RECOVERY = [
    *handshake(shift=0),
    down(1, len=1000, ms=20),
    up(1, ack=1001, window=0, ms=30),
    down(1000, len=0, ms=230),
    up(1, ack=1001, window=0, ms=231),
    up(1, ack=1001, window=8000, ms=300),
    down(1001, len=1000, ms=301),
    down(3001, len=1000, ms=302),
    up(1, ack=2001, window=8000, sack=((3001, 4001),), ms=311),
    down(2001, len=1000, ms=340),
    up(1, ack=4001, window=8000, ms=350),
]


def test_window() -> None:
    table = window_table(Facts(packets(RECOVERY)), 1)
    assert table["frame"].tolist() == list(range(1, 14))
    assert table["window_bytes"].tolist()[2:] == [65535] * 2 + [0] * 3 + [8000] * 6
    kinds = dict(zip(table["frame"], table["kind"], strict=True))
    assert {frame: kind for frame, kind in kinds.items() if kind} == {
        5: "zero",
        6: "probe",
        8: "update",
    }
    assert set(table["scale_source"]) == {"syn"}
    known = table.iloc[2:]
    assert (known["edge"] - known["una"] == known["window_bytes"]).all()
    assert table["time_s"].iloc[-1] == pytest.approx(0.35)


def test_flight() -> None:
    frame = packets(RECOVERY)
    frame["bytes_in_flight"] = pd.array([None] * 3 + [1000] + [None] * 9, dtype="UInt32")
    table = flight_table(Facts(frame), 1)
    assert table["flight_bytes"].tolist()[3:] == [1000, 0, 0, 0, 0, 1000, 3000, 1000, 1000, 0]
    assert table["tshark_bytes_in_flight"].dropna().to_dict() == {3: 1000}
    other = flight_table(Facts(frame), 0)
    assert other["tshark_bytes_in_flight"].isna().all()


def test_acks_rtt_and_sacks() -> None:
    facts = Facts(packets(RECOVERY))
    acks = acks_table(facts, 1)
    assert acks["frame"].tolist() == [3, 5, 7, 8, 11, 13]
    assert acks["newly_acked"].tolist() == [1, 1000, 0, 0, 1000, 2000]
    rtt = rtt_table(facts, 1)
    assert rtt["frame"].tolist() == [3, 5, 11]
    assert rtt["rtt_s"].tolist() == pytest.approx([1e-5, 0.01, 0.01])
    sacks = sacks_table(facts, 1)
    assert sacks[["frame", "left", "right", "dsack"]].to_numpy().tolist() == [[11, 3001, 4001, 0]]


def test_segments() -> None:
    rows = [*RECOVERY, down(4001, len=10, flags=ACK | FIN | PSH), down(4011, flags=ACK | FIN),
            P(False, 4012, flags=RST)]  # fmt: skip
    table = segments_table(Facts(packets(rows)), 1)
    assert dict(zip(table["frame"], table["kind"], strict=True)) == {
        2: "syn", 4: "new", 6: "probe", 9: "new", 10: "new", 12: "retransmission",
        14: "new", 15: "fin", 16: "rst",
    }  # fmt: skip
    assert table["len"].tolist()[:3] == [0, 1000, 0]


@given(traffic())
def test_every_row_has_its_frame_and_time(rows: list[P]) -> None:
    frame = packets(rows)
    facts = Facts(frame)
    start = frame.groupby("stream")["time_ns"].min()
    time = dict(
        zip(
            frame["frame"],
            (frame["time_ns"] - frame["stream"].map(start)) / 1e9,
            strict=True,
        )
    )
    for make in (window_table, flight_table, acks_table, rtt_table, sacks_table, segments_table):
        for flow in (0, 1):
            table = make(facts, flow)
            assert list(table)[:2] == ["frame", "time_s"]
            assert np.allclose(table["time_s"], [time[frame] for frame in table["frame"]])
            if make in (window_table, flight_table):
                assert sorted(table["frame"]) == sorted(facts.segments.frame)
