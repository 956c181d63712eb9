"""Packets that never came, told by the IP identifications of a host that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tcpwin.analysis.grouped import NEVER, Ints, take

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

# Linux counts the packets of each connection one by one. A host that counts all its packets
# together, or draws at random, does not step by exactly one this often.
_EXACT: Final = 0.8
_WINDOW: Final = 4096  # a larger jump is a restart of the count, not that many lost packets


def missing_packets(facts: Facts, flow: int) -> Ints:
    """How many packets of the flow's sender are missing before each of its rows, shape (n,).

    0 for other rows, and where the sender does not number each connection's packets one by
    one. A segment that offload merged stands for as many packets as it fills. What the capture
    dropped is not missing: its receiver has it.
    """
    segments = facts.segments
    groups, sends = segments.groups, segments.sends(flow)
    ids = segments.column("ip_id")
    usable = sends & (ids >= 0)
    before = groups.previous(groups.last(usable), NEVER)
    paired = usable & (before != NEVER)
    step = np.where(paired, (ids - take(ids, before, 0)) % 65536, 0)
    largest = np.maximum(facts.mss[flow], 1)[groups.ids]
    merged = np.maximum(-(-segments.length // largest), 1)
    extra = np.where(paired, step - take(merged, before, 1), 0)
    dropped = -(-facts.dropped[flow] // largest)
    exact = paired & (extra == 0)
    counted = groups.sum(exact) >= np.maximum(_EXACT * groups.sum(paired), 2)
    plausible = (extra > 0) & (extra < _WINDOW) & counted[groups.ids]
    return np.where(plausible, np.maximum(extra - dropped, 0), 0)
