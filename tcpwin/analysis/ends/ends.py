"""Everything worked out about one connection in two captures, each part when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from tcpwin.analysis.ends import tables, verdicts
from tcpwin.analysis.ends.both import Both
from tcpwin.analysis.ends.fates import fate_table
from tcpwin.analysis.ends.places import stall_places


@dataclass(frozen=True, eq=False)
class Ends:
    """The facts of both captures together."""

    both: Both

    @cached_property
    def fates(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """What became of each packet, of both flows; see `fates.fate_table`."""
        both = self.both
        return (
            verdicts.timed(both, 0, fate_table(both, 0)),
            verdicts.timed(both, 1, fate_table(both, 1)),
        )

    @cached_property
    def resolved(self) -> pd.DataFrame:
        """The stalls as both captures tell them, see `verdicts.resolve`."""
        return verdicts.resolve(self.both, stall_places(self.both), self.fates)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """What cost time, see `verdicts.findings`."""
        return verdicts.findings(self.both, self.resolved)

    @cached_property
    def verdict(self) -> pd.Series[Any]:
        """What cost most, see `verdicts.verdict`."""
        return verdicts.verdict(self.both, self.findings)

    @cached_property
    def begin_ns(self) -> int:
        """The connection's first packet, by the client's clock."""
        return tables.begin_ns(self.both)

    @cached_property
    def duration_s(self) -> float:
        """From the connection's first packet to its last, in either capture."""
        ends = (self.both.client, self.both.server)
        last = max(int(self.both.client_ns(end, end.segments.time_ns).max()) for end in ends)
        return (last - self.begin_ns) / tables.NS

    @cached_property
    def packets(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """For people, see `tables.packet_table`; of both flows."""
        return (
            tables.packet_table(self.both, 0, self.fates[0]),
            tables.packet_table(self.both, 1, self.fates[1]),
        )

    @cached_property
    def delays(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """One-way delays of both flows, see `tables.delay_table`."""
        return tables.delay_table(self.both, 0), tables.delay_table(self.both, 1)

    @cached_property
    def stalls(self) -> pd.DataFrame:
        """For people, see `tables.stall_table`."""
        return tables.stall_table(self.both, self.resolved)

    @cached_property
    def flows(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The numbers of both flows, see `tables.flow_numbers`."""
        return (
            tables.flow_numbers(self.both, 0, self.fates[0]),
            tables.flow_numbers(self.both, 1, self.fates[1]),
        )
