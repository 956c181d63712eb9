import gzip
import io
import shutil
import struct
from pathlib import Path

import pytest

import tcpwin as tw
from tcpwin.errors import CaptureError, TcpwinWarning
from tcpwin.wireshark import annotate
from tests.conftest import FIXTURES
from tests.tshark.wire import talk
from tests.wireshark.fields import comments, differing, packets
from tests.wireshark.odd import Section, everything

FRAMES = talk((True, b"GET / HTTP/1.1\r\n\r\n"), (False, b"x" * 700), (False, b"y"), (True, b"z"))
RECORDED = ("handmade-dead-reader.pcapng", "derived-gre.server.pcapng",
            "derived-file-cut.client.pcapng", "burst-rto.client.pcapng.gz")  # fmt: skip


def made(folder: Path, data: bytes, name: str = "x.pcapng") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def annotated(source: Path, tshark: Path, folder: Path, *, every: bool = True) -> Path:
    target = folder / "annotated.pcapng"
    with target.open("wb") as file:
        done = annotate(tw.read(source, tshark=str(tshark)), file, every_packet=every)
    assert sum(map(len, own(tshark, target).values())) == done.comments
    assert len(own(tshark, target)) == done.frames
    return target


def own(tshark: Path, path: Path) -> dict[int, list[str]]:
    """The comments of tcpwin by frame."""
    mine = {
        frame: [text for text in texts if text.startswith("tcpwin: ")]
        for frame, texts in comments(tshark, path).items()
    }
    return {frame: texts for frame, texts in mine.items() if texts}


def assert_same(tshark: Path, before: Path, after: Path, *, interfaces: bool = True) -> None:
    old, new = (list(packets(tshark, path, interfaces=interfaces)) for path in (before, after))
    assert old
    assert differing(old, new) == []


@pytest.mark.filterwarnings("ignore::tcpwin.errors.TcpwinWarning")
@pytest.mark.parametrize("name", RECORDED)
def test_every_other_field_of_every_packet_stays(tshark: Path, tmp_path: Path, name: str) -> None:
    result = annotated(FIXTURES / name, tshark, tmp_path)
    assert_same(tshark, FIXTURES / name, result)


@pytest.mark.parametrize("order", "<>")
def test_every_kind_of_block(tshark: Path, tmp_path: Path, order: str) -> None:
    source = made(tmp_path, everything(FRAMES, order) + everything(FRAMES, "<"))
    result = annotated(source, tshark, tmp_path)
    assert_same(tshark, source, result)
    assert comments(tshark, result)[1][:2] == ["schon da: ü", "two"]
    assert list(own(tshark, result)) == list(range(1, 13))


def test_a_difference_would_be_seen(tshark: Path, tmp_path: Path) -> None:
    before = made(tmp_path, everything(FRAMES))
    data = before.read_bytes()
    for what in (b"eth0", b"two", FRAMES[3]):
        changed = data.replace(what, what[:-1] + bytes([what[-1] ^ 1]))
        after = made(tmp_path, changed, "y.pcapng")
        pair = [list(packets(tshark, path)) for path in (before, after)]
        assert differing(*pair)
    assert differing(["a"], []) == [0]


def test_custom_blocks_shift_no_comment(tshark: Path, tmp_path: Path) -> None:
    section = Section().head().interface((9, b"\x09"))
    for place, frame in enumerate(FRAMES):
        section.packet(frame, 10**18 + place).custom(b"private")
    source = made(tmp_path, section.bytes())
    result = annotated(source, tshark, tmp_path)
    assert_same(tshark, source, result)
    assert list(own(tshark, result)) == [1, 3, 5, 7, 9, 11]


@pytest.mark.filterwarnings("ignore:1 frames carry no time")
def test_simple_packets_stay_bare_with_a_warning(tshark: Path, tmp_path: Path) -> None:
    section = Section().head().interface().simple(FRAMES[0]).packet(FRAMES[1], 5)
    source = made(tmp_path, section.bytes())
    with pytest.warns(TcpwinWarning, match="1 packets of x.pcapng can have no comment"):
        result = annotated(source, tshark, tmp_path)
    assert_same(tshark, source, result)
    assert list(own(tshark, result)) == [2]


@pytest.mark.parametrize(("magic", "order", "link"), [
    (0xA1B2C3D4, "<", 1), (0xA1B23C4D, ">", 1), (0xA1B2C3D4, ">", 1 | 0x04000000 | 2 << 28),
])  # fmt: skip
def test_pcap_becomes_pcapng(
    tshark: Path, tmp_path: Path, magic: int, order: str, link: int
) -> None:
    data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for place, frame in enumerate(FRAMES):
        text = frame + b"\x01\x02\x03\x04"
        sizes = len(text), len(text) + 5 * (place == 2)
        data += struct.pack(order + "IIII", 1_700_000_000, place * 1000 + 7, *sizes) + text
    for name, packed in (("x.pcap", data), ("x.pcap.gz", gzip.compress(data))):
        source = made(tmp_path, packed, name)
        result = annotated(source, tshark, tmp_path)
        assert_same(tshark, source, result, interfaces=False)
        assert b"\x09\x00\x01\x00\x09" in result.read_bytes() or magic == 0xA1B2C3D4


def test_expert_information_and_filter(tshark: Path, tmp_path: Path) -> None:
    source = FIXTURES / "handmade-dead-reader.pcapng"
    result = annotated(source, tshark, tmp_path, every=False)
    assert list(own(tshark, result)) == [1, 2, 3, 5, 7, 8]
    text = next(packet for packet in _raw(tshark, result) if "window probe 1" in packet)
    assert "frame.comment.expert" in text


def _raw(tshark: Path, path: Path) -> list[str]:
    import subprocess

    command = [tshark, "-n", "-r", path, "-T", "pdml", "-Y", 'frame.comment contains "tcpwin"']
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return shown.split("<packet>")[1:]


def test_a_second_time_changes_nothing(tshark: Path, tmp_path: Path) -> None:
    once = annotated(FIXTURES / "handmade-recovery.pcapng", tshark, tmp_path)
    kept = shutil.copy(once, tmp_path / "once.pcapng")
    assert annotated(kept, tshark, tmp_path).read_bytes() == kept.read_bytes()


def test_a_file_that_changed_is_refused(tmp_path: Path) -> None:
    source = made(tmp_path, everything(FRAMES))
    capture = tw.read(source)
    made(tmp_path, Section().head().interface().packet(FRAMES[0], 1).bytes())
    with pytest.raises(CaptureError, match="not as it was"):
        annotate(capture, io.BytesIO(), every_packet=True)


def test_of_a_cut_file_the_readable_part(tshark: Path, tmp_path: Path) -> None:
    data = everything(FRAMES)
    for name, cut in (("x.pcapng", data[:900]), ("x.pcapng.gz", gzip.compress(data)[:-60])):
        source = made(tmp_path, cut, name)
        with pytest.warns(TcpwinWarning, match="cut short"):
            result = annotated(source, tshark, tmp_path)
        assert_same(tshark, source, result)
