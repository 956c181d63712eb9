import math

import pandas as pd
import pytest
from hypothesis import given

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.streams import streams_table
from tests.analysis.build import ACK, FIN, RST, P, down, handshake, packets, traffic, up


def table(frame: pd.DataFrame) -> pd.DataFrame:
    return streams_table(Facts(frame), int(frame["time_ns"].iloc[0]))


def test_one_row_per_stream() -> None:
    rows = [
        *handshake(rtt_ms=10),
        up(1, len=50, ms=20),
        down(1, ack=51, len=1000, ms=30),
        down(1, ack=51, len=1000, ms=300),
        up(51, ack=1001, flags=ACK | FIN, ms=310),
        P(False, 7, 8, 5, stream=4, ms=400),
        P(True, 7, 8, 0, RST, stream=4, ms=500),
    ]
    first, second = table(packets(rows)).to_dict("records")
    assert first["stream"] == 0
    assert (first["client"], first["client_port"]) == ("192.0.2.1", 40000)
    assert (first["server"], first["server_port"]) == ("192.0.2.2", 80)
    assert (first["client_bytes"], first["server_bytes"], first["bytes"]) == (50, 2000, 2050)
    assert (first["packets"], first["client_packets"], first["server_packets"]) == (7, 4, 3)
    assert (first["retransmissions"], first["mss"], first["client_source"]) == (1, 1460, "syn")
    assert (first["syn"], first["fin"], first["rst"]) == (True, True, False)
    assert first["duration_s"] == pytest.approx(0.31)
    assert first["initial_rtt_s"] == pytest.approx(0.01001)
    assert (second["stream"], second["client_port"], second["client_source"]) == (4, 40004, "port")
    assert second["start_s"] == pytest.approx(0.4)
    assert (second["syn"], second["fin"], second["rst"]) == (False, False, True)
    assert math.isnan(second["initial_rtt_s"])


@given(traffic())
def test_sums_are_those_of_the_packets(rows: list[P]) -> None:
    frame = packets(rows)
    got = table(frame).set_index("stream")
    groups = frame.groupby("stream")
    assert got.index.tolist() == sorted(groups.groups)
    assert got["packets"].tolist() == groups.size().tolist()
    assert got["bytes"].tolist() == groups["len"].sum().tolist()
    assert (got["client_bytes"] + got["server_bytes"] == got["bytes"]).all()
    assert (got["client_packets"] + got["server_packets"] == got["packets"]).all()
    assert (got["duration_s"] >= 0).all()
