import pandas as pd
import pytest

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.toobig import path_mtu_told
from tests.analysis.build import P, packets
from tests.analysis.scenes import ack, data, frames_of, opening_at_server, sent

ROWS = [*opening_at_server(), data(1, 21), data(1001, 21.1), data(2001, 21.2, len=400), ack(1, 41)]
REST = [data(1, 42, len=900), data(901, 42.1, len=900), ack(2401, 62), *sent(2401, 63)]
DUPS = [ack(1, 41.1, sack=((2001, 2401),))]


def told(
    rows: list[P], *, frame: int, kind: int = 3, code: int = 4, v6: bool = False, stream: object = 0
) -> Facts:
    """The facts with one ICMP error behind that frame."""
    table = packets(rows)
    icmp = pd.DataFrame(
        {
            "frame": pd.array([frame], "UInt32"),
            "time_ns": [int(table["time_ns"].iloc[0])],
            "stream": pd.array([stream], "Int64"),
            "type": pd.array([kind], "UInt8"),
            "code": pd.array([code], "UInt8"),
            "is_v6": [v6],
            "mtu": pd.array([940], "UInt32"),
            "src": ["192.0.2.2"],
            "src_port": pd.array([80], "UInt16"),
            "dst": ["192.0.2.1"],
            "dst_port": pd.array([40000], "UInt16"),
        }
    )
    return Facts(table, None, lambda: (pd.DataFrame(), icmp))


@pytest.mark.parametrize("stream", [0, pd.NA], ids=["named", "by the addresses it quotes"])
def test_a_router_said_so(stream: object) -> None:
    known = told([*ROWS, *DUPS, *REST], frame=7, stream=stream)
    table = path_mtu_told(known, 1)
    assert table[["cause", "blame", "confidence", "count"]].to_numpy().tolist() == [
        ["path-mtu", "path", "proven", 1]
    ]
    assert frames_of(known, table["first_row"]) == [6]
    assert path_mtu_told(known, 0).empty


def test_the_newest_full_segment_before_it_is_meant() -> None:
    known = told([*ROWS, *DUPS, *REST], frame=8)
    assert frames_of(known, path_mtu_told(known, 1)["first_row"]) == [6]  # 7 is a small one


@pytest.mark.parametrize(("kind", "code", "v6"), [(3, 1, False), (11, 0, False), (3, 4, True)])
def test_other_errors_say_nothing_of_size(kind: int, code: int, v6: bool) -> None:
    assert path_mtu_told(told([*ROWS, *DUPS, *REST], frame=6, kind=kind, code=code, v6=v6), 1).empty


def test_packet_too_big_of_ipv6() -> None:
    known = told([*ROWS, *DUPS, *REST], frame=6, kind=2, code=0, v6=True)
    assert len(path_mtu_told(known, 1)) == 1


def test_errors_about_other_streams() -> None:
    assert path_mtu_told(told([*ROWS, *DUPS, *REST], frame=6, stream=7), 1).empty


def test_no_errors() -> None:
    assert path_mtu_told(Facts(packets(ROWS)), 1).empty
