"""What tshark is asked for: less than the table holds.

A value costs tshark about a hundredth of the time it takes for a segment, and a column
something even where it is empty. So it is not asked for what follows from other values, nor
for what the headers say in plain sight. Where that might differ, everything is asked for.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tcpwin.schema import Column
from tcpwin.schema.column import ANALYSIS_PAGE, IP_PAGE
from tcpwin.tshark.fields import MESSAGE

# Not in the table. In a tunnel that has both, it tells which address is the inner one.
IP_PROTO: Final = Column("ip_proto", "ip.proto", "UInt8", "", "Last IPv4's payload.", IP_PAGE)
# Where a segment has a mark, the name of that mark is one of these.
MESSAGES: Final = Column("messages", MESSAGE, "texts", "", "Expert information.", ANALYSIS_PAGE)
# Each is the time between two frames that are both known.
DIFFERENCES: Final = {"time_s": "", "ack_rtt": "acks_frame", "rto": "rto_frame"}
WINDOW: Final = "window_size"  # window_size_value and its scale give it
_LATER: Final = (*DIFFERENCES, WINDOW)
DUPLICATE: Final = "duplicate_ack"  # its message has a number in it; duplicate_ack_num tells


class Unsure(Exception):  # noqa: N818 - nothing is wrong, another way is taken
    """The table might differ from what a single tshark says that is asked for everything."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be in the table, and how it comes there.

    Attributes:
        columns: of the table; those without a field stay empty.
        texts: the expert message for each mark that is not asked for itself; if there are
            none, everything is asked for itself.
        told: columns whose values are known already; some only if there are `texts`.
    """

    columns: tuple[Column, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    told: Container[str] = ()

    @property
    def brief(self) -> bool:
        """Whether tshark is asked for less than the table holds."""
        return bool(self.texts)

    @property
    def parsed(self) -> tuple[Column, ...]:
        """The columns that can be told line by line."""
        later = _LATER if self.brief else ()
        known = (c for c in self.columns if c.name not in later)
        return tuple(c for c in known if c.name not in self.told)

    @property
    def asked(self) -> tuple[Column, ...]:
        """What tshark prints, in this order."""
        follow = {*self.texts, DUPLICATE} if self.brief else ()
        asked = (c for c in self.parsed if c.field and c.name not in follow)
        return (*asked, MESSAGES if self.brief else IP_PROTO)


def brief(columns: Iterable[Column], known: Mapping[str, str]) -> Question:
    """The question in few words; in full if tshark lacks one of the fields.

    Args:
        columns: of the table.
        known: see `tcpwin.tshark.fields.known_fields`.
    """
    columns = tuple(columns)
    if MESSAGE not in known or not all(column.field for column in columns):
        return Question(columns)
    marks = (c for c in columns if c.dtype == "mark" and c.field.startswith("tcp.analysis."))
    return Question(columns, {c.name: known[c.field] for c in marks if c.name != DUPLICATE})
