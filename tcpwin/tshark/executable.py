"""Which tshark, which version, and which fields it knows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tcpwin import schema
from tcpwin.errors import TsharkError

OLDEST = (3, 6, 0)
INSTALL = (
    "install Wireshark's tshark (apt install tshark, dnf install wireshark-cli, "
    "brew install wireshark, winget install WiresharkFoundation.Wireshark)"
)
_OUTSIDE_PATH = (
    "/Applications/Wireshark.app/Contents/MacOS/tshark",
    r"C:\Program Files\Wireshark\tshark.exe",
)
_PATIENCE_S = 60  # a first start may build font or plugin caches; more means that it hangs


@dataclass(frozen=True, slots=True)
class Tshark:
    """A tshark that was run once and told its version."""

    path: str
    version: tuple[int, int, int]

    @property
    def version_text(self) -> str:
        """For instance ``4.0.17``."""
        return ".".join(map(str, self.version))


def find_tshark(path: str | os.PathLike[str] | None = None) -> Tshark:
    """The tshark at `path`, or else the first in PATH or where its installers put it.

    Never one in the current directory, and no ``config.ini`` is asked: a folder of captures
    from a stranger must not name the program to run.

    Raises:
        TsharkError: none there, it does not run, or it is older than 3.6.
    """
    if path is not None:
        given = shutil.which(os.path.abspath(path))
        if given is None:
            raise TsharkError(f"{path} is not a program: name tshark itself, or {INSTALL}")
        return _ask_version(given)
    folders = [f for f in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(f)]
    found = [shutil.which(os.path.join(f, "tshark")) for f in folders]
    for candidate in (*found, *_OUTSIDE_PATH):
        if candidate and os.path.isfile(candidate):
            return _ask_version(candidate)
    raise TsharkError(f"no tshark found: {INSTALL}")


@lru_cache
def _ask_version(path: str) -> Tshark:
    first = (_output(path, "--version").splitlines() or [""])[0]
    match = re.search(r"TShark.*?(\d+)\.(\d+)\.(\d+)", first)
    if match is None:
        raise TsharkError(f"{path} does not say it is tshark: name tshark itself, or {INSTALL}")
    major, minor, micro = (int(part) for part in match.groups())
    version = (major, minor, micro)
    if version < OLDEST:
        raise TsharkError(f"{path} is {first.strip()}, 3.6 is the oldest that works: {INSTALL}")
    return Tshark(path, version)


@lru_cache
def known_fields(tshark: Tshark) -> frozenset[str]:
    """All field names that this tshark knows (``tshark -G fields``)."""
    rows = (line.split("\t") for line in _output(tshark.path, "-G", "fields").splitlines())
    return frozenset(row[2] for row in rows if len(row) > 2)


def missing_fields(tshark: Tshark) -> tuple[str, ...]:
    """Names of the columns of `schema.COLUMNS` whose field this tshark lacks."""
    known = known_fields(tshark)
    return tuple(
        column.name
        for column in schema.fields()
        if not known.issuperset(column.field.split(" or "))
    )


def _output(path: str, *arguments: str) -> str:
    try:
        done = subprocess.run(
            [path, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
            encoding="utf-8",
            errors="replace",
            cwd=Path(sys.executable).anchor or None,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TsharkError(f"{path} does not run ({error}): {INSTALL}") from error
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
        raise TsharkError(f"{path} does not run ({why}): {INSTALL}")
    return done.stdout
