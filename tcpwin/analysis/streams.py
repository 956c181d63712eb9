"""One row per stream: who, how long, how much."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.grouped import UNKNOWN
from tcpwin.analysis.loss import AGAIN
from tcpwin.analysis.segments import FIN, RST, SYN, endpoints


def streams_table(facts: Facts, start_ns: int) -> pd.DataFrame:
    """The summary of every stream, sorted by tshark's stream number.

    Columns: stream, client, client_port, server, server_port, start_s (from the start of
    the capture), duration_s, packets, bytes (payload both ways, as seen), client_bytes,
    server_bytes, client_packets, server_packets, retransmissions, mss (of the flow with
    more bytes), syn, fin, rst (seen), client_source (``syn`` or ``port``: the side with the
    higher port is taken), initial_rtt_s (NaN without a handshake), verdict (the cause),
    blame, lost_s and share (what it cost), stalled_s (of both flows).
    """
    segments = facts.all_segments
    groups = segments.groups
    source, target = endpoints(segments)
    sums = [groups.sum(np.where(segments.sends(flow), segments.length, 0)) for flow in (0, 1)]
    counts = [groups.sum(segments.sends(flow)) for flow in (0, 1)]
    begin, end = groups.min(segments.time_ns), groups.max(segments.time_ns)
    again = [facts.segments.groups.sum(loss.kind == AGAIN) for loss in facts.losses]
    main = np.where(sums[1] >= sums[0], facts.mss[1], facts.mss[0])
    return pd.DataFrame(
        {
            "stream": segments.streams,
            **source,
            **target,
            "start_s": (begin - start_ns) / 1e9,
            "duration_s": (end - begin) / 1e9,
            "packets": groups.sizes,
            "bytes": sums[0] + sums[1],
            "client_bytes": sums[0],
            "server_bytes": sums[1],
            "client_packets": counts[0],
            "server_packets": counts[1],
            "retransmissions": again[0] + again[1],
            "mss": main,
            "syn": groups.max(segments.has(SYN)),
            "fin": groups.max(segments.has(FIN)),
            "rst": groups.max(segments.has(RST)),
            "client_source": np.where(segments.client_known, "syn", "port"),
            "initial_rtt_s": _initial_rtt(facts),
            **_verdicts(facts),
        }
    )


def _verdicts(facts: Facts) -> dict[str, object]:
    verdicts = facts.verdicts
    stalled = sum(table["stalled_s"].to_numpy() for table in facts.flow_tables)
    return {
        "verdict": verdicts["cause"].to_numpy(object),
        "blame": verdicts["blame"].to_numpy(object),
        "lost_s": verdicts["lost_ns"].to_numpy() / 1e9,
        "share": verdicts["share"].to_numpy(),
        "stalled_s": stalled,
    }


def _initial_rtt(facts: Facts) -> np.ndarray:
    """SYN to the ACK of the SYN/ACK, both halves (as Wireshark's iRTT), seconds."""
    segments = facts.segments
    total = np.zeros(len(segments.groups))
    for half in facts.handshake:
        total += np.where(half > UNKNOWN, half / 1e9, np.nan)
    return total
