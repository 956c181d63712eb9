"""Several tsharks at work on the parts of a capture, and one table out of what they print.

The table is the one that a single tshark gives, or there is none.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tcpwin.errors import TcpwinError
from tcpwin.tshark.columns import arrow_schema, parse
from tcpwin.tshark.command import private_environment
from tcpwin.tshark.complaints import check_run
from tcpwin.tshark.follows import completed
from tcpwin.tshark.process import Progress, Run, run_tshark
from tcpwin.tshark.question import Question, Unsure
from tcpwin.tshark.split import Part
from tcpwin.tshark.survey import Survey

FRAMES: Final = ("frame", "acks_frame", "rto_frame", "duplicate_ack_frame")
BLOCK: Final = 1 << 20  # bytes of text parsed at once: some 25,000 rows


def lines(run: Run) -> Generator[bytes, None, None]:
    """What tshark prints in blocks of whole lines; a line without an end is left out.

    The next block is read while the caller works on one: tshark never waits for us.
    """
    rest = b""
    with ThreadPoolExecutor(1) as ahead:
        try:
            coming = ahead.submit(run.read, BLOCK)
            while text := coming.result():
                coming = ahead.submit(run.read, BLOCK)
                block, newline, rest = (rest + text).rpartition(b"\n")
                if newline:
                    yield block + newline
        except BaseException:
            run.kill()  # or what is read ahead has no end
            raise


@dataclass
class Crew:
    """Tsharks that all run the same command.

    Attributes:
        command: it reads a capture on standard input, and prints `STREAMS`.
        question: what it is asked.
        progress: told the bytes of the capture that went in.
    """

    command: Sequence[str]
    question: Question
    progress: Progress | None = None
    _runs: list[Run] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: bool = False
    _cause: BaseException | None = None  # the first failure: others follow from it
    _done: int = 0
    _total: int = 0

    def read(self, parts: Sequence[Part], jobs: int) -> Any:
        """The Arrow table of all `parts`, `jobs` of them at a time; nothing if it is not certain.

        Whatever ends it, no tshark is left behind.
        """
        self._total = sum(int(part.survey.sizes[part.mine].sum()) for part in parts)
        with ThreadPoolExecutor(jobs) as pool:
            try:
                found = list(pool.map(self._read, parts))
                return _merged(found, self.question, parts[0].survey)
            except (Unsure, TcpwinError):
                if self._cause is None or isinstance(self._cause, (Unsure, TcpwinError)):
                    return None
                raise self._cause from None
            finally:
                self._stop()

    def _stop(self) -> None:
        with self._lock:
            self._stopped = True
            for run in self._runs:
                run.kill()

    def _read(self, part: Part) -> Rows:
        try:
            with (
                private_environment() as environment,
                run_tshark(self.command, environment, feed=self._fed(part)) as run,
            ):
                with self._lock:
                    if self._stopped:
                        raise Unsure
                    self._runs.append(run)
                with closing(lines(run)) as blocks:
                    return self._rows(part, run, blocks)
        except BaseException as error:
            self._cause = self._cause or error
            self._stop()
            raise

    def _rows(self, part: Part, run: Run, blocks: Iterable[bytes]) -> Rows:
        rows = Rows([], np.zeros(0, np.uint32))
        for block in blocks:
            rows.add(parse(block, self.question), part)
        code, errors = run.finish()
        if check_run(part.survey.path, code, errors, seen=True):
            raise Unsure
        return rows

    def _fed(self, part: Part) -> Iterator[bytes]:
        size = part.survey.path.stat().st_size
        for piece in part.pieces():
            yield piece
            with self._lock:
                self._done += len(piece)
                done = min(self._done / max(self._total, 1), 1.0)
            if self.progress is not None:
                self.progress(int(size * done), size)


@dataclass
class Rows:
    """The rows of one part, with the capture's frame numbers.

    Attributes:
        batches: the rows, streams still counted in the part.
        firsts: the first frame of each of its streams, shape (streams,).
    """

    batches: list[Any]
    firsts: NDArray[np.uint32]

    def add(self, batch: Any, part: Part) -> None:
        """Take over what tshark printed of `part`."""
        local = np.asarray(batch["frame"], np.int64)
        if part.rest[local].any():
            raise Unsure  # TCP that the headers did not show, in a tunnel for instance
        stream = np.asarray(batch["stream"], np.int64)
        before = np.maximum.accumulate(np.concatenate(([len(self.firsts) - 1], stream)))[:-1]
        new = stream > before
        if (stream[new] != len(self.firsts) + np.arange(new.sum())).any():
            raise Unsure  # a stream without a frame to see: its number is not known
        self.firsts = np.concatenate((self.firsts, part.frames[local[new]]))
        batch = batch.filter(pa.array(~part.quotes[local]))
        numbers = pa.array(part.frames)
        for name in FRAMES:
            place = batch.schema.get_field_index(name)
            batch = batch.set_column(place, name, pc.take(numbers, batch.column(place)))
        self.batches.append(batch)


def _merged(found: list[Rows], question: Question, survey: Survey) -> Any:
    """All rows in the order of the capture, streams counted in that of their first frames.

    Raises:
        Unsure: see `completed`.
    """
    schema = arrow_schema(question.parsed)
    firsts = np.concatenate([rows.firsts for rows in found])
    number = np.empty(len(firsts), np.uint32)
    number[np.argsort(firsts, kind="stable")] = np.arange(len(firsts), dtype=np.uint32)
    chunks: dict[str, list[Any]] = {name: [] for name in schema.names}
    for rows in found:
        mine, number = np.split(number, [len(rows.firsts)])
        for batch in rows.batches:
            for name, column in zip(schema.names, batch.columns, strict=True):
                chunks[name].append(pc.take(pa.array(mine), column) if name == "stream" else column)
        rows.batches.clear()
    frames = np.concatenate([np.asarray(c) for c in chunks["frame"]] or [np.zeros(0, np.uint32)])
    order = pa.array(np.argsort(frames, kind="stable"))
    merged = []
    for name, kind in zip(schema.names, schema.types, strict=True):
        whole = pa.chunked_array(chunks.pop(name), kind)
        merged.append(whole.combine_chunks().take(order))
        pa.default_memory_pool().release_unused()
    return completed(pa.table(merged, schema=schema), survey.start_ns, survey.told)
