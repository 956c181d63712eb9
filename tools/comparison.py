"""Measures the table of docs/comparison.md; `tools.docs` writes it there.

Each row is a number that the truth file of a fixture knows, as each program gives it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import tcpwin as tw

ROOT: Final = Path(__file__).resolve().parent.parent
VERSIONS: Final = {"tshark": "4.0", "tcptrace": "6.6.7"}  # the ones the page is about
DOWN: Final = "server->client"
HEAD: Final = ("of the download in …", "truth", "tcpwin", "tshark", "tcptrace")


@dataclass(frozen=True)
class Row:
    """One number: how each program is asked for it."""

    question: str
    fixture: str
    key: str  # in the numbers of a flow and in the truth file
    filters: dict[str, str]  # tshark's label: display filter
    field: str  # of tcptrace -l


ROWS: Final = (
    Row(
        "window probes",
        "dead-reader.server.pcapng",
        "probes",
        {
            "zero window probes": "tcp.analysis.zero_window_probe",
            "keep-alives": "tcp.analysis.keep_alive",
        },
        "zwnd probe pkts",
    ),
    Row(
        "segments that overtook others",
        "reordering.client.pcapng.gz",
        "reordered_segments",
        {
            "out-of-order": "tcp.analysis.out_of_order && tcp.srcport == 80",
            "retransmissions": "tcp.analysis.retransmission && tcp.srcport == 80",
        },
        "outoforder pkts",
    ),
    Row(
        "segments sent again, at the sender",
        "single-loss.server.pcapng.gz",
        "retransmitted_segments",
        {
            "retransmissions": "tcp.analysis.retransmission && tcp.srcport == 80",
            "out-of-order": "tcp.analysis.out_of_order && tcp.srcport == 80",
        },
        "rexmt data pkts",
    ),
    Row(
        "segments sent again, every packet mirrored twice",
        "derived-mirror-twice.client.pcapng.gz",
        "retransmitted_segments",
        {
            "retransmissions": "tcp.analysis.retransmission && tcp.srcport == 80",
            "out-of-order": "tcp.analysis.out_of_order && tcp.srcport == 80",
        },
        "rexmt data pkts",
    ),
    Row(
        "times the window closed",
        "dead-reader.server.pcapng",
        "zero_window_episodes",
        {"packets with a zero window": "tcp.analysis.zero_window"},
        "zero win adv",
    ),
)


def rows() -> list[tuple[str, ...]]:
    """What each program says, beside the truth."""
    return [(*known(row), *others(row)) for row in ROWS]


def known(row: Row) -> tuple[str, str, str]:
    """The question, the truth, and what tcpwin says."""
    name, vantage = row.fixture.split(".")[:2]
    expected = json.loads((ROOT / "fixtures" / f"{name}.truth.json").read_text())["expect"]
    truth = expected[vantage]["counts"][DOWN][row.key]
    stream = tw.read(ROOT / "fixtures" / row.fixture, progress=False).stream(0)
    ours = stream.diagnose().flows[DOWN][row.key]
    return f"`{row.fixture}`: {row.question}", str(truth), str(ours)


def others(row: Row) -> tuple[str, str]:
    """What tshark says, and tcptrace."""
    theirs = [f"{count(row.fixture, wanted)} {label}" for label, wanted in row.filters.items()]
    return ", ".join(theirs), tcptrace(row)


def output(program: str, *arguments: str | Path) -> str:
    """What a program prints."""
    found = shutil.which(program)
    assert found, f"{program} is not on PATH"
    done = subprocess.run([found, *arguments], capture_output=True, encoding="utf-8")
    return done.stdout + done.stderr


def count(fixture: str, wanted: str) -> int:
    """How many packets tshark shows with this filter."""
    path = ROOT / "fixtures" / fixture
    shown = output("tshark", "-n", "-r", path, "-Y", wanted, "-T", "fields", "-e", "frame.number")
    return len(re.findall(r"^\d+$", shown, re.MULTILINE))


def tcptrace(row: Row) -> str:
    """tcptrace's number for the flow; its `b->a` column, but of the window, which `a` announces."""
    text = output("tcptrace", "-n", "-l", "-W", ROOT / "fixtures" / row.fixture)
    place = 1 if row.field == "zero win adv" else 2
    found = re.search(rf"{row.field}:\s+(\S+).*?{row.field}:\s+(\S+)", text)
    assert found, text
    return found[place]


def tshark_version() -> str:
    """Two numbers, as patches change nothing here."""
    return version(output("tshark", "--version"), r"^TShark \(Wireshark\) (\d+\.\d+)")


def tcptrace_version() -> str:
    """As tcptrace says itself."""
    return version(output("tcptrace", "-v"), r"version (\d+\.\d+\.\d+)")


def version(text: str, pattern: str) -> str:
    """The version in a program's own words."""
    found = re.search(pattern, text, re.MULTILINE)
    assert found, text
    return found[1]


def measurable() -> bool:
    """Whether the programs of the page are here, in its versions."""
    asked: dict[str, Callable[[], Any]] = {"tshark": tshark_version, "tcptrace": tcptrace_version}
    return all(shutil.which(name) and asked[name]() == VERSIONS[name] for name in VERSIONS)
