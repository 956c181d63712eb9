"""The tables of one flow, as a person reads them: cut from the facts of all streams."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from tcpwin.analysis.acks import ack_table
from tcpwin.analysis.facts import Facts
from tcpwin.analysis.grouped import UNKNOWN, Ints
from tcpwin.analysis.limits import LIMITERS
from tcpwin.analysis.loss import AGAIN, KEEP_ALIVE, LATE, PROBE
from tcpwin.analysis.scale import SOURCES
from tcpwin.analysis.segments import FIN, FLOWS, RST, SYN
from tcpwin.analysis.state import nullable
from tcpwin.analysis.throughput import rate_table

KIND_NAMES: Final = {LATE: "out-of-order", AGAIN: "retransmission", PROBE: "probe",
                      KEEP_ALIVE: "keep-alive"}  # fmt: skip


def window_table(facts: Facts, flow: int) -> pd.DataFrame:
    """After every packet of either direction: the window that throttles the flow.

    Columns: frame, time_s, window_bytes, edge, una, flight_bytes, usable_bytes (`Int64`, NA
    before the first ACK), scale_source, kind: ``zero`` where a window of 0 begins, ``update``
    where it opens again without acknowledging, ``probe`` for a window probe, else "".
    """
    state, segments = facts.states[flow], facts.segments
    groups = segments.groups
    before = groups.previous(state.window)
    accepted = state.steps.window_row == np.arange(len(segments.frame))
    zero = accepted & (state.window == 0) & (before != 0)
    update = accepted & (state.window > before) & (before > UNKNOWN) & (state.steps.newly == 0)
    kind = np.select(
        [facts.losses[flow].kind == PROBE, zero, update & (segments.length == 0)],
        ["probe", "zero", "update"],
        "",
    )
    return pd.DataFrame(
        {
            **_when(facts),
            "window_bytes": nullable(state.window),
            "edge": nullable(state.edge),
            "una": nullable(state.steps.una),
            "flight_bytes": nullable(state.flight),
            "usable_bytes": nullable(state.usable),
            "scale_source": np.array(SOURCES)[state.scale.source][groups.ids],
            "kind": kind,
        }
    )


def flight_table(facts: Facts, flow: int) -> pd.DataFrame:
    """Bytes in flight after every packet, ours beside tshark's.

    Columns: frame, time_s, flight_bytes, usable_bytes, tshark_bytes_in_flight (NA but on
    data frames; tshark's counts what SACK reported as in flight, ours does not).
    """
    state, segments = facts.states[flow], facts.segments
    theirs = np.where(state.steps.sends, segments.column("bytes_in_flight", UNKNOWN), UNKNOWN)
    return pd.DataFrame(
        {
            **_when(facts),
            "flight_bytes": nullable(state.flight),
            "usable_bytes": nullable(state.usable),
            "tshark_bytes_in_flight": nullable(theirs),
        }
    )


def acks_table(facts: Facts, flow: int) -> pd.DataFrame:
    """One row per ACK that comes back, see `analysis.acks.ack_table`."""
    return _by_row(facts, ack_table(facts.states[flow], facts.rtts[flow]))


def rtt_table(facts: Facts, flow: int) -> pd.DataFrame:
    """One row per RTT sample: frame, time_s, rtt_s, srtt_s, rttvar_s, rto_s."""
    return _by_row(facts, facts.rtts[flow].table)


def sacks_table(facts: Facts, flow: int) -> pd.DataFrame:
    """One row per SACK block: frame, time_s, left, right, dsack."""
    return _by_row(facts, facts.states[flow].blocks)


def segments_table(facts: Facts, flow: int) -> pd.DataFrame:
    """One row per packet of the flow that takes sequence numbers, probes or resets.

    Columns: frame, time_s, seq, len, kind (new, retransmission, out-of-order, probe,
    keep-alive, syn, fin, rst).
    """
    segments, kind = facts.segments, facts.losses[flow].kind
    rows = np.flatnonzero(
        segments.sends(flow) & ((segments.end > segments.seq) | segments.has(RST) | (kind > 0))
    )
    flags = [segments.has(flag)[rows] for flag in (RST, SYN)]
    lone_fin = segments.has(FIN)[rows] & (segments.length[rows] == 0)
    named = [kind[rows] == number for number in KIND_NAMES]
    names = np.select(
        [*flags, lone_fin, *named], ["rst", "syn", "fin", *KIND_NAMES.values()], "new"
    )
    return _by_row(
        facts,
        pd.DataFrame(
            {"row": rows, "seq": segments.seq[rows], "len": segments.length[rows], "kind": names}
        ),
    )


def stalls_table(facts: Facts, flow: int) -> pd.DataFrame:
    """One row per stall of the flow, numbered by time.

    Columns: number, frame (the last that brought something), time_s and start_s (when it
    came), end_s, lost_s, open, cause, blame, last_frame (the first that brought something
    again, or the last of an open stall), rtt_s (smallest RTT of the path, NaN if unknown).
    """
    segments, judged = facts.segments, facts.judged
    own = judged[(judged["flow"] == flow) & (judged["cause"] != "peer-idle")]
    begin = segments.groups.min(segments.time_ns)[own["group"].to_numpy()]
    start, end = ((own[name].to_numpy() - begin) / 1e9 for name in ("start_ns", "end_ns"))
    rtt = facts.path.min_ns[own["group"].to_numpy()]
    return pd.DataFrame(
        {
            "number": np.arange(1, len(own) + 1),
            "frame": segments.frame[own["start_row"].to_numpy()],
            "time_s": start,
            "start_s": start,
            "end_s": end,
            "lost_s": own["lost_ns"].to_numpy() / 1e9,
            "open": own["open"].to_numpy(bool),
            "cause": own["cause"].to_numpy(),
            "blame": own["blame"].to_numpy(),
            "last_frame": segments.frame[own["last_row"].to_numpy()],
            "rtt_s": np.where(rtt > UNKNOWN, rtt / 1e9, np.nan),
        }
    )


def limits_table(facts: Facts, flow: int) -> pd.DataFrame:
    """Who holds the flow back, spell by spell; the spells follow each other without a gap.

    Columns: frame, time_s, start_s, end_s, limiter (name), flow (name).
    """
    segments = facts.segments
    spans = facts.limits[flow].spans()
    begin = segments.groups.min(segments.time_ns)[spans["group"].to_numpy()]
    start, end = ((spans[name].to_numpy() - begin) / 1e9 for name in ("start_ns", "end_ns"))
    return pd.DataFrame(
        {
            "frame": segments.frame[spans["first_row"].to_numpy()],
            "time_s": start,
            "start_s": start,
            "end_s": end,
            "limiter": np.array(LIMITERS, object)[spans["limiter"].to_numpy()],
            "flow": FLOWS[flow],
        }
    )


def throughput_table(facts: Facts, flow: int, window_s: float | None = None) -> pd.DataFrame:
    """The rates at which payload is sent and acknowledged, as moving averages.

    Columns: frame (the packet that comes into the averages or falls out of them), time_s,
    throughput_bps, goodput_bps (bit/s; they hold to the next row), window_s (what is averaged
    over). Nothing is told about the time after the end of the stream. See `throughput.rate_table`.
    """
    segments = facts.segments
    table = rate_table(facts, flow, window_s)
    table = table[table["time_ns"].to_numpy() <= facts.end_ns[table["group"].to_numpy()]]
    begin = segments.groups.min(segments.time_ns)[table["group"].to_numpy()]
    return pd.DataFrame(
        {
            "frame": segments.frame[table["row"].to_numpy()],
            "time_s": (table["time_ns"].to_numpy() - begin) / 1e9,
            "throughput_bps": table["throughput_bps"].to_numpy(),
            "goodput_bps": table["goodput_bps"].to_numpy(),
            "window_s": table["window_ns"].to_numpy() / 1e9,
        }
    )


def _when(facts: Facts) -> dict[str, np.ndarray]:
    segments = facts.segments
    return {"frame": segments.frame, "time_s": _seconds(facts, segments.time_ns)}


def _by_row(facts: Facts, table: pd.DataFrame) -> pd.DataFrame:
    """Put frame and time where a table has row numbers."""
    rows = table["row"].to_numpy()
    when = {name: values[rows] for name, values in _when(facts).items()}
    rest = {str(name): table[name].to_numpy() for name in table if name != "row"}
    return pd.DataFrame({**when, **rest})


def _seconds(facts: Facts, time_ns: Ints) -> np.ndarray:
    """Seconds since the stream began."""
    groups = facts.segments.groups
    begin = groups.min(facts.segments.time_ns)[groups.ids]
    result: np.ndarray = (time_ns - begin) / 1e9
    return result
