"""The second look: the same on every tshark, and nothing of it where there is nothing to see."""

import gzip
from pathlib import Path

import pandas as pd
import pytest

from fixtures.lab.frames import too_big
from tcpwin.errors import CaptureError
from tcpwin.tshark import context
from tcpwin.tshark.context import Context, read_context
from tcpwin.tshark.executable import Tshark, find_tshark
from tests.conftest import FIXTURES
from tests.tshark.test_glance import packet_too_big
from tests.tshark.wire import ISN, save, talk

GET = b"GET /a HTTP/1.1\r\nHost: lab\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
PUBLIC = FIXTURES.parent.parent / "shared" / "captures"


@pytest.fixture(scope="module")
def program(tshark: Path) -> Tshark:
    return find_tshark(tshark)


def public(name: str) -> Path:
    path = PUBLIC / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    return path


def test_download(program: Tshark) -> None:
    http = read_context(FIXTURES / "handmade-99-percent.pcapng.gz", program).http
    assert list(http["is_request"]) == [True, False]
    assert http["content_length"][1] == 3529700
    assert http["header_len"].notna().all()
    assert str(http["frame"].dtype) == "uint32"


def test_upload_cut_by_snaplen(program: Tshark) -> None:
    http = read_context(FIXTURES / "upload.client.pcapng.gz", program).http
    assert http["method"][0] == "PUT"
    assert list(http["content_length"]) == [300000, 2]
    assert list(http["header_len"].isna()) == [True, False]


def test_range_downloads_of_another_era(program: Tshark) -> None:
    http = read_context(public("206_example_a.pcap"), program).http
    assert list(http["status"].dropna()) == [206, 206]
    assert list(http["content_range"].dropna()) == [
        "bytes 0-32767/555523",
        "bytes 32768-555522/555523",
    ]
    assert list(http["range"].dropna()) == ["bytes=0-32767", "bytes=32768-555522"]
    assert list(http["connection"]) == ["keep-alive", "close"] * 2


def test_request_that_never_ends_its_line(program: Tshark) -> None:
    http = read_context(public("reassembly.pcap"), program).http
    assert list(http["method"]) == ["SEARCH"]
    assert http["header_len"].isna().all()


def test_port_does_not_matter(program: Tshark, tmp_path: Path) -> None:
    path = save(
        tmp_path / "x.pcapng", talk((True, GET), (False, OK[:20]), (False, OK[20:] + b"hello"))
    )
    http = read_context(path, program).http
    assert list(http["frame"]) == [3, 4]
    assert list(http["header_len"]) == [len(GET), len(OK)]
    assert list(http["content_length"])[1] == 5


def test_icmp_of_fixture(program: Tshark) -> None:
    icmp = read_context(FIXTURES / "path-mtu-icmp.server.pcapng", program).icmp
    assert set(icmp["type"]) == {3}
    assert set(icmp["code"]) == {4}
    assert set(icmp["mtu"]) == {1400}
    assert set(icmp["src"]) == {"192.0.2.80"}
    assert set(icmp["src_port"]) == {80}
    assert set(icmp["dst_port"]) == {40001}
    assert icmp["ip_id"].notna().all()
    assert (icmp["time_ns"] > 1_700_000_000 * 10**9).all()


def test_icmp_quotes_the_number_on_the_wire(program: Tshark, tmp_path: Path) -> None:
    frames = talk((True, b"x" * 1400))
    path = save(tmp_path / "x.pcapng", [*frames, too_big(frames[-1], 1280, "192.0.2.1")])
    found = read_context(path, program)
    assert list(found.icmp["seq"]) == [ISN + 1]
    assert list(found.icmp["mtu"]) == [1280]
    assert list(found.icmp["frame"]) == [4]
    assert not len(found.http)


def test_icmp_of_ipv6(program: Tshark, tmp_path: Path) -> None:
    icmp = read_context(save(tmp_path / "x.pcapng", [packet_too_big(), bytes(100)]), program).icmp
    assert list(icmp["is_v6"]) == [True]
    assert list(icmp["type"]) == [2]
    assert list(icmp["mtu"]) == [1280]
    assert list(icmp["src"]) == ["::"]
    assert icmp["ip_id"].isna().all()


def test_only_some_streams(program: Tshark) -> None:
    path = FIXTURES / "many-streams.client.pcapng.gz"
    whole = read_context(path, program).http
    some = read_context(path, program, streams=[3, 5]).http
    assert whole["stream"].nunique() > 30
    assert set(some["stream"]) == {3, 5}


def test_no_run_where_nothing_can_be_gained(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("tshark was started")

    monkeypatch.setattr(context, "Peek", never)
    nothing = Tshark("nowhere", (4, 0, 0))
    found = read_context(FIXTURES / "handmade-recovery.pcapng", nothing)
    assert len(found.http) == len(found.icmp) == 0
    assert {"frame", "header_len", "connection"} <= set(found.http)
    assert {"frame", "mtu", "seq"} <= set(found.icmp)


def test_empty_tables_have_the_types_of_full_ones(program: Tshark) -> None:
    empty = read_context(FIXTURES / "handmade-recovery.pcapng", program)
    full = read_context(FIXTURES / "path-mtu-icmp.server.pcapng", program)
    assert (empty.http.dtypes == full.http.dtypes).all()
    assert (empty.icmp.dtypes == full.icmp.dtypes).all()


def test_cut_capture_gives_what_is_there(program: Tshark, tmp_path: Path) -> None:
    whole = gzip.decompress((FIXTURES / "many-streams.client.pcapng.gz").read_bytes())
    (tmp_path / "cut.pcapng").write_bytes(whole[: len(whole) // 2])
    http = read_context(tmp_path / "cut.pcapng", program).http
    assert (
        10 < len(http) < len(read_context(FIXTURES / "many-streams.client.pcapng.gz", program).http)
    )


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="there is no file"):
        read_context(tmp_path / "none.pcap", Tshark("nowhere", (4, 0, 0)))


def test_context_is_frozen() -> None:
    found = Context(pd.DataFrame(), pd.DataFrame())
    with pytest.raises(AttributeError):
        found.http = pd.DataFrame()  # type: ignore[misc]
