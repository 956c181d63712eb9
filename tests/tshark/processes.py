"""The processes of this machine: from /proc, or from `ps` where there is none (as on macOS)."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Process(NamedTuple):
    """One process; `state` is Z for one that has ended and is not yet collected."""

    pid: int
    parent: int
    state: str
    command: str


def processes() -> list[Process]:
    """All that run now."""
    if not Path("/proc/self/stat").exists():
        table = subprocess.run(
            ["ps", "-axo", "pid=,ppid=,stat=,args="], check=True, capture_output=True, text=True
        )
        rows = [[*line.split(maxsplit=3), ""] for line in table.stdout.splitlines()]
        ones = [Process(int(row[0]), int(row[1]), row[2][0], row[3]) for row in rows]
        return [one for one in ones if not one.command.startswith("ps -axo")]
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            # pid (name) state ppid …; the name may hold anything, brackets too
            name, _, rest = (folder / "stat").read_text(errors="replace").rpartition(")")
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            state, parent = rest.split()[:2]
            command = line.strip() or name.partition("(")[2]
            found.append(Process(int(folder.name), int(parent), state, command))
    return found
