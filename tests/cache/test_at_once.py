"""Several processes in one folder, and those that are killed in it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tcpwin as tw
from tests.cache.test_frames import assert_same
from tests.cache.test_kept import SMALL, files, no_process, of
from tests.tshark.packets import eth, ip4, save, tcp


def test_several_at_once(cache_folder: Path, tmp_path: Path) -> None:
    """Processes that find nothing, all write, and all say the same."""
    frames = [eth(ip4(tcp(b"x" * 100, seq=100 + 100 * n))) for n in range(20_000)]
    capture = save(tmp_path / "x.pcap", frames, step=1)
    command = [sys.executable, "-m", "tcpwin", "streams", str(capture)]
    for _ in range(2):
        running = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for _ in range(3)
        ]
        said = [process.communicate(timeout=120) for process in running]
        assert [process.returncode for process in running] == [0] * 3
        assert len(set(said)) == 1
        assert said[0][1] == b""
        assert files(cache_folder) == {"packets.parquet", "http.parquet", "icmp.parquet"}
    with no_process():
        assert len(tw.read(capture).packets) == 20_000


WRITER = """
import os, signal, sys
from tcpwin.cache import kept
from tcpwin.cache.frames import pq
from tcpwin.tshark import read_packets

reading = read_packets(sys.argv[1])
one = kept(sys.argv[1])
{body}
"""
HALF = """
whole = pq.write_table

def half(table, file, **options):
    whole(table.slice(0, 10), file, **options)
    file.flush()
    os.kill(os.getpid(), signal.{name})

pq.write_table = half
one.keep_reading(reading)
"""
AGAIN_AND_AGAIN = """
while True:
    one.keep_reading(reading)
    print("kept", flush=True)
"""


def writer(body: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER.format(body=body), str(SMALL)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_killed_in_the_middle_of_writing(cache_folder: Path) -> None:
    process = writer(HALF.format(name="SIGKILL"))
    process.communicate(timeout=60)
    assert process.returncode == -9
    (part,) = cache_folder.iterdir()
    assert part.suffix == ".part"
    assert of(SMALL).reading() is None
    os.utime(part, (time.time() - 7200,) * 2)
    first = tw.read(SMALL)
    assert files(cache_folder) == {"packets.parquet"}
    with no_process():
        assert_same(tw.read(SMALL).packets, first.packets)


def test_interrupted_in_the_middle_of_writing(cache_folder: Path) -> None:
    process = writer(HALF.format(name="SIGINT"))
    _, said = process.communicate(timeout=60)
    assert b"KeyboardInterrupt" in said
    assert list(cache_folder.iterdir()) == []


@pytest.mark.parametrize("wait_s", [0.0, 0.0123, 0.0456])
def test_killed_at_any_moment(wait_s: float, cache_folder: Path) -> None:
    process = writer(AGAIN_AND_AGAIN)
    assert process.stdout is not None
    assert process.stdout.readline() == b"kept\n"
    time.sleep(wait_s)
    process.kill()
    process.communicate(timeout=60)
    with no_process():
        assert len(tw.read(SMALL).packets)
    assert {path.suffix for path in cache_folder.iterdir()} <= {".parquet", ".part"}
