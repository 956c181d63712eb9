import json

import numpy as np
import pandas as pd

from tcpwin.analysis import LIMITERS, Facts
from tcpwin.diagnosis import Ledger
from tcpwin.diagnosis.ledger import plain
from tests.analysis.build import ACK, PSH, down, handshake, packets, up


def two_streams() -> Ledger:
    """One healthy stream, and one whose window stays closed; tshark's numbers are 3 and 7."""
    rows = [
        *handshake(rtt_ms=20, mss=1000),
        down(1, len=900, ms=30, flags=ACK | PSH),
        up(1, ack=901, ms=30.1),
    ]
    shut = [*rows[:-1], up(1, ack=901, ms=30.2, window=0), down(900, ms=600),
            up(1, ack=901, ms=620, window=0)]  # fmt: skip
    both = [(row, 3) for row in rows] + [(row, 7) for row in shut]
    both.sort(key=lambda pair: pair[0].ms or 0)
    return Ledger(Facts(packets([type(row)(**{**vars(row), "stream": n}) for row, n in both])))


def test_lists_are_in_the_order_of_the_streams() -> None:
    ledger = two_streams()
    assert ledger.streams == [3, 7]
    assert ledger.ends == [(f"192.0.2.1:{40000 + n}", "192.0.2.2:80") for n in (3, 7)]
    assert ledger.packets == [5, 7]
    assert ledger.begin_ns == [1_700_000_000_000_000_000] * 2
    assert ledger.duration_s == [0.62, 0.62]  # neither was closed: to the end of the capture
    assert ledger.vantages == ["client", "client"]


def test_findings_go_to_their_stream() -> None:
    ledger = two_streams()
    assert [[row.cause for row in rows] for rows in ledger.findings] == [[], ["zero-window"]]
    assert ledger.first_finding == [0, 0]
    assert [row.cause for row in ledger.verdicts] == ["healthy", "zero-window"]
    assert [len(rows) for rows in ledger.artefacts] == [0, 0]


def test_flows_are_plain() -> None:
    up_flows, down_flows = two_streams().flows
    assert [flow["bytes"] for flow in up_flows] == [0, 0]
    assert [flow["zero_window_episodes"] for flow in down_flows] == [0, 1]
    shut = down_flows[1]
    assert json.loads(json.dumps(shut, allow_nan=False)) == shut
    assert sum(limit["share"] for limit in shut["limits"].values()) == 1
    assert shut["limits"]["zero-window"]["seconds"] == 0.5898
    assert tuple(shut["limits"]) == LIMITERS


def test_plain() -> None:
    assert plain(pd.Series([0.1 + 0.2, np.nan])) == [0.3, None]
    assert plain(pd.Series([5, None], dtype="Int64")) == [5, None]
    assert [type(v) for v in plain(pd.Series(np.array([5], np.int64)))] == [int]
    assert plain(pd.Series([True, False])) == [True, False]
