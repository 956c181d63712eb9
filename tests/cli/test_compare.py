import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from fixtures.lab import pcapng
from tests.compared import PAIRS

Run = Callable[..., Result]
DIES, HEALTHY = PAIRS["stop99-data-dies"], PAIRS["healthy"]


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("tcpwin: ")
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr


def test_the_verdict_that_neither_capture_gives_alone(run: Run, here: Path) -> None:
    result = run("compare", DIES.server, DIES.client)
    assert result.exit_code == 0, result.output
    assert "Verdict: path-silent - path" in result.stdout
    text = " ".join(result.stdout.split())
    assert "none reached the client: the path server->client swallows them" in text
    assert list(here.iterdir()) == []


def test_a_folder_with_pictures(run: Run, here: Path) -> None:
    result = run("compare", DIES.client, DIES.server, "-o", "out")
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith(f"Wrote {Path('out/report.html')} (2 pictures)\n")
    names = sorted(path.name for path in (here / "out").iterdir())
    assert names == ["delays.png", "index.md", "ladder.png", "report.html", "summary.json"]
    refused(run("compare", DIES.client, DIES.server, "-o", "out"), "--force")
    other = PAIRS["pausing-reader"].client
    result = run("compare", HEALTHY.client, other, "--runs", "-o", "out", "--force", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["flow"] == "server->client"
    assert result.stderr == f"Wrote {Path('out/report.html')} (1 picture)\n"
    names = sorted(path.name for path in (here / "out").iterdir())
    assert names == ["index.md", "report.html", "runs.png", "summary.json"]


def test_json_for_programs(run: Run) -> None:
    told = json.loads(run("compare", DIES.client, DIES.server, "--json").stdout)
    assert told["verdict"]["cause"] == "path-silent"
    assert len(told["flows"]["server->client"]["lost_frames"]) == DIES.count


def test_streams_are_chosen(run: Run) -> None:
    many = PAIRS["many-streams"]
    result = run("compare", many.client, many.server, "--stream", "7", "--stream", "7")
    assert "many-streams.client.pcapng.gz, stream 7" in result.stdout
    refused(run("compare", many.client, many.server, "--stream", "99"), "has no stream 99")
    result = run("compare", many.client, many.client, "--runs", "--stream", "1", "--stream", "2")
    assert "a: many-streams.client.pcapng.gz, stream 1" in result.stdout
    assert "b: many-streams.client.pcapng.gz, stream 2" in result.stdout
    result = run("compare", many.client, many.server, *["--stream", "1"] * 3)
    assert result.exit_code == 2
    assert "at most one stream for each" in result.stderr


def test_what_cannot_be_compared_is_one_line(run: Run, here: Path) -> None:
    refused(run("compare", HEALTHY.client, HEALTHY.client), "they are one capture")
    refused(run("compare", HEALTHY.client, HEALTHY.client, "--runs"), "same transfer")
    other = PAIRS["random-loss"].server
    for more in ((), ("--stream", "0"), ("-o", "out")):
        refused(run("compare", HEALTHY.client, other, *more), "no connection in common")
    refused(run("compare", HEALTHY.client, "nothing.pcap"), "nothing.pcap")
    refused(run("compare", here, HEALTHY.client), "is a folder")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("share", [0.9, 0.3])
def test_a_file_that_was_cut_is_used_as_far_as_it_goes(run: Run, here: Path, share: float) -> None:
    """What came after the cut may not be called lost."""
    pcapng.write(here / "server.pcapng", pcapng.read(PAIRS["random-loss"].server))
    size = (here / "server.pcapng").stat().st_size
    os.truncate(here / "server.pcapng", int(size * share))
    result = run("compare", PAIRS["random-loss"].client, "server.pcapng", "--json")
    assert result.exit_code == 0, result.output
    assert result.stderr.startswith("tcpwin: warning: ")
    told = json.loads(result.stdout)
    up = told["flows"]["client->server"]["fates"]
    assert (up["lost"], up["capture-missed"]) == (0, 0)
    assert up["unknown"] > 0
    assert told["captures"]["server"]["warnings"]
