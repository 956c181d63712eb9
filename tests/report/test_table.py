import pandas as pd
import pytest

from tcpwin.report.table import HEADS, records, rows, tab_separated


@pytest.fixture
def streams() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "stream": [7],
            "client": pd.Categorical(["fe80::1"]),
            "client_port": [40000],
            "server": pd.Categorical(["10.0.0.2"]),
            "server_port": [80],
            "start_s": [0.0],
            "duration_s": [23.731506],
            "packets": [12_345],
            "bytes": [1_234_567],
            "retransmissions": [0],
            "verdict": ["zero-window"],
            "blame": ["receiver"],
            "lost_s": [12.5],
            "stalled_s": [13.0],
            "mss": pd.array([pd.NA], dtype="UInt16"),
        }
    )


def test_rows_for_people(streams: pd.DataFrame) -> None:
    (cells,) = rows(streams)
    assert len(cells) == len(HEADS)
    assert cells[:3] == ("7", "[fe80::1]:40000", "10.0.0.2:80")
    assert cells[3:] == ("23.7 s", "12,345", "1.23 MB", "0", "13 s", "zero-window")


def test_tab_separated_for_programs(streams: pd.DataFrame) -> None:
    head, line = tab_separated(streams).splitlines()
    assert head.split("\t")[3:5] == ["start_s", "duration_s"]
    cells = ["7", "[fe80::1]:40000", "10.0.0.2:80", "0.000000", "23.731506", "12345", "1234567"]
    cells += ["0", "zero-window", "receiver", "12.500000", "13.000000"]
    assert line.split("\t") == cells


def test_records_are_plain(streams: pd.DataFrame) -> None:
    (record,) = records(streams)
    assert record["mss"] is None
    assert {type(value) for value in record.values()} == {int, float, str, type(None)}
