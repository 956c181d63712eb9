"""tcpwin: who is waiting for whom in a TCP capture, since which frame, how sure are we.

``import tcpwin as tw; cap = tw.read("x.pcapng")``. Importing is cheap: pandas, pyshark and
matplotlib come in with what first needs them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tcpwin import errors, schema

if TYPE_CHECKING:
    from tcpwin.model import (
        Capture,
        Comparison,
        Flow,
        Runs,
        Stream,
        compare,
        compare_runs,
        read,
    )

_MODEL = ("Capture", "Comparison", "Flow", "Runs", "Stream", "compare", "compare_runs", "read")
__all__ = [
    "Capture", "Comparison", "Flow", "Runs", "Stream", "compare", "compare_runs", "errors", "read",
    "schema",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _MODEL:
        return getattr(import_module("tcpwin.model"), name)
    if name == "__version__":
        return import_module("importlib.metadata").version("tcpwin")
    raise AttributeError(f"module 'tcpwin' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
