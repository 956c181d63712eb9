"""One run of tshark: fed, listened to, and never left behind."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

Progress = Callable[[int, int], None]  # bytes done, bytes in all

CHUNK: Final = 1 << 20
_NOISE: Final = ("Running as user", "This could be dangerous")


class Run:
    """A running tshark. `stdout` is read by the caller, stderr and stdin by threads."""

    def __init__(self, process: subprocess.Popen[bytes], feed: Path | None, progress: Progress):
        assert process.stdout is not None
        self.stdout: IO[bytes] = process.stdout
        self._process = process
        self._errors: list[str] = []
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        if feed is not None:
            self._threads.append(
                threading.Thread(target=self._feed, args=(feed, progress), daemon=True)
            )
        for thread in self._threads:
            thread.start()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            text = line.decode("utf-8", "replace").strip()
            if text and not text.startswith(_NOISE):
                self._errors.append(text)

    def _feed(self, path: Path, progress: Progress) -> None:
        pipe, total, done = self._process.stdin, path.stat().st_size, 0
        assert pipe is not None
        # A broken pipe is tshark's decision; why it ended is on its stderr.
        with contextlib.suppress(BrokenPipeError, OSError), path.open("rb") as file, pipe:
            while chunk := file.read(CHUNK):
                pipe.write(chunk)
                done += len(chunk)
                progress(done, total)

    def finish(self) -> tuple[int, list[str]]:
        """Wait for the end: the exit code and the lines on stderr worth reading."""
        code = self._process.wait()
        for thread in self._threads:
            thread.join()
        return code, self._errors


@contextmanager
def run_tshark(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    feed: Path | None = None,
    progress: Progress | None = None,
) -> Iterator[Run]:
    """Start `command`, with the file `feed` on its standard input.

    Whatever happens inside the ``with`` (an error, Ctrl-C), the process is gone after it.
    """
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
    )
    run = None
    try:
        run = Run(process, feed, progress or (lambda _done, _total: None))
        yield run
    finally:
        if process.poll() is None:
            process.kill()
        if run is not None:
            run.finish()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
