"""THE tables of columns: what tshark is asked for, and what each value means.

`COLUMNS` declares ``Capture.packets``, `STATE` ``Capture.state``, `STREAMS` ``Capture.streams``;
`TABLES` has these and those of a flow by name (``window`` is that of ``Flow.window()``). Names
are Wireshark's leaf names where the value is Wireshark's own, so that a column leads to a
display filter; a unit suffix marks what tcpwin worked out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tcpwin.schema.column import Column
from tcpwin.schema.flows import FLOWS
from tcpwin.schema.packets import COLUMNS, fields, without_field
from tcpwin.schema.state import STATE
from tcpwin.schema.streams import STREAMS

__all__ = [
    "COLUMNS",
    "STATE",
    "STREAMS",
    "TABLES",
    "Column",
    "describe",
    "fields",
    "without_field",
]

TABLES: Final[Mapping[str, tuple[Column, ...]]] = {
    "packets": COLUMNS,
    "state": STATE,
    "streams": STREAMS,
    **FLOWS,
}


def describe(name: str, table: str | None = None) -> Column:
    """The column called `name`, with its unit, tshark field, meaning and source.

    Without a `table` (a key of `TABLES`) it is that of the first that has one, `packets` before
    `state` before the others; ``str()`` gives one readable line.

    Raises:
        KeyError: there is no such column or table; the message lists those there are.
    """
    if table is not None and table not in TABLES:
        raise KeyError(f"no table {table!r}; there are: {', '.join(TABLES)}")
    columns = [c for key, t in TABLES.items() if table in (None, key) for c in t]
    for column in columns:
        if column.name == name:
            return column
    known = ", ".join(dict.fromkeys(column.name for column in columns))
    raise KeyError(f"no column {name!r}; there are: {known}")
