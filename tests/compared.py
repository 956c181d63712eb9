"""Pairs of captures of one connection, and what the wire says it dropped between them."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import tcpwin as tw
from tcpwin.errors import TcpwinWarning
from tests.conftest import FIXTURES

Key = tuple[str, int, int]  # flow, IP identification, relative sequence number


@dataclass(frozen=True)
class Pair:
    """Both captures of one fixture with its truth."""

    name: str
    client: Path
    server: Path
    truth: dict[str, Any]

    def __str__(self) -> str:
        return self.name

    @property
    def drops(self) -> list[dict[str, Any]]:
        """The wire's log of what it dropped; of a long outage the first and the last packet."""
        kinds = ("drop", "too-big")
        return [e for e in self.truth["events"] if e["who"] == "wire" and e["what"] in kinds]

    @property
    def count(self) -> int:
        """How many packets the wire dropped."""
        runs = {(drop["flow"], drop["of"]) for drop in self.drops if "of" in drop}
        return sum(n for _flow, n in runs) + sum("of" not in drop for drop in self.drops)

    @property
    def keys(self) -> set[Key]:
        """What is known of each logged drop in both captures."""
        return {(drop["flow"], drop["ip_id"], drop["seq"]) for drop in self.drops}


def pairs() -> list[Pair]:
    """All fixtures that were captured at both ends."""
    found = []
    for path in sorted(FIXTURES.glob("*.truth.json")):
        truth = json.loads(path.read_text())
        captures = truth["captures"]
        if {"client", "server"} <= set(captures):
            ends = (FIXTURES / captures[name] for name in ("client", "server"))
            found.append(Pair(truth["fixture"], *ends, truth))
    return found


PAIRS = {pair.name: pair for pair in pairs()}


@cache  # together some 50 MB; several tests ask about the same captures
def capture(path: Path, tshark: Path | None = None) -> tw.Capture:
    """A capture, read once."""
    with warnings.catch_warnings(action="ignore", category=TcpwinWarning):
        return tw.read(path, progress=False, tshark=tshark)


@cache
def compared(name: str) -> tw.Comparison:
    """The comparison of a fixture; the server's capture is given first."""
    pair = PAIRS[name]
    stream = capture(pair.server).stream(pair.truth["stream"])
    return tw.compare(stream, capture(pair.client))


def keys(told: tw.Comparison, *fates: str) -> set[Key]:
    """The packets of these fates, as `Pair.keys` has them."""
    rows = told.packets[told.packets["fate"].isin(fates)]
    found = set()
    for name, stream in (("client->server", told.client), ("server->client", told.server)):
        ids = stream.packets.set_index("frame")["ip_id"]
        own = rows[(rows["flow"] == name) & rows["frame_sent"].notna()]
        found |= {
            (name, int(ids[frame]), int(seq))
            for frame, seq in zip(own["frame_sent"], own["seq"], strict=True)
        }
    return found
