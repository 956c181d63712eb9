"""What the capture did to the truth, said separately and used to discount the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import UNKNOWN, Bools, Ints
from tcpwin.analysis.intervals import covered_bytes, first_cells
from tcpwin.analysis.mss import ETHERNET
from tcpwin.analysis.segments import SYN

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

ARTEFACTS: Final = (
    "capture-drops", "mirror-duplicates", "offload", "no-syn", "one-sided", "truncated",
    "time-backwards",
)  # fmt: skip
CLAIMS: Final = {
    "capture-drops": "{count:,} bytes were acknowledged, never seen and never sent again: "
    "the capture lacks them, the receiver does not",
    "mirror-duplicates": "{count:,} packets were captured twice; the copies are left out",
    "offload": "{count:,} segments are longer than the MSS: the capture shows what the host "
    "handed to its network card, not what was on the wire",
    "no-syn": "the handshake is missing: the capture began later, or lost it",
    "one-sided": "only one direction was captured: what the other side sent cannot be told",
    "truncated": "{count:,} packets were cut within their TCP header by the snap length",
    "cut-file": "the file ends in the middle of a packet: what came after it is missing",
    "time-backwards": "{count:,} packets carry a time before the packet that precedes them",
}


def claim(what: str, count: int) -> str:
    """An artefact in words; `what` is a key of `CLAIMS`."""
    return CLAIMS[what].format(count=count)


def artefact_table(facts: Facts) -> pd.DataFrame:
    """One row per artefact, stream and flow, sorted by stream.

    Columns: group, flow (-1 for both), artefact, what (its key in `CLAIMS`: a cut file is
    ``truncated``, too), number (how often).
    """
    segments = facts.segments
    groups = segments.groups
    parts = [
        _rows("mirror-duplicates", -1, facts.all_segments.groups.sum(facts.twins)),
        _rows("no-syn", -1, groups.sum(segments.has(SYN)) == 0),
        _rows("one-sided", -1, facts.one_sided),
        _rows("truncated", -1, groups.sum(_cut_headers(facts))),
        _rows("truncated", -1, ~facts.closed & facts.cut_short, what="cut-file"),
        _rows("time-backwards", -1, groups.sum(_backwards(facts))),
    ]
    for flow in (0, 1):
        parts.append(_rows("offload", flow, groups.sum(_merged(facts, flow))))
        parts.append(_rows("capture-drops", flow, facts.unseen[flow]))
    return pd.concat(parts, ignore_index=True).sort_values("group", kind="stable")


def _rows(artefact: str, flow: int, count: np.ndarray, *, what: str = "") -> pd.DataFrame:
    group = np.flatnonzero(count)
    return pd.DataFrame(
        {
            "group": group,
            "flow": flow,
            "artefact": artefact,
            "what": what or artefact,
            "number": count[group].astype(np.int64),
        }
    )


def _cut_headers(facts: Facts) -> Bools:
    """Packets of which the snap length left less than the TCP header with its options.

    The header's length is what the whole packet has beyond its payload.
    """
    segments = facts.segments
    whole, kept = segments.column("frame_len"), segments.column("cap_len")
    return np.asarray((kept < whole - segments.length) & (kept < whole), bool)


def _backwards(facts: Facts) -> Bools:
    segments = facts.segments
    before = segments.groups.previous(segments.time_ns, np.iinfo(np.int64).min)
    return np.asarray(segments.time_ns < before, bool)


def _merged(facts: Facts, flow: int) -> Bools:
    """Segments longer than any MSS that was offered; without a SYN, than an Ethernet's."""
    segments = facts.segments
    groups = segments.groups
    offered = groups.max(np.where(segments.has(SYN), segments.column("mss_val"), -1))
    limit = np.where(offered > 0, offered, ETHERNET)
    return np.asarray(segments.sends(flow) & (segments.length > limit[groups.ids]), bool)


def unseen_bytes(facts: Facts, flow: int) -> Ints:
    """Bytes of the flow that were acknowledged in the capture but never seen, per stream.

    A hole that was never filled although una passed it, and what una has beyond the highest
    byte seen. Only from the first number of the flow on, and not where a flow is one-sided.
    """
    segments, steps = facts.segments, facts.states[flow].steps
    groups = segments.groups
    seen = steps.sends & segments.fits & (segments.end > segments.seq)
    top = groups.max(np.where(seen, segments.end, UNKNOWN))
    una = groups.max(steps.una)
    beyond = np.where((top > UNKNOWN) & (una > top), una - top, 0)
    dropped = groups.sum(facts.dropped[flow])
    return np.where(facts.one_sided, 0, beyond + dropped).astype(np.int64)


def dropped_bytes(facts: Facts, flow: int) -> Ints:
    """What is missing before each row, was acknowledged and never came, in bytes, shape (n,).

    The path did not lose it, or it would have been sent again: the capture did.
    """
    segments, loss, steps = facts.segments, facts.losses[flow], facts.states[flow].steps
    groups, ids = segments.groups, segments.groups.ids
    dropped = np.zeros(len(ids), np.int64)
    holes = np.flatnonzero(loss.holes)
    left, right = steps.sent_before[holes], segments.seq[holes]
    right = np.minimum(right, groups.max(steps.una)[ids[holes]])
    real = right > left
    holes, left, right = holes[real], left[real], right[real]
    if len(holes):
        dropped[holes] = unfilled_bytes(facts, flow, (ids[holes], left, right))
    return dropped


def unfilled_bytes(facts: Facts, flow: int, spans: tuple[Ints, Ints, Ints]) -> Ints:
    """How much of each span (group, left, right) of the flow's holes never came."""
    segments, loss, ids = facts.segments, facts.losses[flow], facts.segments.groups.ids
    late = np.flatnonzero(loss.data & (segments.seq < facts.states[flow].steps.sent_before))
    owner, end, size = first_cells((ids[late], segments.seq[late], segments.end[late]))
    result: Ints = spans[2] - spans[1] - covered_bytes((ids[late][owner], end - size, end), spans)
    return result


def riddled(facts: Facts, flow: int) -> Bools:
    """Streams of which the capture lacks more than a tenth of what was acknowledged.

    How full their window was, and who kept silent, cannot be judged.
    """
    acked = facts.segments.groups.sum(np.maximum(facts.states[flow].steps.newly, 0))
    return np.asarray(10 * facts.unseen[flow] > acked, bool)
