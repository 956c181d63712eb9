"""Every frame of a capture as it should be is found; a capture that is odd is not surveyed."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from tcpwin.tshark import survey as module
from tcpwin.tshark.records import EVERY, NONE
from tcpwin.tshark.survey import survey
from tests.tshark.packets import (
    INTERFACE,
    MICRO,
    NANO,
    SECTION,
    block,
    eth,
    ip4,
    save,
    stamped,
    stampless,
    tcp,
    unreachable,
)

FRAMES = [eth(ip4(tcp(b"x" * n, 1000 + n))) for n in range(50)]
BLOCKS = [stamped(frame, n) for n, frame in enumerate(FRAMES)]
STATISTICS = block(5, struct.pack("<III", 0, 0, 0))


def written(tmp_path: Path, *parts: bytes) -> Path:
    path = tmp_path / "x.pcapng"
    path.write_bytes(b"".join(parts))
    return path


@pytest.mark.parametrize("piece", [64, 1000, 1 << 20])
def test_pieces_of_any_size(piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", piece)
    found = survey(save(tmp_path / "x.pcap", FRAMES))
    assert found is not None
    assert found.sizes.tolist() == [16 + len(frame) for frame in FRAMES]
    assert len(np.unique(found.place)) > 40
    assert len(found.head) == 24
    blocks = [SECTION, STATISTICS, INTERFACE, *BLOCKS[:9], STATISTICS, INTERFACE, *BLOCKS[9:]]
    same = survey(written(tmp_path, *blocks))
    assert same is not None
    assert same.place[same.place < NONE].tolist() == found.place.tolist()
    assert (same.place[9], same.place[10]) == (NONE, EVERY)
    assert same.head == SECTION + STATISTICS + INTERFACE


def test_compressed(tmp_path: Path) -> None:
    plain = save(tmp_path / "x.pcap", FRAMES)
    packed = written(tmp_path, gzip.compress(plain.read_bytes()))
    one, other = survey(plain), survey(packed)
    assert one is not None
    assert other is not None
    assert one.place.tolist() == other.place.tolist()


whole = b"".join([SECTION, INTERFACE, *BLOCKS])


@pytest.mark.parametrize(
    "data",
    {
        "text": b"no capture at all" * 9,
        "nothing": b"",
        "no frame": SECTION + INTERFACE,
        "cut": whole[:-5],
        "two sections": whole + whole,
        "a frame without a time": whole + stampless(FRAMES[0]),
        "a journal entry": whole + block(9, b"MESSAGE=x"),
        "no such interface": SECTION + BLOCKS[0],
        "a later interface": SECTION + INTERFACE + BLOCKS[0] + stamped(b"", 1)[:8] + whole[-20:],
        "an unknown link": SECTION + block(1, struct.pack("<HHI", 147, 0, 0)) + BLOCKS[0],
        "an odd size": whole + struct.pack("<II", 6, 33) + bytes(25),
        "sizes that differ": whole[:-4] + b"\x10\0\0\0",
        "a section of nothing": SECTION[:4] + b"\1\0\0\0" + SECTION[8:],
        "cut gzip": gzip.compress(whole)[:-30],
        "a port that carries TCP": whole + stamped(eth(ip4(tcp(b"", 999, 1080))), 1),
    }.items(),
    ids=lambda item: item[0],
)
def test_what_is_odd_is_left_to_tshark(data: tuple[str, bytes], tmp_path: Path) -> None:
    assert survey(written(tmp_path, data[1])) is None


@pytest.mark.parametrize(("place", "value"), [(4, 1), (20, 147), (32, 2**31), (32, 10**6), (36, 3)])
def test_what_is_odd_in_pcap(place: int, value: int, tmp_path: Path) -> None:
    path = save(tmp_path / "x.pcap", FRAMES)
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, place, value)
    path.write_bytes(data)
    assert survey(path) is None


SECOND = 1_000_000_000


@pytest.mark.parametrize(("magic", "unit"), [(MICRO, 1000), (NANO, 1)])
def test_times_of_pcap(magic: int, unit: int, tmp_path: Path) -> None:
    """The last is an ICMP error, which does not count."""
    quote = eth(unreachable(ip4(tcp(b"x"))))
    found = survey(save(tmp_path / "x.pcap", [*FRAMES, quote], start=1000, step=7, magic=magic))
    assert found is not None
    assert (found.start_ns, found.end_ns) == (1000 * SECOND, 1049 * SECOND + 49 * 7 * unit)
    assert found.told["time_ns"].to_pylist()[-1] == found.end_ns
    assert found.told["frame"].to_pylist() == list(range(1, 51))


def interface(*options: tuple[int, bytes]) -> bytes:
    body = struct.pack("<HHI", 1, 0, 0)
    for code, value in options:
        body += struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)
    return block(1, body)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([(2, b"eth0")], 5_000_000),
        ([(9, b"\6")], 5_000_000),
        ([(9, b"\3")], 5_000_000_000),
        ([(2, b"eth0"), (9, b"\11")], 5000),
        ([(0, b""), (9, b"\11")], 5_000_000),
        ([(9, b"\12")], None),  # a tenth of a nanosecond
        ([(9, b"\x8a")], None),  # 1/1024 s
        ([(14, bytes(8)), (9, b"\6")], None),  # an offset
    ],
)
def test_resolutions_of_pcapng(
    options: list[tuple[int, bytes]], expected: int | None, tmp_path: Path
) -> None:
    found = survey(written(tmp_path, SECTION, interface(*options), stamped(FRAMES[0], 5000)))
    assert expected == (None if found is None else found.start_ns)


@pytest.mark.parametrize("stamp", [(2**31, 0), (5, 1_000_000)])
def test_odd_stamps_are_told_by_tshark(stamp: tuple[int, int], tmp_path: Path) -> None:
    path = save(tmp_path / "x.pcap", FRAMES)
    data = bytearray(path.read_bytes())
    struct.pack_into("<II", data, 24, *stamp)
    path.write_bytes(data)
    assert survey(path) is None
