"""Captures of a few streams made on the spot, and `run`: the command line in this process."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import click.testing
import pytest

from fixtures.lab.frames import ACK, FIN, PSH, SYN, tcp
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


def bad_reader(client_port: int, start_ns: int, probes_s: tuple[float, ...]) -> list[Frame]:
    """A handshake, 4000 bytes from the server that fill the window, and probes of it."""
    client, server = ("10.0.0.1", client_port), ("10.0.0.2", 80)
    packets = [
        tcp(client, server, seq=100, ack=0, flags=SYN, window=4000, options=MSS_OPTION),
        tcp(server, client, seq=500, ack=101, flags=SYN | ACK, window=64000, options=MSS_OPTION),
        tcp(client, server, seq=101, ack=501, flags=ACK, window=4000),
    ]
    data = b"x" * 1000
    packets += [
        tcp(server, client, seq=501 + 1000 * n, ack=101, flags=ACK, window=64000, payload=data)
        for n in range(4)
    ]
    packets.append(tcp(client, server, seq=101, ack=4501, flags=ACK, window=0))
    times = [n * 10_000_000 for n in range(len(packets))]
    for wait in probes_s:
        packets += [
            tcp(server, client, seq=4500, ack=101, flags=ACK, window=64000),
            tcp(client, server, seq=101, ack=4501, flags=ACK, window=0),
        ]
        times += [int(wait * 1e9), int(wait * 1e9) + 10_000_000]
    return [Frame(start_ns + t, d, len(d)) for t, d in zip(times, packets, strict=True)]


def reopening(client_port: int, start_ns: int) -> list[Frame]:
    """The window opens again, 1000 more bytes come, and both sides close."""
    client, server = ("10.0.0.1", client_port), ("10.0.0.2", 80)
    data = b"x" * 1000
    packets = [
        tcp(client, server, seq=101, ack=4501, flags=ACK, window=4000),
        tcp(server, client, seq=4501, ack=101, flags=ACK | FIN, window=64000, payload=data),
        tcp(client, server, seq=101, ack=5502, flags=ACK | FIN, window=4000),
        tcp(server, client, seq=5502, ack=102, flags=ACK, window=64000),
    ]
    return [Frame(start_ns + n * 10_000_000, d, len(d)) for n, d in enumerate(packets)]


@pytest.fixture
def troubled(here: Path) -> Path:
    """Stream 0 is healthy, 1 stands for 1 s, 2 for 3 s until the capture ends, 3 is healthy."""
    begin = 1_700_000_000_000_000_000
    frames = [
        *conversation(40000, 3, begin),
        *bad_reader(40001, begin + 10_000_000, (0.3, 0.7)),
        *reopening(40001, begin + 1_000_000_000),
        *bad_reader(40002, begin + 1_000_000_000, (0.3, 0.7, 1.5, 3.0)),
        *conversation(40003, 3, begin + 3_500_000_000),
    ]
    frames.sort(key=lambda frame: frame.ns)
    (here / "t.pcapng").write_bytes(to_bytes(frames))
    return Path("t.pcapng")


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
