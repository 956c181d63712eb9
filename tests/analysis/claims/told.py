"""What is said of a fixture, or of packets made by hand."""

from __future__ import annotations

from tcpwin.analysis.claims import Case
from tcpwin.analysis.facts import Facts
from tcpwin.diagnosis import CaptureDiagnosis, Diagnosis, Finding
from tests.analysis.build import P, packets
from tests.conftest import FIXTURES
from tests.truth import diagnose


def found(said: Diagnosis, cause: str) -> Finding:
    """The longest finding of a cause."""
    return max((f for f in said.findings if f.cause == cause), key=lambda f: f.lost_s)


def told(name: str, cause: str) -> Finding:
    """The longest finding of a cause in the first stream of a fixture."""
    return found(diagnose(FIXTURES / name)[0], cause)


def made(rows: list[P], *, after_s: float = 0) -> Diagnosis:
    """The diagnosis of the first stream of `rows`; the capture went on for `after_s`."""
    frame = packets(rows)
    end = int(frame["time_ns"].max()) + round(after_s * 1e9)
    return CaptureDiagnosis(Facts(frame, end), {}).streams[0]


def case(said: Diagnosis, cause: str) -> Case:
    """The first row of the findings table with this cause, as the claims get it."""
    table = said.facts.findings
    rows = table[(table["cause"] == cause) & (table["group"] == said.group)]
    return Case(said.facts, next(rows.itertuples(index=False)))


def frames(finding: Finding, start: str) -> tuple[int, ...]:
    """The frames of the one line of evidence that begins so."""
    (item,) = [item for item in finding.evidence if item.text.startswith(start)]
    return item.frames
