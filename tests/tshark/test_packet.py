import asyncio
from pathlib import Path

import pytest

from tcpwin.errors import CaptureError, StreamNotFoundError, TsharkError
from tcpwin.tshark import read_packet
from tests.tshark import fake
from tests.tshark.packets import eth, ip4, save, talk, tcp, unreachable

GET = b"GET /a HTTP/1.1\r\nHost: b.example\r\n\r\n"


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    return save(tmp_path / "x.pcap", [eth(bytes(30), 0x806), *talk(5000, 80, (True, GET))])


def test_everything_is_dissected(capture: Path, tshark: Path) -> None:
    packet = read_packet(capture, 4, tshark=tshark)
    assert packet.number == "4"
    assert packet.http.host == "b.example"
    assert packet.tcp.seq == "1"
    assert packet.highest_layer == "HTTP"
    assert "arp" in read_packet(capture, 1, tshark=tshark)


def test_options_reach_tshark(capture: Path, tshark: Path) -> None:
    packet = read_packet(capture, 4, tshark=tshark, decode_as={"tcp.port==80": "echo"})
    assert "echo" in packet
    packet = read_packet(
        capture, 4, tshark=tshark, prefs={"tcp.relative_sequence_numbers": "FALSE"}
    )
    assert packet.tcp.seq == packet.tcp.seq_raw


def test_several_layers_of_tcp(tshark: Path, tmp_path: Path) -> None:
    path = save(tmp_path / "x.pcap", [eth(unreachable(ip4(tcp(b"", 5002, 7777))))])
    assert read_packet(path, 1, tshark=tshark).icmp.type == "3"


@pytest.mark.parametrize("frame", [0, -1, 5, 10**9])
def test_no_such_frame(frame: int, capture: Path, tshark: Path) -> None:
    with pytest.raises(StreamNotFoundError, match=f"there is no frame {frame}:"):
        read_packet(capture, frame, tshark=tshark)


def test_inside_a_running_loop(capture: Path, tshark: Path) -> None:
    async def cell() -> str:
        return str(read_packet(capture, 4, tshark=tshark).tcp.dstport)

    assert asyncio.run(cell()) == asyncio.run(cell()) == "80"


def test_errors(capture: Path, tshark: Path, tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="there is no file"):
        read_packet(tmp_path / "missing", 1, tshark=tshark)
    with pytest.raises(TsharkError, match="decode_as or prefs"):
        read_packet(capture, 1, tshark=tshark, prefs={"no.such": "1"})


def test_config_ini_of_the_folder_is_not_obeyed(
    capture: Path, tshark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = fake.program(tmp_path / "tshark", f"touch {tmp_path}/was-run")
    (tmp_path / "config.ini").write_text(f"[tshark]\ntshark_path = {evil}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pyshark.config.fp_config_path", tmp_path / "config.ini")
    assert read_packet(capture, 4, tshark=tshark).number == "4"
    assert not (tmp_path / "was-run").exists()
