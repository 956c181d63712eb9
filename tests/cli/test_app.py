import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result

import tcpwin.cli
from tcpwin.cli import app
from tcpwin.errors import CaptureError, TcpwinWarning

Run = Callable[..., Result]
MakeProgram = Callable[[str, str], Path]
RunBody = Callable[[Callable[[], None]], Result]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, run: Run) -> RunBody:
    """A command made of the given function."""

    def run_body(body: Callable[[], None]) -> Result:
        monkeypatch.setitem(app.cli.commands, "made", click.command("made")(body))
        return run("made")

    return run_body


def tcpwin_process(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tcpwin", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_an_error_is_one_line_whatever_it_holds(command: RunBody) -> None:
    def body() -> None:
        raise CaptureError("a\nb\x1b[2J is no capture: name another")

    result = command(body)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "tcpwin: a\\nb\\x1b[2J is no capture: name another\n"


def test_interrupted(command: RunBody) -> None:
    def body() -> None:
        raise KeyboardInterrupt

    result = command(body)
    assert result.exit_code == 130
    assert result.stderr.startswith("tcpwin: interrupted")
    assert result.stderr.count("\n") == 1


def test_a_warning_is_a_line_and_comes_once(command: RunBody) -> None:
    def body() -> None:
        for _ in range(2):
            warnings.warn("cut short: half is used", TcpwinWarning, stacklevel=1)

    result = command(body)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "tcpwin: warning: cut short: half is used\n"


def test_what_the_system_refuses_is_one_line(command: RunBody) -> None:
    def body() -> None:
        raise OSError(28, "No space left on device")

    result = command(body)
    assert result.exit_code == 1
    assert result.stderr.startswith("tcpwin: the system refuses ([Errno 28] No space left")
    assert result.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is full")
def test_a_full_standard_output(capture: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tcpwin", "streams", capture],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("tcpwin: the system refuses")
    assert done.stderr.count("\n") == 1


def test_version(run: Run) -> None:
    assert run("--version").stdout.startswith("tcpwin ")


def test_a_defect_keeps_its_traceback(command: RunBody) -> None:
    def body() -> None:
        raise ZeroDivisionError

    assert isinstance(command(body).exception, ZeroDivisionError)


def test_usage_errors_are_2(run: Run) -> None:
    for arguments in (["nonsense"], ["report"], ["report", "x", "--top", "-1"], ["streams", "--x"]):
        assert run(*arguments).exit_code == 2


def test_every_command_is_listed_with_help(run: Run) -> None:
    listed = run("--help").stdout
    for one in app.COMMANDS:
        assert one.name in listed
        assert "..." not in one.get_short_help_str(limit=68)
        assert run(one.name, "-h").exit_code == 0


def test_the_entry_point_is_main() -> None:
    assert tcpwin.cli.main is app.main


def test_help_starts_at_once_because_nothing_heavy_is_imported() -> None:
    code = "import sys, tcpwin.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert not {"pandas", "numpy", "matplotlib", "pyshark", "pyarrow", "rich"} & set(loaded)


def test_a_reader_that_goes_away_is_no_error(capture: Path) -> None:
    process = tcpwin_process("streams", capture, "--json")
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(30) == 0
    process.stderr.close()


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_leaves_nothing_behind(
    capture: Path, here: Path, tmp_path: Path, program: MakeProgram, number: int, code: int
) -> None:
    slow = program(
        "tshark",
        f"""case "$*" in
        *--version*) echo 'TShark (Wireshark) 4.0.17';;
        *-G*) ;;
        *) echo $$ > '{tmp_path}/pid'; exec sleep 60;;
        esac""",
    )
    process = tcpwin_process("report", capture, "--tshark", slow, start_new_session=True)
    pid = tmp_path / "pid"
    patience = time.monotonic() + 30
    while not (pid.exists() and pid.read_text().strip()):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < patience
        time.sleep(0.02)
    process.send_signal(number)
    out, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert out == ""
    assert "Traceback" not in errors
    assert errors.count("\n") <= 1
    assert [path.name for path in here.iterdir()] == ["x.pcapng"]
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
