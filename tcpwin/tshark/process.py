"""One run of tshark: fed, listened to, watched, and never left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, Final, cast

from tcpwin.errors import CaptureError
from tcpwin.units import printable

Progress = Callable[[int, int], None]  # bytes done, bytes in all

CHUNK: Final = 1 << 20
PATIENCE_S: Final = 300.0  # without a byte going in or coming out: it hangs
_NOISE: Final = ("Running as user", "This could be dangerous")


class Run:
    """A running tshark. `read` takes its output; threads feed it and listen to its stderr."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        feed: Iterable[bytes] | None,
        patience_s: float,
    ) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._stdout = cast(BufferedReader, process.stdout)  # as Popen makes them
        self._errors: list[str] = []
        self._failure: Exception | None = None  # of the feeding thread
        self._moved = time.monotonic()
        self._waiting = False  # for tshark; a caller may take its time between two reads
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._listen, args=(process.stderr,), daemon=True),
            threading.Thread(target=self._watch, args=(patience_s,), daemon=True),
        ]
        if feed is not None:
            feeding = threading.Thread(target=self._feed, args=(feed,), daemon=True)
            self._threads.append(feeding)
        for thread in self._threads:
            thread.start()

    def read(self, size: int = sys.maxsize) -> bytes:
        """The next `size` bytes of output; fewer only at its end."""
        parts: list[bytes] = []
        with self._patiently():
            while size > 0 and (part := self._stdout.read1(min(size, CHUNK))):
                parts.append(part)
                size -= len(part)
                self._moved = time.monotonic()
        return b"".join(parts)

    def finish(self) -> tuple[int, list[str]]:
        """Wait for the end: the exit code and the lines on stderr worth reading.

        Raises:
            CaptureError: the file that is fed cannot be read to its end.
        """
        with self._patiently():
            code = self._process.wait()
        self._join()
        if self._failure is not None:
            raise self._failure
        return code, self._errors

    def kill(self) -> None:
        """End it from another thread; who reads sees an early end."""
        kill(self._process)

    def end(self) -> None:
        """Whatever state it is in: no process, no thread and no pipe is left."""
        kill(self._process)
        self._process.wait()
        self._join()
        for pipe in (self._process.stdin, self._stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _join(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    @contextmanager
    def _patiently(self) -> Iterator[None]:
        self._moved, self._waiting = time.monotonic(), True
        try:
            yield
        finally:
            self._waiting = False

    def _watch(self, patience_s: float) -> None:
        while not self._over.wait(min(patience_s / 2, 1.0)):
            if self._waiting and time.monotonic() - self._moved > patience_s:
                self._errors.append(f"no sign of life for {patience_s:g} s")
                kill(self._process)
                return

    def _listen(self, stderr: IO[bytes]) -> None:
        for line in stderr:
            text = line.decode("utf-8", "replace").strip()
            if text and not text.startswith(_NOISE):
                self._errors.append(text)

    def _feed(self, pieces: Iterable[bytes]) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            # A broken pipe is tshark's decision; why it ended is on its stderr.
            with contextlib.suppress(BrokenPipeError), pipe:
                for piece in pieces:
                    pipe.write(piece)
                    self._moved = time.monotonic()
        except Exception as error:  # of the file, or of `progress`: it goes to the one who asked
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._failure = error
        kill(self._process)


def pieces_of(path: Path, progress: Progress | None) -> Iterator[bytes]:
    """The bytes of a file; `progress` is told what went in.

    Raises:
        CaptureError: it cannot be read to its end.
    """
    try:
        with path.open("rb") as file:
            total, done = os.fstat(file.fileno()).st_size, 0
            while chunk := file.read(CHUNK):
                yield chunk
                done += len(chunk)
                if progress is not None:
                    progress(done, total)
    except OSError as error:
        why = f"{printable(path.name)} cannot be read to its end ({error.strerror})"
        raise CaptureError(f"{why}: copy it to another disk") from error


def kill(process: subprocess.Popen[bytes]) -> None:
    """End it, and what it started: a tshark may be a script that starts the real one."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def run_tshark(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    feed: Path | Iterable[bytes] | None = None,
    progress: Progress | None = None,
    patience_s: float | None = None,
) -> Iterator[Run]:
    """Start `command`, with the file or the pieces `feed` on its standard input.

    Whatever happens inside the ``with`` (an error, Ctrl-C), the process is gone after it.
    """
    process = run = None
    try:
        with _signals_held():
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL if feed is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(environment),
                start_new_session=True,  # its own group, see `kill`; Ctrl-C reaches us alone
            )
        pieces = pieces_of(feed, progress) if isinstance(feed, Path) else feed
        run = Run(process, pieces, patience_s or PATIENCE_S)
        yield run
    finally:
        if run is not None:
            run.end()
        elif process is not None:
            kill(process)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Ctrl-C waits for the end: between its start and our knowing of it a process is lost.

    By handlers, since a mask of this thread leaves a signal to the threads of a library. Only
    the main thread may set them, and only there a handler runs.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    ours = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda got, _: came.append(got)) for number in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        for late in came:
            signal.raise_signal(late)
