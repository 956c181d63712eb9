"""Programs that pretend to be tshark."""

from __future__ import annotations

import stat
from pathlib import Path

VERSION = "TShark (Wireshark) 4.0.0 (for the tests)."


def program(path: Path, script: str) -> Path:
    """A shell script that runs."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def tshark(path: Path, script: str, *, version: str = VERSION, fields: str = "") -> Path:
    """It tells its version and its fields; for everything else it runs `script`."""
    return program(
        path,
        f'case "$*" in\n--version) echo "{version}"; exit;;\n'
        f'"-G fields") printf "{fields}"; exit;;\nesac\n{script}',
    )
