"""Several tsharks give the table of one, cell for cell, or are not used."""

from __future__ import annotations

import gzip
import os
import random
import struct
import threading
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tcpwin.errors import CaptureError, TcpwinWarning
from tcpwin.tshark import crew, read_packets, reader, split
from tests.bench.captures import make_capture
from tests.tshark.packets import (
    ACK,
    MICRO,
    NANO,
    RAW_IP,
    SECTION,
    SYN,
    UDP,
    block,
    eth,
    gre,
    ip4,
    ip6,
    save,
    tcp,
    udp,
    unreachable,
    unreachable6,
    vxlan,
)
from tests.tshark.processes import processes
from tests.tshark.test_cells import MADE, PUBLIC, RECORDED


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Captures of any size are split; the list tells for each whether the split was used."""
    monkeypatch.setattr(split, "LEAST_BYTES", 0)
    monkeypatch.setattr(split, "LEAST_FRAMES", 0)
    told: list[bool] = []
    ask = reader._in_parts

    def asked(*arguments: Any) -> Any:
        found = ask(*arguments)
        told.append(found is not None)
        return found

    monkeypatch.setattr(reader, "_in_parts", asked)
    return told


def table(capture: Path, tshark: Path, jobs: int) -> tuple[pd.DataFrame | str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TcpwinWarning)
        try:
            reading = read_packets(capture, tshark=tshark, jobs=jobs)
        except CaptureError as error:
            return str(error), None
    return reading.packets, (reading.start_ns, reading.end_ns, reading.warnings)


def check(capture: Path, tshark: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_in_parts", lambda *_: None)
        one, about = table(capture, tshark, 1)
    many, about_many = table(capture, tshark, 3)
    assert about_many == about
    if isinstance(one, str):
        assert many == one
    else:
        pd.testing.assert_frame_equal(many, one, check_exact=True)


@pytest.mark.parametrize("capture", [*RECORDED, *PUBLIC], ids=lambda path: path.name)
def test_recorded_capture(
    capture: Path, tshark: Path, used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    check(capture, tshark, monkeypatch)


@pytest.mark.parametrize("name", MADE)
def test_made_capture(
    name: str, tshark: Path, tmp_path: Path, used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    check(save(tmp_path / "made.pcap", MADE[name]), tshark, monkeypatch)


def busy(seed: int, *, tunnels: bool = False) -> list[bytes]:
    """Frames of many flows, interleaved, with what else is in a network."""
    chance = random.Random(seed)
    v4 = [(f"10.0.{n % 3}.{n}", 2 * chance.randrange(2000, 9000)) for n in range(9)]
    v6 = [(f"fd00::{n:x}", 2 * chance.randrange(2000, 9000)) for n in range(5)]
    frames = []
    for ident in range(300):
        six = chance.random() < 0.4
        (src, sport), (dst, dport) = chance.sample(v6 if six else v4, 2)
        seq = chance.randrange(50) * 10
        flags = SYN if chance.random() < 0.1 else ACK
        segment = tcp(b"x" * 10, sport, dport, seq, chance.randrange(50) * 10, flags,
                      chance.choice((0, 500, 1000)))  # fmt: skip
        packet = ip6(segment, src, dst) if six else ip4(segment, src, dst, ident=ident)
        kind = 0x86DD if six else 0x800
        frame = eth(packet, kind)
        roll = chance.random()
        if roll < 0.1:
            frame = eth(struct.pack("!HH", 5, kind) + packet, 0x8100)
        elif roll < 0.2:
            port = chance.choice((sport, 53))
            frame = eth(ip4(udp(b"zz", port), src="10.9.9.9", ident=ident, proto=UDP))
        elif roll < 0.25:
            frame = eth(bytes(30), 0x806)
        elif roll < 0.35:
            frame = eth(unreachable6(packet), kind) if six else eth(unreachable(packet))
        elif roll < 0.4 and tunnels:
            frame = eth(ip4(gre(packet, kind), proto=47))
        elif roll < 0.42 and tunnels:
            frame = eth(vxlan(frame))
        frames.append(frame)
    return frames


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("magic", [MICRO, NANO])
def test_busy_network(
    seed: int, magic: int, tshark: Path, tmp_path: Path, used: list[bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(split, "PART_FRAMES", 40)
    capture = save(tmp_path / "x.pcap", busy(seed), magic=magic)
    check(capture, tshark, monkeypatch)
    assert used == [True]


def test_tunnels_are_left_to_one(
    tshark: Path, tmp_path: Path, used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    check(save(tmp_path / "x.pcap", busy(7, tunnels=True)), tshark, monkeypatch)
    assert used == [False]


def test_big_endian(
    tshark: Path, tmp_path: Path, used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = [struct.pack(">IHHiIII", NANO, 2, 4, 0, 0, 262144, 1)]
    for number, frame in enumerate(busy(3)):
        out.append(struct.pack(">IIII", 1000, number, len(frame), len(frame)) + frame)
    capture = tmp_path / "x.pcap"
    capture.write_bytes(b"".join(out))
    check(capture, tshark, monkeypatch)
    assert used == [True]


@pytest.mark.parametrize("packed", [False, True])
def test_several_interfaces(
    packed: bool, tshark: Path, tmp_path: Path, used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With time stamps of their own resolution, one of them described in the middle."""
    nano = struct.pack("<HHBBHHH", 9, 1, 9, 0, 0, 0, 0)
    faces = [struct.pack("<HHI", 1, 0, 0), struct.pack("<HHI", RAW_IP, 0, 0) + nano]
    out = [SECTION, block(1, faces[0])]
    for number, frame in enumerate(busy(5)):
        if number == 100:
            out.append(block(1, faces[1]))
            out.append(block(5, struct.pack("<III", 0, 0, 0)))
        raw = number >= 100 and number % 2 and frame[12:14] == b"\x08\x00"
        data, face = (frame[14:], 1) if raw else (frame, 0)
        ticks = 1_700_000_000 * 10**9 + number * 1001 if raw else 1_700_000_000 * 10**6 + number
        head = struct.pack("<IIIII", face, ticks >> 32, ticks % 2**32, len(data), len(data))
        out.append(block(6, head + data))
    capture = tmp_path / "x.pcapng"
    data = b"".join(out)
    capture.write_bytes(gzip.compress(data) if packed else data)
    check(capture, tshark, monkeypatch)
    assert used == [True]


def test_headers_that_are_odd(
    tshark: Path, tmp_path: Path, used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One segment without a length in its header, as before the card cuts it: tshark tells all."""
    frames = busy(6)
    frames[40] = eth(ip4(tcp(b"x" * 3000))[:2] + bytes(2) + ip4(tcp(b"x" * 3000))[4:])
    check(save(tmp_path / "x.pcap", frames), tshark, monkeypatch)
    assert used == [False]


def test_frames_that_are_cut(
    tshark: Path, tmp_path: Path, used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any place after the ports, the sequence numbers and the flags: also within an option."""
    options = b"\2\4\5\xb4\4\2\x08\x0a" + bytes(8) + b"\1\3\3\7\5\x0a" + bytes(8)
    syn = eth(ip4(tcp(b"data", flags=SYN, options=options)))
    frames = [(syn[:size], len(syn)) for size in range(54, len(syn) + 1)]
    check(save(tmp_path / "x.pcap", frames), tshark, monkeypatch)
    assert used == [True]


def test_a_cut_capture_is_judged_by_one(
    tshark: Path, tmp_path: Path, used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = save(tmp_path / "x.pcap", busy(1))
    capture.write_bytes(capture.read_bytes()[:-7])
    check(capture, tshark, monkeypatch)
    assert used == [False]


def test_bulk(
    tshark: Path, tmp_path: Path, used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_capture(tmp_path / "x.pcap", streams=12, segments=300, loss=0.02)
    check(tmp_path / "x.pcap", tshark, monkeypatch)
    assert used == [True]


def test_a_filter_leaves_it_to_one(tshark: Path, tmp_path: Path, used: list[bool]) -> None:
    """The numbers of the streams are known at the end of the parts, and all rows would be kept."""
    capture = save(tmp_path / "x.pcap", busy(2))
    everything = read_packets(capture, tshark=tshark, jobs=2).packets
    some = read_packets(capture, tshark=tshark, jobs=2, display_filter="tcp.stream == 3").packets
    expected = everything[everything["stream"] == 3]
    assert some["frame"].tolist() == expected["frame"].tolist()
    assert used == [True]


def test_options_of_the_user_are_for_one(tshark: Path, tmp_path: Path, used: list[bool]) -> None:
    capture = save(tmp_path / "x.pcap", busy(2))
    read_packets(capture, tshark=tshark, jobs=2, prefs={"ip.defragment": "FALSE"})
    assert used == []


def test_progress_ends_with_the_file(tshark: Path, tmp_path: Path, used: list[bool]) -> None:
    capture, told = save(tmp_path / "x.pcap", busy(2)), list[tuple[int, int]]()
    read_packets(capture, tshark=tshark, jobs=2, progress=lambda *now: told.append(now))
    assert told[-1] == (capture.stat().st_size, capture.stat().st_size)
    assert used == [True]


def test_interrupted(
    tshark: Path, tmp_path: Path, used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while they run: no process and no thread is left."""
    before = threading.active_count()

    def interrupt(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(crew.Rows, "add", interrupt)
    with pytest.raises(KeyboardInterrupt):
        read_packets(save(tmp_path / "x.pcap", busy(2)), tshark=tshark, jobs=2)
    assert threading.active_count() == before
    assert [one for one in processes() if one.parent == os.getpid()] == []


def test_one_fails(
    tshark: Path, tmp_path: Path, used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a part of the capture does to a tshark is not known: the whole is tried again."""
    monkeypatch.setattr(crew, "check_run", lambda *_, **__: ["damaged"])
    assert len(read_packets(save(tmp_path / "x.pcap", busy(2)), tshark=tshark, jobs=2).packets)
    assert used == [False]
