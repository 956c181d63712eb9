import asyncio
import os
from itertools import pairwise
from pathlib import Path

import pytest

from tcpwin import schema
from tcpwin.tshark.command import (
    NOTHING_ABOVE_TCP,
    PINNED,
    TsharkCapture,
    capture_command,
    column_format,
    private_environment,
)
from tcpwin.tshark.executable import Tshark
from tests.tshark.packets import save

PROGRAM = Tshark("/opt/tshark", (4, 0, 0))


def pairs(command: list[str], option: str) -> list[str]:
    return [value for name, value in pairwise(command) if name == option]


def test_pyshark_builds_the_command(tmp_path: Path) -> None:
    path = save(tmp_path / "x.pcap", [])
    command = capture_command(
        path, PROGRAM, "-T", "tabs",
        display_filter="tcp", decode_as={"udp.port==9": "vxlan"}, prefs={"ip.defragment": "FALSE"},
    )  # fmt: skip
    assert command[:2] == ["/opt/tshark", "-n"]
    assert command[-4:] == ["-r", str(path), "-T", "tabs"]
    assert pairs(command, "-Y") == ["tcp"]
    assert pairs(command, "-d") == ["udp.port==9,vxlan"]
    expected = {**PINNED, "ip.defragment": "FALSE"}
    assert sorted(pairs(command, "-o")) == sorted(f"{k}:{v}" for k, v in expected.items())


def test_from_standard_input(tmp_path: Path) -> None:
    path = save(tmp_path / "x.pcap", [])
    assert pairs(capture_command(path, PROGRAM, from_stdin=True), "-r") == ["-"]


def test_a_running_loop_does_not_matter(tmp_path: Path) -> None:
    path = save(tmp_path / "x.pcap", [])

    async def cell() -> list[str]:
        return capture_command(path, PROGRAM)

    assert asyncio.run(cell()) == capture_command(path, PROGRAM)


def test_config_ini_names_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ini = tmp_path / "config.ini"
    ini.write_text(f"[tshark]\ntshark_path = {save(tmp_path / 'evil', [])}\n")
    monkeypatch.setattr("pyshark.config.fp_config_path", ini)
    monkeypatch.chdir(tmp_path)
    capture = TsharkCapture(save(tmp_path / "x.pcap", []), PROGRAM)
    assert capture.command()[0] == "/opt/tshark"


def test_the_columns_asked_for() -> None:
    text = column_format([schema.describe(n) for n in ("frame", "seq", "src", "sack_le")])
    assert text == (
        'gui.column.format:"0","%m","1","%Cus:tcp.seq:-1:U",'
        '"2","%Cus:ip.src or ipv6.src:-1:U","3","%Cus:tcp.options.sack_le:0:U"'
    )


def test_every_port_is_left_alone() -> None:
    assert NOTHING_ABOVE_TCP == {"tcp.port==1-65535": "data"}


def test_the_environment_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRESHARK_DATA_DIR", "/nowhere")
    monkeypatch.setenv("KEPT", "yes")
    with private_environment() as environment:
        folder = Path(environment["WIRESHARK_CONFIG_DIR"])
        assert not any(folder.iterdir())
        assert environment["HOME"] == str(folder) != os.environ.get("HOME")
        assert "WIRESHARK_DATA_DIR" not in environment
        assert environment["KEPT"] == "yes"
    assert not folder.exists()
