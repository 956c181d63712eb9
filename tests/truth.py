"""What tcpwin says of every fixture, beside what its truth file says: ``python -m tests.truth``."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import tcpwin
from tcpwin.diagnosis import Diagnosis, Finding
from tcpwin.errors import TcpwinWarning
from tests.conftest import FIXTURES

LEAST_S = 0.01  # what the time of a stall may be wrong, where the path's RTT is shorter
IDLE = {"peer-idle", "complete-waiting"}  # what may be said of a wait that nobody minded
NS = 1e9


@dataclass(frozen=True)
class Case:
    """One capture of one fixture, with the truth about it."""

    fixture: str
    vantage: str
    path: Path
    truth: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.fixture}.{self.vantage}"

    @property
    def expect(self) -> dict[str, Any]:
        """What an expert who has only this capture says."""
        return self.truth["expect"][self.vantage]  # type: ignore[no-any-return]

    @property
    def rtt_s(self) -> float:
        """The path's round trip as it was built, 0 where the truth does not say."""
        setup = self.truth["setup"]
        links = [setup[flow]["delay_s"] for flow in tcpwin.analysis.FLOWS if flow in setup]
        return float(sum(links)) or float(setup.get("irtt_ms", 0)) / 1e3


def cases() -> list[Case]:
    """All captures of all fixtures."""
    found = []
    for path in sorted(FIXTURES.glob("*.truth.json")):
        truth = json.loads(path.read_text())
        for vantage, name in truth["captures"].items():
            found.append(Case(truth["fixture"], vantage, FIXTURES / name, truth))
    return found


CASES = cases()


@cache  # together some 100 MB; several tests ask about the same captures
def diagnose(path: Path, tshark: Path | None = None) -> tuple[Diagnosis, ...]:
    """The diagnosis of every stream of a capture."""
    with warnings.catch_warnings(action="ignore", category=TcpwinWarning):
        return tcpwin.read(path, cache=False, progress=False, tshark=tshark).diagnose().streams


def diagnosis(case: Case) -> Diagnosis:
    """The diagnosis of the stream that the truth is about."""
    streams = diagnose(case.path)
    return next(s for s in streams if s.stream == case.truth["stream"])


@dataclass(frozen=True)
class Outcome:
    """What was said of a case: a line of the table and all that is wrong with it."""

    case: Case
    said: Diagnosis
    wrong: tuple[str, ...]
    error_s: float | None  # the largest of all times of all stalls, None without a stall


def outcome(case: Case) -> Outcome:
    """Compare one capture with its truth."""
    said = diagnosis(case)
    errors = [_match(case, said, stall) for stall in case.expect["stalls"]]
    found = [error for error in errors if error is not None]
    wrong = [
        *_ends(case, said),
        *_verdict(case, said),
        *_findings(case, said),
        *_artefacts(case, said),
        *_counts(case, said),
        *_times(case, errors),
        *_waits(case, said),
    ]
    return Outcome(case, said, tuple(wrong), max(found) if found else None)


def _ends(case: Case, said: Diagnosis) -> Iterator[str]:
    if (said.client, said.server) != (case.truth["client"], case.truth["server"]):
        yield f"client and server are {said.client}, {said.server}"
    right = [case.expect["vantage"], *case.expect.get("vantage_also", ())]
    if said.vantage not in right:
        yield f"vantage {said.vantage}, not {' or '.join(right)}"


def _verdict(case: Case, said: Diagnosis) -> Iterator[str]:
    right, verdict = case.expect["verdict"], said.verdict
    if verdict.cause not in right["cause"]:
        yield f"verdict {verdict.cause}, not {' or '.join(right['cause'])}"
    if verdict.blame not in right["blame"]:
        yield f"blame {verdict.blame}, not {' or '.join(right['blame'])}"
    if right["flow"] and verdict.cause != "healthy" and verdict.flow != right["flow"]:
        yield f"flow {verdict.flow}, not {right['flow']}"
    if "lost_s" in right and abs(verdict.lost_s - right["lost_s"]) > tolerance(case):
        yield f"lost {verdict.lost_s:.3f} s, not {right['lost_s']:.3f} s"


def _findings(case: Case, said: Diagnosis) -> Iterator[str]:
    causes = {finding.cause for finding in said.findings}
    if bad := causes & set(case.expect["never"]):
        yield f"found {', '.join(sorted(bad))}, which never may be claimed"
    if case.expect["verdict"]["cause"] == ["healthy"]:
        idle = IDLE if case.expect["idle"] else set()
        if extra := causes - set(case.expect["also"]) - idle:
            yield f"healthy, and yet found {', '.join(sorted(extra))}"


def _artefacts(case: Case, said: Diagnosis) -> Iterator[str]:
    named, wanted = {a["artefact"] for a in said.artefacts}, set(case.expect["artefacts"])
    if missing := wanted - named:
        yield f"artefacts not named: {', '.join(sorted(missing))}"
    if extra := named - wanted - {"truncated"}:  # the lab's snaplen is 120
        yield f"artefacts that are not there: {', '.join(sorted(extra))}"


def _counts(case: Case, said: Diagnosis) -> Iterator[str]:
    for flow, counts in case.expect["counts"].items():
        for name, right in counts.items():
            value = counted(said, flow, name)
            close = tolerance(case) if name.endswith("_s") else 0
            if abs(value - right) > close:
                yield f"{name} of {flow} is {value}, not {right}"


def counted(said: Diagnosis, flow: str, name: str) -> float:
    """A number of a flow: of the JSON, or one that only the tables have."""
    if name in said.flows[flow]:
        return float(said.flows[flow][name])
    index = tcpwin.analysis.FLOWS.index(flow)
    facts, groups = said.facts, said.facts.segments.groups
    mine = groups.ids == said.group
    if name == "duplicate_acks":
        return int(facts.duplicates[index][mine].sum())
    if name == "last_seq_end":
        return int(facts.states[index].steps.sent_before[mine].max())
    if name == "max_window_bytes_after_syn":
        return float(said.flows[flow]["max_window_bytes"])
    raise KeyError(name)


def tolerance(case: Case) -> float:
    """How far a time may be off: one round trip of the path, or 10 ms."""
    return max(case.rtt_s, LEAST_S)


def _match(case: Case, said: Diagnosis, stall: dict[str, Any]) -> float | None:
    """Largest error (s) of start, end and lost time of the finding that is this stall."""
    errors = [_error(said, finding, stall) for finding in said.findings
              if finding.cause in stall["cause"] and finding.flow == stall["flow"]
              and finding.open == stall["open"]]  # fmt: skip
    return min(errors, default=None)


def _error(said: Diagnosis, finding: Finding, stall: dict[str, Any]) -> float:
    begin = said.begin_ns
    start = (begin - stall["start"] * NS) / NS + finding.start_s
    end = (begin - stall["end"] * NS) / NS + finding.end_s
    return max(abs(start), abs(end), abs(finding.lost_s - stall["lost_s"]))


def _times(case: Case, errors: list[float | None]) -> Iterator[str]:
    for number, (stall, error) in enumerate(zip(case.expect["stalls"], errors, strict=True), 1):
        name = f"stall {number} ({'/'.join(stall['cause'])}, {stall['lost_s']:.3f} s)"
        if error is None and not stall.get("optional"):
            yield f"{name} was not found"
        elif error is not None and error > tolerance(case) and not stall.get("optional"):
            yield f"{name} is off by {error:.3f} s"


def _waits(case: Case, said: Diagnosis) -> Iterator[str]:
    """Long waits in which nobody owed anything are no stalls."""
    begin = said.begin_ns / NS
    for wait in case.expect["idle"]:
        for finding in said.findings:
            inside = min(begin + finding.end_s, wait["end"]) - max(
                begin + finding.start_s, wait["start"]
            )
            of_wait = 2 * inside > finding.end_s - finding.start_s > LEAST_S
            if of_wait and finding.cause not in IDLE | set(case.expect["also"]):
                yield f"{finding.cause} in a wait that nobody minded"


def read_all(found: list[Case]) -> None:
    """Read all captures, some at a time: tshark runs beside Python."""
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda path: len(diagnose(path)), sorted({c.path for c in found})))


def lines(outcomes: list[Outcome]) -> Iterator[str]:
    """The table: fixture, vantage, expected, said, time error, and below a row what is wrong."""
    head = ("fixture", "vantage", "expected", "said", "time error")
    rows = [head]
    for o in outcomes:
        right = o.case.expect["verdict"]
        verdict = o.said.verdict
        error = "" if o.error_s is None else f"{o.error_s * 1e3:.1f} ms"
        rows.append((o.case.fixture, o.case.vantage, f"{right['cause'][0]} {right['blame'][0]}",
                     f"{verdict.cause} {verdict.blame}", error))  # fmt: skip
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row, o in zip(rows, [None, *outcomes], strict=True):
        mark = "ok" if o and not o.wrong else "WRONG" if o else ""
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + (
            f"  {mark}" if mark else ""
        )
        for text in o.wrong if o else ():
            yield f"    - {text}"


def main(names: list[str]) -> int:
    """Print the table of the named fixtures, or of all; 1 where something is wrong."""
    found = [case for case in CASES if not names or case.fixture in names]
    read_all(found)
    outcomes = [outcome(case) for case in found]
    print("\n".join(lines(outcomes)))
    bad = sum(bool(o.wrong) for o in outcomes)
    print(f"\n{len(outcomes) - bad} of {len(outcomes)} captures are told right.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
