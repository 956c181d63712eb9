import os
from pathlib import Path

import pytest

from tcpwin.errors import CaptureError
from tcpwin.tshark.files import check_file, pipeable
from tests.tshark.packets import MICRO, NANO, SECTION, eth, ip4, save, tcp


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing.pcap", "there is no file"),
        ("folder", "is a folder"),
        ("empty.pcap", "is empty"),
        ("fifo", "is not a file"),
        ("a\nb.pcap", r"a\nb.pcap"),
        ("nul\0.pcap", "name"),
        ("x" * 300, "cannot be read"),
        ("empty.pcap/under", "cannot be read"),
    ],
)
def test_one_line_says_what_is_wrong(
    name: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("empty.pcap").touch()
    os.mkfifo("fifo")
    with pytest.raises(CaptureError) as error:
        check_file(name)
    text = str(error.value)
    assert says in text
    assert text.isprintable()


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_without_the_right_to_read(tmp_path: Path) -> None:
    path = save(tmp_path / "x.pcap", [])
    path.chmod(0)
    with pytest.raises(CaptureError, match="rights"):
        check_file(path)


def test_the_path_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save(Path("-r"), [])
    assert check_file("-r") == tmp_path / "-r"


@pytest.mark.parametrize("magic", [NANO, MICRO, 0xD4C3B2A1])
def test_pcap_goes_through_a_pipe(magic: int, tmp_path: Path) -> None:
    assert pipeable(save(tmp_path / "x", [eth(ip4(tcp()))], magic=magic))


@pytest.mark.parametrize(
    ("data", "expected"), [(SECTION, True), (b"\x1f\x8b\x08", True), (b"snoop\0\0\0", False)]
)
def test_others(data: bytes, expected: bool, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(data)
    assert pipeable(tmp_path / "x") is expected
