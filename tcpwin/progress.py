"""Progress for what takes over a second: a bar on stderr of a terminal, or in a notebook."""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from tcpwin.tshark.process import Progress

PATIENCE_S: Final = 1.0
_REDRAW_S: Final = 0.1


class _Bar(Protocol):
    def start(self) -> None: ...
    def show(self, done: int, total: int) -> None: ...
    def stop(self) -> None: ...


@contextmanager
def shown(progress: Progress | bool | None, what: str) -> Iterator[Progress | None]:
    """The callback to hand to a reader: the caller's own, a bar, or none.

    ``None`` and ``True`` mean a bar where somebody watches; ``False`` means none.
    """
    if callable(progress):
        yield progress
        return
    jupyter = _in_jupyter()
    if progress is False or not (sys.stderr.isatty() or jupyter):
        yield None
        return
    bar: _Bar = _Notebook(what) if jupyter else _Terminal(what)
    begun = time.monotonic()
    started = False

    def update(done: int, total: int) -> None:
        nonlocal started
        if not started and time.monotonic() - begun > PATIENCE_S:
            bar.start()
            started = True
        if started:
            bar.show(done, total)

    try:
        yield update
    finally:
        if started:
            bar.stop()


class _Terminal:
    """rich's bar, which goes when the work is done."""

    def __init__(self, what: str) -> None:
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
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        self.bar = Bar(*columns, console=Console(stderr=True), transient=True)
        self.task = self.bar.add_task(what, total=None)
        self.start, self.stop = self.bar.start, self.bar.stop

    def show(self, done: int, total: int) -> None:
        self.bar.update(self.task, completed=done, total=total)


class _Notebook:
    """The bar of the browser itself: rich's needs ipywidgets there, and warns without it."""

    def __init__(self, what: str) -> None:
        self.what = html.escape(what)
        self.handle: Any = None
        self.drawn = 0.0

    def start(self) -> None:
        from IPython.display import display  # there wherever a notebook's kernel is

        show: Any = display
        self.handle = show(self._page(""), raw=True, display_id=True)

    def show(self, done: int, total: int) -> None:
        if time.monotonic() - self.drawn > _REDRAW_S:
            self.drawn = time.monotonic()
            bar = f'<progress value="{done}" max="{total}"></progress>'
            page = self._page(f"{self.what} {bar} {done / max(total, 1):.0%}")
            self.handle.update(page, raw=True)

    def stop(self) -> None:
        self.handle.update(self._page(""), raw=True)

    @staticmethod
    def _page(text: str) -> dict[str, str]:
        return {"text/html": text, "text/plain": ""}


def _in_jupyter() -> bool:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return hasattr(shell, "kernel")
