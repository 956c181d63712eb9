import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import rich.console
from click.testing import Result

import tcpwin as tw
from tcpwin.cli import streams

Run = Callable[..., Result]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Standard output is a terminal of 80 columns, as far as rich can tell."""
    screen = io.StringIO()
    console = rich.console.Console(file=screen, force_terminal=True, width=80, color_system=None)
    monkeypatch.setattr(rich.console, "Console", lambda **_: console)
    return screen


def test_in_a_pipe_lines_with_tabs(run: Run, capture: Path) -> None:
    result = run("streams", capture)
    assert result.exit_code == 0, result.output
    head, *lines = result.stdout.splitlines()
    assert head.split("\t")[:3] == ["stream", "client", "server"]
    assert [line.split("\t")[:3] for line in lines] == [
        ["0", "10.0.0.1:40000", "10.0.0.2:80"],
        ["1", "10.0.0.1:40001", "10.0.0.2:80"],
        ["2", "10.0.0.1:40002", "10.0.0.2:80"],
    ]
    assert {line.count("\t") for line in lines} == {head.count("\t")}
    assert "\x1b" not in result.stdout


def test_json_has_every_column(run: Run, capture: Path) -> None:
    rows = json.loads(run("streams", capture, "--json").stdout)
    frame = tw.read(capture).streams
    assert [list(row) for row in rows] == [list(frame.columns)] * 3
    assert [row["bytes"] for row in rows] == [2000, 0, 8000]


def test_on_a_terminal_a_table(run: Run, capture: Path, terminal: io.StringIO) -> None:
    assert run("streams", capture).exit_code == 0
    shown = terminal.getvalue()
    assert "10.0.0.1:40002" in shown
    assert "8 kB" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_the_largest_of_too_many(
    run: Run, capture: Path, terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_ROWS", 2)
    result = run("streams", capture)
    assert "40001" not in terminal.getvalue()
    assert result.stderr == "The 2 largest of 3 streams; --json has all.\n"


@pytest.mark.parametrize(("no_color", "escapes"), [("", True), ("1", False)])
def test_no_color_leaves_no_escape_sequence(
    run: Run, capture: Path, monkeypatch: pytest.MonkeyPatch, no_color: str, escapes: bool
) -> None:
    for name, value in (("FORCE_COLOR", "1"), ("NO_COLOR", no_color), ("COLUMNS", "80")):
        monkeypatch.setenv(name, value)
    shown = run("streams", capture).stdout
    assert "window" in shown.splitlines()[0]
    assert ("\x1b" in shown) == escapes
