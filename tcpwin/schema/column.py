"""What is said of a column, and the pages where Wireshark's own values are defined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FRAME_PAGE: Final = "https://www.wireshark.org/docs/dfref/f/frame.html"
IP_PAGE: Final = "https://www.wireshark.org/docs/dfref/i/ip.html"
TCP_PAGE: Final = "https://www.wireshark.org/docs/dfref/t/tcp.html"
ANALYSIS_PAGE: Final = "https://www.wireshark.org/docs/wsug_html_chunked/ChAdvTCPAnalysis.html"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: the column's name in the DataFrame.
        field: the tshark field it holds; "" where tcpwin computes it.
        dtype: how the DataFrame holds it. ``UInt*``/``Int*`` (capital) can hold NA, ``mark``
            is a bool that is true where tshark prints anything at all, ``list`` an Arrow
            list of integers, ``category`` text that repeats.
        unit: the unit, "" for numbers without one.
        meaning: one sentence.
        source: where the definition stands.
    """

    name: str
    field: str
    dtype: str
    unit: str
    meaning: str
    source: str

    def __str__(self) -> str:
        unit = f" [{self.unit}]" if self.unit else ""
        field = f"tshark {self.field}" if self.field else "computed by tcpwin"
        return f"{self.name}{unit}: {self.meaning} ({field}, {self.dtype}; {self.source})"
