"""Bad captures, strange places to read from, and what is left behind: nothing."""

from __future__ import annotations

import asyncio
import gzip
import os
import struct
import threading
import warnings
from pathlib import Path

import pandas as pd
import pytest

from tcpwin.errors import CaptureError, TcpwinWarning, TsharkError
from tcpwin.tshark import crew, find_tshark, read_packets, reader
from tests.conftest import FIXTURES
from tests.tshark import fake
from tests.tshark.packets import (
    ACK,
    INTERFACE,
    SECTION,
    eth,
    ip4,
    save,
    stamped,
    stampless,
    tcp,
    unreachable,
)
from tests.tshark.processes import processes

SEGMENT = eth(ip4(tcp(b"hello")))
HEALTHY = next(FIXTURES.glob("healthy.client.pcapng*"))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for temporary files, which must be empty again."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def cut(tmp_path: Path, size: int) -> Path:
    path = tmp_path / "cut.pcap"
    path.write_bytes(save(path, [SEGMENT] * 3).read_bytes()[:size])
    return path


def children() -> list[str]:
    return [one.command for one in processes() if one.parent == os.getpid()]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"hello, this is a text of some length\n" * 9, "is not a capture"),
        (SECTION + INTERFACE, "holds no TCP"),
        (SECTION + INTERFACE + stamped(eth(bytes(30), 0x806), 1), "holds no TCP"),
        (SECTION + INTERFACE + stamped(eth(unreachable(ip4(tcp()))), 1), "holds no TCP"),
        (SECTION + INTERFACE + stamped(SEGMENT, 1)[:50], "before its first TCP"),
        (bytes.fromhex("d4c3b2a1 0200"), "before its first TCP"),
    ],
)
def test_no_capture_no_rows(
    data: bytes, says: str, tshark: Path, tmp_path: Path, temporary: Path
) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(data)
    with pytest.raises(CaptureError) as error:
        read_packets(path, tshark=tshark)
    assert says in str(error.value)
    assert str(error.value).isprintable()
    assert not any(temporary.iterdir())
    assert children() == []


def test_what_is_before_the_cut_is_used(tshark: Path, tmp_path: Path) -> None:
    with pytest.warns(TcpwinWarning, match="cut short") as warned:
        reading = read_packets(cut(tmp_path, 24 + 2 * (16 + len(SEGMENT)) + 20), tshark=tshark)
    assert len(reading.packets) == 2
    assert [str(warning.message) for warning in warned] == list(reading.warnings)


def test_a_cut_between_two_packets_is_none(tshark: Path, tmp_path: Path) -> None:
    reading = read_packets(cut(tmp_path, 24 + 2 * (16 + len(SEGMENT))), tshark=tshark)
    assert (len(reading.packets), reading.warnings) == (2, ())


def test_a_compressed_capture_that_is_cut(tshark: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng.gz"
    whole = gzip.compress(content(HEALTHY))
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.warns(TcpwinWarning, match="cut short"):
        assert len(read_packets(path, tshark=tshark).packets) > 10


def test_damage_in_the_middle(tshark: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    data = bytearray(content(HEALTHY))
    data[len(data) // 2 : len(data) // 2 + 200] = b"\xee" * 200
    path.write_bytes(data)
    with pytest.warns(TcpwinWarning, match="damaged"):
        assert len(read_packets(path, tshark=tshark).packets) > 10


@pytest.mark.parametrize("first", [eth(bytes(30), 0x806), eth(unreachable(ip4(tcp())))])
def test_time_counts_from_the_first_frame(first: bytes, tshark: Path, tmp_path: Path) -> None:
    reading = read_packets(save(tmp_path / "x", [first, SEGMENT, SEGMENT]), tshark=tshark)
    assert reading.packets["frame"].tolist() == [2, 3]
    assert reading.packets["time_s"].tolist() == [1.001, 2.002]
    assert reading.start_ns == 1_700_000_000 * 10**9
    assert reading.packets["time"].iloc[0] == pd.Timestamp(1_700_000_001_001_000_000, tz="UTC")


def test_no_tcp_for_long(tshark: Path, tmp_path: Path) -> None:
    frames = [eth(bytes(30), 0x806)] * 5000 + [SEGMENT]
    assert (
        read_packets(save(tmp_path / "x", frames, step=1), tshark=tshark).packets["frame"][0]
        == 5001
    )


def test_frames_without_a_time(tshark: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    blocks = [stamped(SEGMENT, 10**15), stampless(SEGMENT), stamped(SEGMENT, 10**15 + 5)]
    path.write_bytes(SECTION + INTERFACE + b"".join(blocks))
    with pytest.warns(TcpwinWarning, match="1 frames carry no time"):
        packets = read_packets(path, tshark=tshark).packets
    assert packets["time_ns"].tolist() == [10**18, 10**18, 10**18 + 5000]
    assert packets["time_s"].isna().tolist() == [False, True, False]


def test_long_before_1970(tshark: Path, tmp_path: Path) -> None:
    offset = struct.pack("<HHqHH", 14, 8, -(10**9), 0, 0)
    interface = INTERFACE[:4] + struct.pack("<I", 20 + len(offset)) + INTERFACE[8:16] + offset
    interface += struct.pack("<I", 20 + len(offset))
    path = tmp_path / "x.pcapng"
    path.write_bytes(SECTION + interface + stamped(SEGMENT, 7) + stamped(SEGMENT, 2 * 10**6))
    packets = read_packets(path, tshark=tshark).packets
    assert packets["time"].dt.year.tolist() == [1938, 1938]
    assert packets["time_s"].tolist() == [0, 1.999993]
    assert packets["time_ns"].diff()[1] == 1_999_993_000


def test_broken_time_stamps(tshark: Path, tmp_path: Path) -> None:
    """A million microseconds and more, as damaged captures have them."""
    packets = read_packets(save(tmp_path / "x", [SEGMENT] * 3, step=10**6), tshark=tshark).packets
    assert packets["time_ns"].diff()[1:].tolist() == [2 * 10**9] * 2
    path = tmp_path / "far.pcapng"
    path.write_bytes(SECTION + INTERFACE + stamped(SEGMENT, 10**15) + stamped(SEGMENT, 10**19))
    with pytest.warns(TcpwinWarning, match="carry no time"):
        assert read_packets(path, tshark=tshark).packets["time_ns"].tolist() == [10**18] * 2


def test_blocks_of_any_size_give_one_table(tshark: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_packets(HEALTHY, tshark=tshark).packets
    for size in (97, 4096):
        monkeypatch.setattr(crew, "BLOCK", size)
        pd.testing.assert_frame_equal(read_packets(HEALTHY, tshark=tshark).packets, whole)


def test_a_row_takes_less_than_200_bytes(tshark: Path, tmp_path: Path) -> None:
    options = bytes([8, 10]) + bytes(8) + bytes([5, 10]) + struct.pack("!II", 150, 160)
    frames = [eth(ip4(tcp(b"x", seq=n, options=options))) for n in range(5000)]
    packets = read_packets(save(tmp_path / "x", frames, step=1), tshark=tshark).packets
    assert packets["sack_le"].notna().all()
    assert packets.memory_usage(deep=True, index=False).sum() / len(packets) < 200


def test_a_field_this_tshark_lacks(tshark: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = reader.known_fields(find_tshark(tshark))
    lacking = ("tcp.analysis.rto", "tcp.analysis.zero_window", "tcp.options.sack_le", "ip.ttl")
    less = {name: text for name, text in known.items() if name not in lacking}
    monkeypatch.setattr(reader, "known_fields", lambda _: less)
    with pytest.warns(TcpwinWarning, match="no fields for rto, sack_le, ttl, zero_window"):
        packets = read_packets(HEALTHY, tshark=tshark).packets
    assert packets[["rto", "ttl", "sack_le"]].isna().all(axis=None)
    assert packets["zero_window"].dtype == bool
    assert not packets["zero_window"].any()
    assert packets["hlim"].dtype == packets["ttl"].dtype == "UInt8"


def test_progress_ends_at_the_end(tshark: Path, tmp_path: Path) -> None:
    path = save(tmp_path / "x", [SEGMENT] * 30_000, step=1)
    seen: list[tuple[int, int]] = []
    read_packets(path, tshark=tshark, progress=lambda *state: seen.append(state))
    assert seen == sorted(seen)
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


def test_an_error_of_the_callback_is_the_callers(tshark: Path, temporary: Path) -> None:
    def refuse(done: int, total: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        read_packets(HEALTHY, tshark=tshark, progress=refuse)
    assert not any(temporary.iterdir())


@pytest.mark.parametrize(
    "options",
    [{"decode_as": {"tcp.port==1": "no-such"}}, {"decode_as": {"no.such==1": "http"}},
     {"prefs": {"no.such": "1"}}],
)  # fmt: skip
def test_options_tshark_does_not_know(options: dict[str, dict[str, str]], tshark: Path) -> None:
    with pytest.raises(TsharkError, match="correct decode_as or prefs") as error:
        read_packets(HEALTHY, tshark=tshark, **options)  # type: ignore[arg-type]
    assert str(error.value).isprintable()


def test_inside_a_running_loop_and_in_threads(tshark: Path) -> None:
    async def cell() -> int:
        return len(read_packets(HEALTHY, tshark=tshark).packets)

    rows = [asyncio.run(cell()), asyncio.run(cell())]
    threads = [
        threading.Thread(target=lambda: rows.append(len(read_packets(HEALTHY).packets)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows) == 5
    assert len(set(rows)) == 1


def test_config_ini_of_the_folder_is_not_obeyed(
    tshark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = fake.program(tmp_path / "tshark", f"touch {tmp_path}/was-run")
    (tmp_path / "config.ini").write_text(f"[tshark]\ntshark_path = {evil}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pyshark.config.fp_config_path", tmp_path / "config.ini")
    read_packets(HEALTHY, tshark=tshark)
    read_packets(HEALTHY, tshark=tshark, display_filter="tcp.len > 0")
    assert not (tmp_path / "was-run").exists()


def test_no_warning_of_any_kind(tshark: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        packets = read_packets(HEALTHY, tshark=tshark).packets
    assert (packets["flags"] & ACK).any()
