"""Which tshark, and which version."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tcpwin.errors import TsharkError
from tcpwin.tshark.process import run_tshark
from tcpwin.units import printable

OLDEST = (3, 6, 0)
INSTALL = (
    "install Wireshark's tshark (apt install tshark, dnf install wireshark-cli, "
    "brew install wireshark, winget install WiresharkFoundation.Wireshark)"
)
_OUTSIDE_PATH = (
    "/Applications/Wireshark.app/Contents/MacOS/tshark",
    r"C:\Program Files\Wireshark\tshark.exe",
)
PATIENCE_S = 60.0  # a first start may build font or plugin caches; more means that it hangs


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
    """The tshark of `locate_tshark`, which is asked for its version.

    Raises:
        TsharkError: none there, it does not run, or it is older than 3.6.
    """
    return _ask_version(locate_tshark(path))


def locate_tshark(path: str | os.PathLike[str] | None = None) -> str:
    """The program at `path`, or else the first tshark in PATH or where its installers put it.

    A `path` without a folder is looked up in PATH. Never one in the current directory, and
    no ``config.ini`` is asked: a folder of captures from a stranger must not name the
    program to run.

    Raises:
        TsharkError: there is none.
    """
    name = "tshark" if path is None else os.fspath(path)
    if Path(name).name != name:
        candidates = [Path(name).absolute()]
    else:
        folders = map(Path, os.environ.get("PATH", "").split(os.pathsep))
        candidates = [folder / name for folder in folders if name and folder.is_absolute()]
    if path is None:
        candidates += map(Path, _OUTSIDE_PATH)
    for candidate in candidates:
        if program := shutil.which(candidate):
            return os.fspath(program)
    if path is None:
        raise TsharkError(f"no tshark found: {INSTALL}")
    raise TsharkError(f"{printable(name)} is not a program: name tshark itself, or {INSTALL}")


@lru_cache
def _ask_version(path: str) -> Tshark:
    first = (output(path, "--version").splitlines() or [""])[0]
    match = re.search(r"TShark.*?(\d+)\.(\d+)\.(\d+)", first)
    if match is None:
        raise TsharkError(f"{path} does not say it is tshark: name tshark itself, or {INSTALL}")
    major, minor, micro = (int(part) for part in match.groups())
    version = (major, minor, micro)
    if version < OLDEST:
        raise TsharkError(f"{path} is {printable(first)}, 3.6 is the oldest that works: {INSTALL}")
    return Tshark(path, version)


def output(path: str, *arguments: str) -> str:
    """What the program at `path` prints when it is called with these arguments.

    Raises:
        TsharkError: it does not run, hangs or fails.
    """
    try:
        with run_tshark([path, *arguments], os.environ, patience_s=PATIENCE_S) as run:
            text = run.read().decode("utf-8", "replace")
            code, errors = run.finish()
    except OSError as error:
        raise TsharkError(f"{path} does not run ({error.strerror}): {INSTALL}") from error
    if code != 0:
        why = (errors or [f"exit code {code}"])[-1]
        raise TsharkError(f"{path} does not run ({printable(why)}): {INSTALL}")
    return text
