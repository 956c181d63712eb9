"""A capture with three streams made on the spot, and `run`: the command line in this process."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import click.testing
import pytest

from fixtures.lab.frames import ACK, PSH, SYN, tcp
from fixtures.lab.pcapng import Frame, to_bytes
from tcpwin.cli.app import cli

Run = Callable[..., click.testing.Result]

MSS_OPTION = bytes([2, 4, 0x05, 0xB4])


def conversation(client_port: int, answers: int, start_ns: int) -> list[Frame]:
    """A handshake, then `answers` segments of 1000 bytes from the server, each acknowledged."""
    client, server = ("10.0.0.1", client_port), ("10.0.0.2", 80)
    packets = [
        tcp(client, server, seq=100, ack=0, flags=SYN, window=64000, options=MSS_OPTION),
        tcp(server, client, seq=500, ack=101, flags=SYN | ACK, window=64000, options=MSS_OPTION),
        tcp(client, server, seq=101, ack=501, flags=ACK, window=64000),
    ]
    for n in range(answers):
        seq = 501 + 1000 * n
        data = b"x" * 1000
        packets += [
            tcp(server, client, seq=seq, ack=101, flags=ACK | PSH, window=64000, payload=data),
            tcp(client, server, seq=101, ack=seq + 1000, flags=ACK, window=64000 - 1000 * n),
        ]
    times = (start_ns + n * 10_000_000 for n in range(len(packets)))
    return [Frame(ns, data, len(data)) for ns, data in zip(times, packets, strict=True)]


@pytest.fixture(scope="session")
def capture_bytes() -> bytes:
    """Stream 0 has 2000 bytes, stream 1 none, stream 2 8000."""
    begin = 1_700_000_000_000_000_000
    talk = [(40000, 2), (40001, 0), (40002, 8)]
    frames = [conversation(port, n, begin + i * 10**9) for i, (port, n) in enumerate(talk)]
    return to_bytes([frame for stream in frames for frame in stream])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: an empty one."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def capture(here: Path, capture_bytes: bytes) -> Path:
    """The capture as x.pcapng in the current folder."""
    (here / "x.pcapng").write_bytes(capture_bytes)
    return Path("x.pcapng")


@pytest.fixture
def run() -> Run:
    """Run tcpwin with these arguments."""

    def run_tcpwin(*arguments: str | os.PathLike[str]) -> click.testing.Result:
        return click.testing.CliRunner().invoke(cli, [*map(os.fspath, arguments)])

    return run_tcpwin


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str, str], Path]:
    """Make a shell script that stands in for tshark."""

    def make(name: str, script: str) -> Path:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make
