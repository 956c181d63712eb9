"""The diagnosis of every stream of a capture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tcpwin.analysis import Facts
from tcpwin.analysis.artefacts import claim
from tcpwin.diagnosis.ledger import Ledger
from tcpwin.diagnosis.stream import Diagnosis


@dataclass(frozen=True, eq=False, repr=False)
class CaptureDiagnosis:
    """The diagnosis of every stream of a capture; words are made when first asked for."""

    facts: Facts
    about: dict[str, Any]  # tcpwin, tshark, path and facts of the capture

    @cached_property
    def streams(self) -> tuple[Diagnosis, ...]:
        """One diagnosis per stream, in the order of their numbers."""
        ledger = Ledger(self.facts)
        return tuple(Diagnosis(ledger, group) for group in range(len(self)))

    @property
    def causes(self) -> set[str]:
        """All causes found, verdicts and findings."""
        return set(self.facts.verdicts["cause"]) | set(self.facts.findings["cause"])

    @cached_property
    def artefacts(self) -> list[dict[str, Any]]:
        """The artefacts of the whole capture, counted over its streams."""
        table = self.facts.artefacts
        sums = table.groupby(["artefact", "what"], sort=False, as_index=False)["number"].sum()
        counts = {
            (artefact, what): int(number)
            for artefact, what, number in sums.itertuples(index=False, name=None)
        }
        if self.facts.cut_short:
            counts["truncated", "cut-file"] = 1
        return [
            {"artefact": artefact, "flow": None, "count": count, "claim": claim(what, count)}
            for (artefact, what), count in counts.items()
        ]

    def to_dict(self) -> dict[str, Any]:
        """The whole as `diagnose --json` prints it."""
        return {
            "tcpwin": self.about["tcpwin"],
            "tshark": self.about["tshark"],
            "capture": {**self.about["capture"], "artefacts": self.artefacts},
            "streams": [stream.to_dict() for stream in self.streams],
        }

    def __iter__(self) -> Iterator[Diagnosis]:
        return iter(self.streams)

    def __repr__(self) -> str:
        return f"<CaptureDiagnosis of {len(self):,} streams: {', '.join(sorted(self.causes))}>"

    def __len__(self) -> int:
        return len(self.facts.segments.groups)
