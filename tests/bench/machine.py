"""What the numbers depend on."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

from tcpwin.tshark.executable import Tshark
from tcpwin.tshark.reader import cores


def machine(tshark: Tshark, load_before: str) -> str:
    """In one line: cores, processor, system, versions, and how busy it was before and is now."""
    facts = [
        f"{cores()} cores of {processor()}",
        f"{platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in ("pandas", "pyshark")),
        f"tshark {tshark.version_text}",
        f"tcptrace {tcptrace_version()}",
    ]
    facts.append(f"load {load_before} before, {load()} after")
    return ", ".join(facts) + "."


def load() -> str:
    """Programs that ran or waited to run in the last minute, on average."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def processor() -> str:
    """Its model."""
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def tcptrace_version() -> str:
    """For instance ``6.6.7``."""
    program = shutil.which("tcptrace")
    if program is None:
        return "not installed"
    told = subprocess.run([program, "-v"], capture_output=True, text=True)
    words = (told.stdout + told.stderr).partition("version ")[2].split()
    return words[0] if words else "of unknown version"
