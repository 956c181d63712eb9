import gzip
import struct
from pathlib import Path

import pyarrow as pa
import pytest

from tcpwin.errors import CaptureError
from tcpwin.tshark import find_tshark
from tcpwin.tshark.convert import PIECE, as_pcapng
from tests.conftest import FIXTURES
from tests.tshark.wire import talk
from tests.wireshark.odd import Section, everything

FRAMES = talk((True, b"a"), (False, b"b" * 90), (True, b"c"), (False, b"d"))
PCAPNG = everything(FRAMES)


def pcap(link: int = 1, order: str = "<") -> bytes:
    head = struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    size = len(FRAMES[0])
    return head + struct.pack(order + "IIII", 1_700_000_000, 5, size, size) + FRAMES[0]


def read(path: Path, tshark: Path) -> tuple[bytes, int]:
    with as_pcapng(path, find_tshark(tshark)) as source:
        return b"".join(source.pieces), source.fcs_length


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "x"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, "zstd", "lz4"], ids=["plain", "gzip", "zstd", "lz4"]
)
def test_pcapng_keeps_every_byte(tshark: Path, tmp_path: Path, pack: object) -> None:
    data = pa.compress(PCAPNG, pack, asbytes=True) if isinstance(pack, str) else pack(PCAPNG)  # type: ignore[operator]
    assert read(saved(tmp_path, data), tshark) == (PCAPNG, 0)


def test_gzip_in_members_and_cut(tshark: Path, tmp_path: Path) -> None:
    large = Section().head().interface().packet(bytes(range(256)) * 200, 1).bytes() * 400
    assert len(large) > 2 * PIECE
    two = gzip.compress(large[:12345], 1) + gzip.compress(large[12345:], 1)
    assert read(saved(tmp_path, two), tshark) == (large, 0)
    got, _ = read(saved(tmp_path, two[:-20]), tshark)
    assert large.startswith(got)
    assert len(got) > len(large) - (1 << 16)
    assert read(saved(tmp_path, two + b"\0not packed"), tshark)[0] == large


@pytest.mark.parametrize("order", "<>")
def test_pcap_becomes_pcapng(tshark: Path, tmp_path: Path, order: str) -> None:
    got, fcs = read(saved(tmp_path, pcap(order=order)), tshark)
    assert got.startswith(b"\n\r\r\n")
    assert FRAMES[0] in got
    assert fcs == 0


def test_the_length_of_the_checksum_is_known_from_pcap(tshark: Path, tmp_path: Path) -> None:
    link = 1 | 0x04000000 | 2 << 28
    assert read(saved(tmp_path, pcap(link)), tshark)[1] == 4
    assert read(saved(tmp_path, gzip.compress(pcap(link, ">"))), tshark)[1] == 4


def test_of_a_cut_pcap_the_readable_part(tshark: Path, tmp_path: Path) -> None:
    data = pcap()
    got, _ = read(saved(tmp_path, data + data[24:40] + b"cut"), tshark)
    assert got.count(FRAMES[0]) == 1


def test_what_is_no_capture(tshark: Path, tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="cannot become pcapng"):
        read(saved(tmp_path, b"no capture, only text\n" * 10), tshark)


def test_progress_ends_with_the_file(tshark: Path) -> None:
    told: list[tuple[int, int]] = []
    path = FIXTURES / "handmade-99-percent.pcapng.gz"
    with as_pcapng(path, find_tshark(tshark), lambda *done: told.append(done)) as source:
        assert sum(map(len, source.pieces)) > path.stat().st_size
    assert told[-1] == (path.stat().st_size, path.stat().st_size)
