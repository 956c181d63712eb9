"""Progress on stderr for what takes over a second, on a terminal or in Jupyter only."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tcpwin.tshark.process import Progress

PATIENCE_S: Final = 1.0


@contextmanager
def shown(progress: Progress | bool | None, what: str) -> Iterator[Progress | None]:
    """The callback to hand to a reader: the caller's own, a bar, or none.

    ``None`` and ``True`` mean a bar where somebody watches; ``False`` means none.
    """
    if callable(progress):
        yield progress
        return
    if progress is False or not (sys.stderr.isatty() or _in_jupyter()):
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    bar = Bar(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=None)
    begun = time.monotonic()
    started = False

    def update(done: int, total: int) -> None:
        nonlocal started
        if not started and time.monotonic() - begun > PATIENCE_S:
            bar.start()
            started = True
        bar.update(task, completed=done, total=total)

    try:
        yield update
    finally:
        if started:
            bar.stop()


def _in_jupyter() -> bool:
    return "ipykernel" in sys.modules
