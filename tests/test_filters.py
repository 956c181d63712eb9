"""The filter of a finding, run through tshark, selects the frames of its evidence and no other."""

from __future__ import annotations

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tcpwin.diagnosis import Finding
from tests.conftest import FIXTURES
from tests.truth import CASES, diagnose, read_all

FEW = [  # of every cause that comes with unusual frames, one; for every tshark
    "handmade-99-percent.pcapng.gz",
    "dead-reader.server.pcapng",
    "path-mtu-icmp.server.pcapng",
    "derived-gre.server.pcapng",
    "derived-mirror-twice-dead-reader.server.pcapng",
]


def findings(path: Path) -> list[Finding]:
    return [finding for stream in diagnose(path) for finding in stream.findings]


def evidence(finding: Finding) -> list[int]:
    return sorted({frame for item in finding.evidence for frame in item.frames})


def selected(path: Path, finding: Finding, program: str | Path) -> list[int]:
    """The frames that tshark shows."""
    command = [
        program,
        "-n",
        "-r",
        path,
        "-Y",
        finding.filter,
        "-T",
        "fields",
        "-e",
        "frame.number",
    ]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return [int(line) for line in run.stdout.split()]


def test_every_filter_of_every_fixture() -> None:
    read_all(CASES)
    program = shutil.which("tshark")
    assert program, "no tshark on PATH"
    asked = [(case.path, finding) for case in CASES for finding in findings(case.path)]
    assert len(asked) > 100
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: selected(*one, program), asked))
    wrong = [
        (path.name, finding.cause, finding.filter)
        for (path, finding), answer in zip(asked, answers, strict=True)
        if answer != evidence(finding)
    ]
    assert wrong == []


def test_every_finding_has_evidence_and_the_frames_are_of_its_stream() -> None:
    read_all(CASES)
    for case in CASES:
        for stream in diagnose(case.path):
            own = set(
                stream.facts.all_segments.frame[stream.facts.all_segments.stream == stream.stream]
            )
            told = (
                {int(n) for n in stream.facts.icmp["frame"]}
                if not stream.facts.icmp.empty
                else set()
            )
            for finding in stream.findings:
                assert evidence(finding), (case, finding.cause)
                assert set(evidence(finding)) <= own | told, (case, finding.cause)
                assert {finding.first_frame, finding.last_frame} <= own


@pytest.mark.parametrize("name", FEW)
def test_with_every_tshark(name: str, tshark: Path) -> None:
    path = FIXTURES / name
    found = findings(path)
    assert found
    for finding in found:
        assert selected(path, finding, tshark) == evidence(finding)
