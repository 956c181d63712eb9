"""What plain ``tshark -T fields`` says, with everything dissected, against our table."""

from __future__ import annotations

import os
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from tcpwin import schema
from tcpwin.schema import Column
from tcpwin.tshark.command import PINNED

_BETWEEN = ";"
_MORE = ("frame.protocols", "icmp", "icmpv6")
Row = dict[str, str]


def plain_rows(capture: Path, tshark: Path, home: Path) -> list[Row]:
    """Every segment of the capture, all values of each field, as tshark prints them."""
    names = [name for c in schema.COLUMNS if c.field for name in c.field.split(" or ")]
    names += _MORE
    command = [str(tshark), "-n", "-r", str(capture), "-T", "fields"]
    command += ["-E", "occurrence=a", "-E", f"aggregator={_BETWEEN}"]
    for name, value in PINNED.items():
        command += ["-o", f"{name}:{value}"]
    for name in names:
        command += ["-e", name]
    environment = {**os.environ, "WIRESHARK_CONFIG_DIR": str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    lines = done.stdout.decode("utf-8", "replace").split("\n")[:-1]
    rows = [dict(zip(names, line.split("\t"), strict=True)) for line in lines]
    return [r for r in rows if r["tcp.stream"] and not r["icmp"] and not r["icmpv6"]]


def _values(row: Row, field: str) -> list[str]:
    return row[field].split(_BETWEEN) if row[field] else []


def _number(text: str) -> int:
    named = {"True": 1, "False": 0}
    return named[text] if text in named else int(text, 0)


def _address(row: Row, column: Column) -> str | None:
    ipv4, ipv6 = (_values(row, field) for field in column.field.split(" or "))
    if ipv4 and ipv6:  # a tunnel: whichever comes last before TCP
        layers = row["frame.protocols"].split(":")
        last = [layer for layer in layers if layer in ("ip", "ipv6")][-1]
        return (ipv4 if last == "ip" else ipv6)[-1]
    return (ipv4 or ipv6 or [None])[-1]


def expected(row: Row, column: Column) -> Any:
    """What the cell has to hold; None for NA. The last layer counts."""
    if column.dtype == "category":
        return _address(row, column)
    values = _values(row, column.field)
    if column.dtype == "mark":
        return bool(values)
    if column.dtype == "list":
        return [_number(value) for value in values] or None
    if not values:
        return 0 if column.name == "ack" else None
    if column.name == "time_ns":
        return int(Decimal(values[-1]) * 10**9)
    return float(values[-1]) if column.dtype == "float64" else _number(values[-1])


def _cell(value: Any) -> Any:
    if isinstance(value, (list, tuple)) or hasattr(value, "tolist"):
        return [int(item) for item in value]
    return None if pd.isna(value) else value


def differences(packets: pd.DataFrame, rows: list[Row]) -> list[str]:
    """One line for each cell that differs, and for rows that are not the same."""
    frames = [int(row["frame.number"]) for row in rows]
    if packets["frame"].tolist() != frames:
        return [f"rows differ: {sorted(set(packets['frame']) ^ set(frames))[:10]}"]
    found = []
    for column in schema.fields():
        for row, value in zip(rows, packets[column.name].tolist(), strict=True):
            ours, theirs = _cell(value), expected(row, column)
            if column.name in ("seq", "ack"):
                ours = ours % 2**32
            if ours != theirs:
                found.append(f"frame {row['frame.number']} {column.name}: {ours} for {theirs}")
    return found


def laws(packets: pd.DataFrame) -> list[str]:
    """What `schema` promises of types and gaps and this table does not keep."""
    broken = []
    if list(packets.columns) != [column.name for column in schema.COLUMNS]:
        broken.append(f"columns: {list(packets.columns)}")
    arrow = {"mark": "bool", "list": "list<item: uint32>[pyarrow]"}
    for column in schema.COLUMNS:
        series = packets[column.name]
        if str(series.dtype) != arrow.get(column.dtype, column.dtype):
            broken.append(f"{column.name} is {series.dtype}")
        plain = column.dtype[0] not in "UI" and column.dtype not in ("category", "list", "float64")
        if plain and series.isna().any():
            broken.append(f"{column.name} has gaps")
    if not packets["src"].cat.categories.equals(packets["dst"].cat.categories):
        broken.append("src and dst cannot be compared")
    return broken
