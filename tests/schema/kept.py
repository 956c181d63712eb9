"""Whether a table is what the schema says of it."""

import functools

import pandas as pd

from tcpwin.model import Capture, read
from tcpwin.schema import Column
from tests.conftest import FIXTURES


@functools.cache
def capture(name: str) -> Capture:
    return read(FIXTURES / name)


def broken_promises(table: pd.DataFrame, columns: tuple[Column, ...]) -> list[str]:
    """What is wrong with the columns, their order and their types."""
    declared = {column.name: column.dtype for column in columns}
    names = [str(name) for name in table]
    wrong = [f"{name} is missing" for name in declared if name not in names]
    wrong += [f"{name} is not declared" for name in names if name not in declared]
    if not wrong and names != list(declared):
        wrong.append(f"the order is {names}")
    types = {name: str(table[name].dtype) for name in names if name in declared}
    return wrong + [
        f"{name} is {found}, not {declared[name]}"
        for name, found in types.items()
        if not fits(found, declared[name])
    ]


def fits(found: str, declared: str) -> bool:
    """Text is an object in pandas 2 and a type of its own in pandas 3."""
    if declared == "text":
        return found in ("object", "str")
    if declared == "list":
        return found.startswith("list<")
    return found == {"mark": "bool"}.get(declared, declared)
