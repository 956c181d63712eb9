import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
import rich.console
from click.testing import CliRunner

from tcpwin.cli.common import Source, reads_capture, track

Ask = Callable[..., Any]


@pytest.fixture
def ask() -> Ask:
    """Give arguments to a command that only tells what it was given."""
    given = []

    @click.command()
    @reads_capture
    @click.option("--more", is_flag=True)
    def command(source: Source, more: bool) -> None:
        """Help."""
        given.append((source, more))

    def invoke(*arguments: str) -> Any:
        result = CliRunner().invoke(command, arguments)
        return given.pop() if result.exit_code == 0 else result

    return invoke


def test_the_options_of_reading_become_a_source(ask: Ask) -> None:
    source, more = ask(
        *("x.pcap", "--more", "--filter", "tcp.port == 80", "--tshark", "somewhere/tshark"),
        *("--decode-as", "tcp.port==8888,http", "--decode-as", "udp.port==1-9,vxlan"),
    )
    assert more
    assert (source.path.name, source.display_filter) == ("x.pcap", "tcp.port == 80")
    assert source.tshark == "somewhere/tshark"
    assert source.decode_as == {"tcp.port==8888": "http", "udp.port==1-9": "vxlan"}


def test_without_options(ask: Ask) -> None:
    source, more = ask("--", "-r")
    assert not more
    assert (str(source.path), source.display_filter) == ("-r", None)
    assert (source.decode_as, source.tshark) == (None, None)


@pytest.mark.parametrize("value", ["http", "tcp.port==1", "tcp.port,http", "tcp.port==1,"])
def test_decode_as_that_is_none(ask: Ask, value: str) -> None:
    result = ask("x.pcap", "--decode-as", value)
    assert result.exit_code == 2
    assert "tcp.port==8888,http" in result.stderr


def test_a_source_reads(capture: Path) -> None:
    assert Source(capture, display_filter="tcp.stream == 2").read().streams["stream"].tolist() == [
        2
    ]


def test_track_is_silent_unless_stderr_is_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(track([1, 2], "Counting", 2)) == [1, 2]
    assert capsys.readouterr() == ("", "")
    screen = io.StringIO()
    terminal = rich.console.Console(file=screen, force_terminal=True, width=80)
    monkeypatch.setattr(rich.console, "Console", lambda **_: terminal)
    assert list(track([1, 2], "Counting", 2)) == [1, 2]
    assert "Counting" in screen.getvalue()
