"""What the path changed in the packets that both captures have."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from tcpwin.analysis.ends.both import Both
from tcpwin.analysis.ends.match import sole
from tcpwin.analysis.grouped import NEVER, Bools, Ints
from tcpwin.analysis.segments import SYN

_OPTIONS: Final = {"mss_val": "MSS", "wscale_shift": "window scale", "sack_perm": "SACK permitted"}


def changes(both: Both, flow: int, sent: Ints, came: Ints) -> pd.Series[str]:
    """For each pair of rows what differs, ``MSS 1460 -> 1400, window 65535 -> 8192``.

    Windows as sent; the options of SYNs; time stamps taken out; hops when they are not as
    many as for most of the flow's packets. Whether addresses, ports, sequence numbers and IP
    identifications are rewritten holds for the connection, see `rewritten`.
    """
    sender, receiver = both.sender(flow).segments, both.receiver(flow).segments
    pair = (sent != NEVER) & (came != NEVER)
    result = pd.Series("", index=range(len(sent)), dtype=object)
    if not pair.any():
        return result
    rows = np.flatnonzero(pair)
    syn = sender.has(SYN)[sent[rows]]
    every = np.ones(len(rows), bool)
    seen: list[tuple[str, Ints, Ints, Bools]] = [
        ("window", sender.window[sent[rows]], receiver.window[came[rows]], every)
    ]
    for name, text in _OPTIONS.items():
        seen.append((text, sender.column(name)[sent[rows]], receiver.column(name)[came[rows]], syn))
    before, after = (
        np.where(end.column("tsval")[row] >= 0, 1, -1)
        for end, row in ((sender, sent[rows]), (receiver, came[rows]))
    )
    seen.append(("time stamps", before, after, every))
    hops = sender.hops[sent[rows]] - receiver.hops[came[rows]]
    known, counts = np.unique(hops, return_counts=True)
    seen.append(("hops", np.full(len(rows), known[counts.argmax()]), hops, every))
    for text, before, after, counted in seen:
        differ = np.flatnonzero((before != after) & counted)
        if len(differ):
            words = [
                pd.Series(values[differ]).astype(str).where(values[differ] >= 0, "none")
                for values in (before, after)
            ]
            line = text + " " + words[0] + " -> " + words[1]
            at = rows[differ]
            result[at] = np.where(result[at] == "", "", result[at] + ", ") + line.to_numpy(object)
    return result


def rewritten(both: Both) -> dict[str, bool]:
    """What the path rewrites throughout: addresses, sequence_numbers, ip_ids, time_stamps."""
    ends = []
    for end in (both.client, both.server):
        hosts = end.facts.packets[["src", "src_port"]].astype({"src": str}).drop_duplicates()
        ends.append(set(hosts.itertuples(index=False, name=None)))
    return {
        "addresses": ends[0] != ends[1],
        "sequence_numbers": _throughout(both, "seq_raw"),
        "ip_ids": _throughout(both, "ip_id"),
        "time_stamps": _throughout(both, "tsval"),
    }


def _throughout(both: Both, name: str) -> bool:
    """One of the flows has packets with this field in both captures, and never with one value."""
    result = False
    for flow, links in enumerate(both.links):
        alone = sole(links)
        values = [
            end.segments.column(name)[rows[alone]]
            for end, rows in ((both.sender(flow), links.a), (both.receiver(flow), links.b))
        ]
        known = (values[0] > 0) & (values[1] > 0)
        result |= bool(known.any() and not (values[0] == values[1])[known].any())
    return result
