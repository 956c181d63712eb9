"""Everything worked out about the streams of a capture, each part when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from tcpwin.analysis.acks import duplicate_acks
from tcpwin.analysis.artefacts import artefact_table, dropped_bytes, unseen_bytes
from tcpwin.analysis.bounds import closed, cut_off, handshake, one_sided
from tcpwin.analysis.choke import Choke
from tcpwin.analysis.delays import Delays
from tcpwin.analysis.findings import findings_table, verdict_table
from tcpwin.analysis.flowstats import flow_table
from tcpwin.analysis.grouped import UNKNOWN, Bools, Ints
from tcpwin.analysis.http import answer_due, exchanges, kept_alive, owed
from tcpwin.analysis.judging import judged_stalls
from tcpwin.analysis.limits import Limits
from tcpwin.analysis.loss import KEEP_ALIVE, PROBE, Loss
from tcpwin.analysis.mss import mss
from tcpwin.analysis.rtt import Path, Rtt
from tcpwin.analysis.segments import Segments, endpoints, prepare
from tcpwin.analysis.stalls import stall_table, stalled_rows
from tcpwin.analysis.state import State
from tcpwin.analysis.toobig import place, refusals
from tcpwin.analysis.twins import twins
from tcpwin.analysis.vantage import vantage


@dataclass(frozen=True)
class Facts:
    """The facts of all streams in `packets` (unwrapped).

    Pairs are (client->server, server->client).
    `all_segments` has every row; `segments` leaves out packets that were captured twice, and
    is what all but the state table is worked out from. `look` gives, when first needed, the
    heads of HTTP and the ICMP errors of the capture (`tcpwin.tshark.Context`). `cut_short`:
    the file ends in the middle of a packet, or is damaged from some place on.
    """

    packets: pd.DataFrame
    capture_end_ns: int | None = None
    look: Callable[[], tuple[pd.DataFrame, pd.DataFrame]] | None = None
    cut_short: bool = False

    @cached_property
    def all_segments(self) -> Segments:
        """Every row."""
        return prepare(self.packets)

    @cached_property
    def twins(self) -> Bools:
        """Rows of `all_segments` that are copies of an earlier one."""
        return twins(self.all_segments)

    @cached_property
    def ends(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Address and port of the clients and of the servers, see `segments.endpoints`."""
        return endpoints(self.segments)

    @cached_property
    def segments(self) -> Segments:
        """The rows that are no copies."""
        return self.all_segments.keep(~self.twins) if self.twins.any() else self.all_segments

    @cached_property
    def states(self) -> tuple[State, State]:
        """Where each flow stands after each packet."""
        return State(self.segments, 0), State(self.segments, 1)

    @cached_property
    def rtts(self) -> tuple[Rtt, Rtt]:
        """RTT samples of each flow."""
        return Rtt(self.states[0]), Rtt(self.states[1])

    @cached_property
    def path(self) -> Path:
        """The round trip of the whole path."""
        return Path(self.rtts)

    @cached_property
    def losses(self) -> tuple[Loss, Loss]:
        """What each segment is, and its fate."""
        min_ns = self.path.min_ns
        return Loss(self.states[0], min_ns), Loss(self.states[1], min_ns)

    @cached_property
    def dropped(self) -> tuple[Ints, Ints]:
        """Bytes that the capture dropped, see `artefacts.dropped_bytes`."""
        return dropped_bytes(self, 0), dropped_bytes(self, 1)

    @cached_property
    def mss(self) -> tuple[Ints, Ints]:
        """Largest segment of each flow, bytes, per stream."""
        return mss(self.states[0]), mss(self.states[1])

    @cached_property
    def chokes(self) -> tuple[Choke, Choke]:
        """The window of each flow against what its sender needs."""
        (one, other), mss, halves = self.states, self.mss, self.halves
        return Choke(one, mss[0], halves[1]), Choke(other, mss[1], halves[0])

    @cached_property
    def delays(self) -> tuple[Delays, Delays]:
        """Delayed ACKs of each flow."""
        return Delays(self, 0), Delays(self, 1)

    @cached_property
    def halves(self) -> tuple[Ints, Ints]:
        """Capture point to server and back, to client and back, at least: ns, 0 not measured."""
        server, client = (np.maximum(rtt.min_ns, 0) for rtt in self.rtts)
        return server, client

    @cached_property
    def end_ns(self) -> Ints:
        """Per stream its last packet when it was closed, otherwise the end of the capture."""
        last = self.segments.groups.max(self.segments.time_ns)
        end = self.capture_end_ns
        if end is None:
            end = int(last.max()) if len(last) else 0
        return np.where(self.closed, last, np.maximum(last, end))

    @cached_property
    def handshake(self) -> tuple[Ints, Ints]:
        """SYN to SYN/ACK and SYN/ACK to ACK, see `bounds.handshake`."""
        return handshake(self.segments)

    @cached_property
    def refusals(self) -> tuple[Ints, Ints]:
        """Stream and frame of each "too big" of a router, see `toobig.refusals`."""
        return refusals(self.icmp)

    @cached_property
    def _context(self) -> tuple[pd.DataFrame, pd.DataFrame] | None:
        return self.look() if self.look else None

    @cached_property
    def icmp(self) -> pd.DataFrame:
        """ICMP errors about segments: frame, time_ns, stream, type, code, mtu, …; or empty."""
        return place(self, self._context[1]) if self._context else pd.DataFrame()

    @cached_property
    def exchanges(self) -> pd.DataFrame:
        """Requests and responses, see `http.exchanges`; empty without HTTP in the clear."""
        if self._context is None or self._context[0].empty:
            return pd.DataFrame()
        return exchanges(self, self._context[0])

    @cached_property
    def owed(self) -> Ints:
        """Bytes of its answer that the server still owes after each row, shape (n,).

        ``UNKNOWN`` if nobody knows (no HTTP, chunked).
        """
        if self.exchanges.empty:
            return np.full(len(self.segments.frame), UNKNOWN)
        return owed(self, self.exchanges)

    @cached_property
    def answer_due(self) -> Bools:
        """Rows after which a request has no answer yet, as far as HTTP is understood."""
        if self.exchanges.empty:
            return np.zeros(len(self.segments.frame), bool)
        return answer_due(self, self.exchanges)

    @cached_property
    def duplicates(self) -> tuple[Bools, Bools]:
        """Rows that are duplicate ACKs for each flow."""
        pokes = [np.isin(loss.kind, (PROBE, KEEP_ALIVE)) for loss in self.losses]
        return (
            duplicate_acks(self.states[0]) & ~pokes[1],
            duplicate_acks(self.states[1]) & ~pokes[0],
        )

    @cached_property
    def one_sided(self) -> Bools:
        """Streams of which the capture holds one direction only, see `bounds.one_sided`."""
        return one_sided(self.segments)

    @cached_property
    def kept_alive(self) -> Bools:
        """Streams in which HTTP announced that the connection is kept, see `http.kept_alive`."""
        return kept_alive(self.exchanges, len(self.segments.groups))

    @cached_property
    def cut_off(self) -> tuple[Bools, Bools]:
        """Rows after which a flow's sender stopped within a write, see `bounds.cut_off`."""
        return cut_off(self)

    @cached_property
    def artefacts(self) -> pd.DataFrame:
        """What the capture did to the truth, see `artefacts.artefact_table`."""
        return artefact_table(self)

    @cached_property
    def flow_tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The numbers of each flow, one row per stream, see `flowstats.flow_table`."""
        return flow_table(self, 0), flow_table(self, 1)

    @cached_property
    def unseen(self) -> tuple[Ints, Ints]:
        """Acknowledged bytes that the capture lacks, of each flow and stream."""
        return unseen_bytes(self, 0), unseen_bytes(self, 1)

    @cached_property
    def judged(self) -> pd.DataFrame:
        """The stalls with their causes, see `judging.judged_stalls`."""
        return judged_stalls(self)

    @cached_property
    def stalled(self) -> tuple[Bools, Bools]:
        """Rows after which a stall of each flow lasts."""
        return stalled_rows(self, self.judged, 0), stalled_rows(self, self.judged, 1)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """What was found in all streams, see `findings.findings_table`."""
        return findings_table(self)

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """The verdict of every stream, see `findings.verdict_table`."""
        return verdict_table(self, self.findings)

    @cached_property
    def limits(self) -> tuple[Limits, Limits]:
        """Who holds each flow back at every instant."""
        return Limits(self, 0), Limits(self, 1)

    @cached_property
    def stalls(self) -> pd.DataFrame:
        """The stalls of all streams, see `stalls.stall_table`."""
        return stall_table(self)

    @cached_property
    def vantage(self) -> Ints:
        """Where the capture was taken, index into `vantage.VANTAGES`, per stream."""
        return vantage(self)

    @cached_property
    def closed(self) -> Bools:
        """Streams that ended, see `bounds.closed`."""
        return closed(self.segments)
