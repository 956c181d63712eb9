"""The filter of a finding, run through tshark, selects the frames of its evidence and no other."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
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
SOME = 4  # findings of a cause


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


def named(finding: Finding) -> list[int]:
    """The frames that the filter names, read as it is written."""
    spans = re.fullmatch(r"frame\.number in \{(.*)\}", finding.filter)
    assert spans, finding.filter
    ends = [span.partition("..") for span in spans[1].split(", ")]
    return [n for low, _, high in ends for n in range(int(low), int(high or low) + 1)]


def test_every_filter_names_the_frames_of_its_evidence() -> None:
    read_all(CASES)
    asked = [(case.path.name, finding) for case in CASES for finding in findings(case.path)]
    assert len(asked) > 100
    wrong = [(name, f.cause, f.filter) for name, f in asked if named(f) != evidence(f)]
    assert wrong == []


def test_tshark_reads_the_filters_so_too() -> None:
    """Some of every cause: a run for each finding would take minutes."""
    read_all(CASES)
    program = shutil.which("tshark")
    assert program, "no tshark on PATH"
    of_cause = defaultdict[str, list[tuple[Path, Finding]]](list)
    for case in CASES:
        for finding in findings(case.path):
            of_cause[finding.cause].append((case.path, finding))
    asked = [one for found in of_cause.values() for one in found[:SOME]]
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
