"""One run of a program: fed, watched, and gone afterwards whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tcpwin.errors import CaptureError, TsharkError
from tcpwin.tshark import process, read_packets
from tcpwin.tshark.process import run_tshark
from tests.conftest import FIXTURES
from tests.tshark import fake
from tests.tshark.packets import eth, ip4, save, tcp
from tests.tshark.processes import processes

HEALTHY = next(FIXTURES.glob("healthy.client.pcapng*"))


def running(sign: str) -> list[str]:
    """Processes with this on their command line, without those that have ended."""
    return [one.command for one in processes() if sign in one.command and one.state != "Z"]


def test_fed_and_heard(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(os.urandom(3_000_000))
    seen: list[tuple[int, int]] = []
    script = "cat; echo one >&2; echo 'Running as user root' >&2; echo ' ' >&2; exit 3"
    with run_tshark(
        ["sh", "-c", script], os.environ, feed=path, progress=lambda *state: seen.append(state)
    ) as run:
        assert run.read(10) + run.read() == path.read_bytes()
        assert run.read() == b""
        assert run.finish() == (3, ["one"])
    assert seen[-1] == (3_000_000, 3_000_000)


def test_more_errors_than_a_pipe_holds() -> None:
    script = "yes complaint | head -100000 >&2; echo done"
    with run_tshark(["sh", "-c", script], os.environ) as run:
        assert run.read() == b"done\n"
        assert len(run.finish()[1]) == 100_000


def test_a_program_that_does_not_want_its_input(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(bytes(3_000_000))
    with run_tshark(["sh", "-c", "exit 5"], os.environ, feed=path) as run:
        assert run.finish() == (5, [])


def test_input_that_cannot_be_read(tmp_path: Path) -> None:
    with run_tshark(["cat"], os.environ, feed=tmp_path) as run:
        assert run.read() == b""
        with pytest.raises(CaptureError, match="cannot be read to its end"):
            run.finish()


def test_an_error_inside_ends_it_and_its_children() -> None:
    script = "sleep 98761 & sleep 98761"
    with pytest.raises(ZeroDivisionError), run_tshark(["sh", "-c", script], os.environ):
        raise ZeroDivisionError
    assert running("sleep 98761") == []


def test_patience_is_with_tshark_and_not_with_the_caller() -> None:
    script = "echo a; sleep 0.2; echo b"
    with run_tshark(["sh", "-c", script], os.environ, patience_s=0.6) as run:
        assert run.read(2) == b"a\n"
        time.sleep(1.2)
        assert run.read(2) == b"b\n"
        assert run.finish() == (0, [])


def test_slow_is_not_dead() -> None:
    script = "for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done"
    with run_tshark(["sh", "-c", script], os.environ, patience_s=0.8) as run:
        assert len(run.read()) == 12
        assert run.finish()[0] == 0


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("exit 7", "exit code 7"),
        ("cat >/dev/null; kill -SEGV $$", "exit code -11"),
        ("echo 'tshark: Out of memory.' >&2; exit 1", "Out of memory"),
        ("sleep 98762 & sleep 98762", "no sign of life"),
        ("exec >&-; sleep 98762", "no sign of life"),
        ("echo nonsense; exit 0", "printed what is no table"),
    ],
)
def test_a_tshark_that_dies_or_hangs(
    script: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setattr(process, "PATIENCE_S", 0.5)
    with pytest.raises(TsharkError) as error:
        read_packets(HEALTHY, tshark=fake.tshark(tmp_path / "tshark", script))
    assert says in str(error.value)
    assert str(error.value).isprintable()
    assert not any(folder.iterdir())
    assert running("sleep 98762") == []


@pytest.mark.parametrize("lines", [1, 10])
def test_ctrl_c_leaves_nothing(lines: int, tshark: Path, tmp_path: Path) -> None:
    """KeyboardInterrupt while it reads: no tshark and no temporary folder stay behind."""
    capture = save(tmp_path / "x.pcap", [eth(ip4(tcp(b"x" * 500)))] * 100_000, step=1)
    folder = tmp_path / "temporary"
    folder.mkdir()
    code = (
        "import sys; from tcpwin.tshark import read_packets\n"
        "progress = lambda done, total: print(done, flush=True)\n"
        "read_packets(sys.argv[1], tshark=sys.argv[2], progress=progress)\n"
    )
    reading = subprocess.Popen(
        [sys.executable, "-c", code, str(capture), str(tshark)],
        env={**os.environ, "TMPDIR": str(folder), "PYTHONPATH": str(FIXTURES.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert reading.stdout is not None
    for _ in range(lines):
        assert reading.stdout.readline()
    reading.send_signal(signal.SIGINT)
    _, said = reading.communicate(timeout=60)
    assert b"KeyboardInterrupt" in said
    assert reading.returncode != 0
    assert not any(folder.iterdir())
    assert running(f"{capture}") == []
