import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import tcpwin as tw
from tcpwin.analysis.findings import CAUSES
from tcpwin.cli import diagnose
from tcpwin.cli.app import cli

Run = Callable[..., Result]

FIXTURES = Path(__file__).parents[2] / "fixtures"
SCREEN = 40
DEAD = FIXTURES / "dead-reader.client.pcapng"
HALF = FIXTURES / "handmade-99-percent.pcapng.gz"


def frames_of(result: Result) -> list[str]:
    """The lines of a listing of several streams that are about one stream."""
    return [line for line in result.stdout.splitlines() if re.match(r" *\d+ +[\d-]", line)]


@pytest.mark.parametrize(
    "name",
    ["slow-reader.client", "random-loss.server", "stop99-app.client", "single-loss.middle"],
)
def test_one_stream_fits_a_screen(run: Run, name: str) -> None:
    result = run("diagnose", FIXTURES / f"{name}.pcapng.gz", "--stream", "0")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert len(lines) <= SCREEN
    text = [line for line in lines if "frame.number" not in line]  # a filter stays whole
    assert max(map(len, text)) <= 80


def test_one_stream_in_words(run: Run) -> None:
    result = run("diagnose", DEAD)
    assert result.stdout == str(tw.read(DEAD).stream(0).diagnose()) + "\n"
    assert "zero-window - receiver" in result.stdout
    assert "Next: " in result.stdout


def test_verbose_says_everything(run: Run) -> None:
    whole = run("diagnose", DEAD, "--verbose").stdout
    assert whole == tw.read(DEAD).stream(0).diagnose().text(verbose=True) + "\n"


def test_several_streams_the_worst_first(run: Run, troubled: Path) -> None:
    result = run("diagnose", troubled)
    assert (result.exit_code, result.stderr) == (0, "")
    head, _, titles, *_ = result.stdout.splitlines()
    assert head == "t.pcapng: 4 streams, 2 not healthy"
    assert titles.split() == ["stream", "lost", "verdict", "who", "client", "->", "server"]
    assert [line.split()[0] for line in frames_of(result)] == ["2", "1"]
    assert "zero-window" in frames_of(result)[0]
    assert "10.0.0.1:40002 -> 10.0.0.2:80" in frames_of(result)[0]
    assert "\nand 2 healthy\n" in result.stdout
    assert "The worst, stream 2: zero-window - receiver" in result.stdout
    assert "\nNext: " in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_chosen_streams(run: Run, troubled: Path) -> None:
    result = run("diagnose", troubled, "--stream", "1", "--stream", "0", "--stream", "1")
    assert result.stdout.startswith("t.pcapng: 2 streams, 1 not healthy\n")
    assert [line.split()[0] for line in frames_of(result)] == ["1"]
    assert run("diagnose", troubled, "--stream", "3").stdout.startswith("Stream 3 ")


def test_verbose_tells_of_every_stream_the_worst_first(run: Run, troubled: Path) -> None:
    told = re.findall(r"^Stream (\d+) ", run("diagnose", troubled, "--verbose").stdout, re.M)
    assert told == ["2", "1", "0", "3"]


def test_more_than_a_screen_is_counted(
    run: Run, troubled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnose, "MOST_LINES", 1)
    result = run("diagnose", troubled)
    assert [line.split()[0] for line in frames_of(result)] == ["2"]
    assert "\nand 1 more: 1 zero-window\n" in result.stdout


def test_healthy_streams(run: Run) -> None:
    result = run("diagnose", FIXTURES / "many-streams.client.pcapng.gz")
    assert result.stdout == "many-streams.client.pcapng.gz: 40 streams, all healthy\n"


def test_json_is_that_of_the_definitions(run: Run, troubled: Path) -> None:
    result = run("diagnose", troubled, "--json")
    assert json.loads(result.stdout) == json.loads(
        json.dumps(tw.read(troubled).diagnose().to_dict())
    )
    got = json.loads(result.stdout)
    assert set(got) == {"tcpwin", "tshark", "capture", "streams"}
    assert [stream["stream"] for stream in got["streams"]] == [0, 1, 2, 3]
    assert set(got["streams"][0]["verdict"]) == (
        {"cause", "blame", "flow", "lost_s", "share", "confidence", "claim"}
    )


def test_json_of_chosen_streams(run: Run, troubled: Path) -> None:
    got = json.loads(run("diagnose", troubled, "--json", "--stream", "2", "--stream", "1").stdout)
    assert [stream["stream"] for stream in got["streams"]] == [1, 2]
    assert got["capture"]["streams"] == 2  # that were read


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--fail-on", "zero-window"], 3),
        (["--fail-on", "loss, zero-window", "--json"], 3),
        (["--fail-on", "healthy"], 3),
        (["--fail-on", "loss,rto"], 0),
        (["--fail-on", "zero-window", "--stream", "0"], 0),
        (["--fail-on", "zero-window", "--stream", "0", "--stream", "1"], 3),
        (["--fail-on", "zero-window", "--verbose"], 3),
    ],
)
def test_fail_on(run: Run, troubled: Path, arguments: list[str], code: int) -> None:
    result = run("diagnose", troubled, *arguments)
    assert (result.exit_code, result.stderr) == (code, "")
    assert result.stdout


def test_fail_on_findings_beside_the_verdict(run: Run) -> None:
    capture = FIXTURES / "stop99-app-fin.client.pcapng.gz"
    found = tw.read(capture).stream(0).diagnose()
    others = {finding.cause for finding in found.findings} - {found.verdict.cause}
    assert others
    for cause in others:
        assert run("diagnose", capture, "--fail-on", cause).exit_code == 3
        assert run("diagnose", capture, "--fail-on", cause, "--stream", "0").exit_code == 3


@pytest.mark.parametrize("value", ["zero_window", "loss,nonsense", "", ","])
def test_fail_on_knows_its_words(run: Run, value: str) -> None:
    result = run("diagnose", "missing.pcapng", "--fail-on", value)
    assert (result.exit_code, result.stdout) == (2, "")
    plain = " ".join(result.stderr.split())
    assert all(cause in plain for cause in CAUSES)


def test_a_stream_that_is_not_there(run: Run, troubled: Path) -> None:
    result = run("diagnose", troubled, "--stream", "7")
    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        result.stderr
        == "tcpwin: no stream of t.pcapng matches: it has 0–3; widen the filter or name another\n"
    )


def test_a_filter_picks_streams(run: Run, troubled: Path) -> None:
    result = run("diagnose", troubled, "--filter", "tcp.port == 40001")
    assert result.stdout.startswith("Stream 1 ")


@pytest.mark.skipif("\\" in str(FIXTURES), reason="Windows has no such file names")
def test_a_name_cannot_move_the_cursor(run: Run, here: Path) -> None:
    strange = here / "a\x1b[2J\n.pcapng"
    strange.write_bytes(gzip.decompress(HALF.read_bytes()))
    result = run("diagnose", strange)
    assert result.stdout.startswith("a\\x1b[2J\\n.pcapng: 3 streams")
    assert "\x1b" not in result.stdout


def test_bold_on_a_terminal_unless_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["diagnose", str(DEAD)]
    terminal = {"FORCE_COLOR": "1", "NO_COLOR": ""}
    bold = CliRunner().invoke(cli, arguments, color=True, env=terminal).stdout
    assert bold.startswith("\x1b[1mStream 0")
    assert bold.count("\x1b") == 2
    plain = CliRunner().invoke(cli, arguments, color=True, env={**terminal, "NO_COLOR": "1"}).stdout
    assert "\x1b" not in plain
    assert "\x1b" not in CliRunner().invoke(cli, arguments).stdout
