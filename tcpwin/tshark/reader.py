"""Read a capture into the table of TCP segments."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tcpwin import schema
from tcpwin.errors import CaptureError, TcpwinWarning
from tcpwin.tshark.columns import arrow_schema, parse, to_frame
from tcpwin.tshark.command import (
    CARRIERS,
    NOTHING_ABOVE_TCP,
    SEGMENTS,
    STREAMS,
    capture_command,
    column_format,
    private_environment,
)
from tcpwin.tshark.complaints import DAMAGED, check_run
from tcpwin.tshark.crew import Crew, lines
from tcpwin.tshark.executable import Tshark, find_tshark
from tcpwin.tshark.fields import known_fields, missing_fields
from tcpwin.tshark.files import check_file, pipeable
from tcpwin.tshark.follows import completed
from tcpwin.tshark.headers import TOLD
from tcpwin.tshark.process import Progress, run_tshark
from tcpwin.tshark.question import Question, Unsure, brief
from tcpwin.tshark.split import plan
from tcpwin.tshark.streams import matching_streams
from tcpwin.units import printable


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of a capture.

    Attributes:
        packets: the table of `schema.COLUMNS`, seq and ack still wrapped at 4 GiB.
        tshark: the tshark that read it.
        start_ns: time of the first frame of the capture, ns since 1970 UTC.
        end_ns: time of its last frame, of whatever protocol.
        warnings: what a reader of the result has to know.
    """

    packets: pd.DataFrame
    tshark: Tshark
    start_ns: int
    end_ns: int
    warnings: tuple[str, ...]

    @property
    def cut_short(self) -> bool:
        """Whether the file ends in the middle of a packet, or is damaged from some place on."""
        return any(note.endswith(DAMAGED) for note in self.warnings)


def read_packets(
    path: str | os.PathLike[str],
    *,
    display_filter: str | None = None,
    decode_as: Mapping[str, str] | None = None,
    prefs: Mapping[str, str] | None = None,
    tshark: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Reading:
    """All TCP segments of the capture at `path`, one row each.

    Args:
        path: anything that tshark reads.
        display_filter: keeps every stream, whole, in which a packet matches.
        decode_as: as in ``tshark -d``, ``{"udp.port==4790": "vxlan"}``.
        prefs: preferences over the pinned ones, as in ``tshark -o``.
        tshark: the program to use; found in PATH otherwise.
        jobs: how many of it run at a time; as many as there are cores by default.
        progress: called with the bytes read so far and in all.

    Raises:
        CaptureError: it cannot be read, is no capture, or holds no TCP.
        FilterError: tshark does not accept `display_filter`.
        TsharkError: no usable tshark, or it failed.
    """
    capture = check_file(path)
    program = find_tshark(tshark)
    known = known_fields(program)
    lacking = set(missing_fields(known))
    columns = tuple(schema.without_field(c) if c.name in lacking else c for c in schema.fields())
    streams = None
    if display_filter and display_filter.strip():
        numbers = matching_streams(capture, program, display_filter, decode_as, prefs)
        streams = pa.array(numbers, pa.uint32())

    full, found = Question(columns), None
    if not decode_as and not prefs:
        # In parts the numbers of the streams are known at the end: all rows would be kept.
        short = brief(columns, known)
        if streams is None and short.brief:
            found = _in_parts(capture, program, short, jobs or cores(), progress)
        ways = [(short, NOTHING_ABOVE_TCP)] if short.brief else []
    else:
        ways = []
    for question, above in [*ways, (full, NOTHING_ABOVE_TCP), (full, {})]:
        if found is not None:
            break
        command = capture_command(
            capture,
            program,
            *_output(question),
            display_filter=SEGMENTS,
            decode_as={**above, **(decode_as or {})},
            prefs=prefs,
            from_stdin=pipeable(capture),
        )
        with suppress(Unsure):
            found = _run(capture, command, question, progress, bool(above), streams)
    assert found is not None
    table, end_ns, notes = found
    del found

    if lacking:
        notes.append(
            f"tshark {program.version_text} has no fields for {', '.join(sorted(lacking))}: "
            "these columns stay empty; a newer tshark fills them"
        )
    if not len(table):
        raise CaptureError(f"{printable(capture.name)} holds no TCP: capture with the filter 'tcp'")
    if stampless := table["time_ns"].null_count:
        notes.append(f"{stampless} frames carry no time: they take that of the frame before")
    values = dict(zip(table.column_names, table.columns, strict=True))
    del table
    packets = to_frame(values)
    pa.default_memory_pool().release_unused()  # others may need it now
    for note in notes:
        warnings.warn(note, TcpwinWarning, stacklevel=3)
    end_ns = max(end_ns, int(packets["time_ns"].max()))
    return Reading(packets, program, _start(packets), end_ns, tuple(notes))


def cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _output(question: Question) -> tuple[str, ...]:
    return ("-T", "tabs", "-o", column_format(question.asked))


def _in_parts(
    capture: Path, program: Tshark, question: Question, jobs: int, progress: Progress | None
) -> tuple[Any, int, list[str]] | None:
    """As `_run`, by several tsharks; nothing if one is as good, or has to judge."""
    parts = plan(capture, jobs)
    if not parts:
        return None
    question = replace(question, told=TOLD)
    command = capture_command(
        capture,
        program,
        *_output(question),
        display_filter=STREAMS,
        decode_as=NOTHING_ABOVE_TCP,
        from_stdin=True,
    )
    table = Crew(command, question, progress).read(parts, jobs)
    return None if table is None else (table, parts[0].survey.end_ns, [])


def _run(
    capture: Path,
    command: Sequence[str],
    question: Question,
    progress: Progress | None,
    simple: bool,
    streams: Any,
) -> tuple[Any, int, list[str]]:
    """What one tshark prints of TCP, of these `streams` alone, and the time of the last frame.

    Raises:
        Unsure: the question was too brief, or not so `simple`: TCP carries TCP.
    """
    batches: list[Any] = []
    start_ns = end_ns = 0
    last = -1
    feed = capture if pipeable(capture) else None
    with (
        private_environment() as environment,
        run_tshark(command, environment, feed=feed, progress=progress) as run,
        closing(lines(run)) as blocks,
    ):
        for block in blocks:
            batch = parse(block, question)
            if simple and _on_carriers(batch):
                raise Unsure
            if question.brief and not batches:
                start_ns = _time_of_first(batch)
            end_ns = max(end_ns, pc.max(batch["time_ns"]).as_py() or 0)
            last = max(last, pc.max(pc.fill_null(batch["stream"].cast(pa.int64()), -1)).as_py())
            if streams is None:
                batches.append(batch.filter(pc.is_valid(batch["stream"])))
            else:
                batches.append(batch.filter(pc.is_in(batch["stream"], streams)))
        code, errors = run.finish()
    notes = check_run(capture, code, errors, bool(batches))
    table = pa.Table.from_batches(batches, arrow_schema(question.parsed))
    if last >= 0 and not len(table):
        name = printable(capture.name)
        has = f"it has 0–{last}; widen the filter or name another"
        raise CaptureError(f"no stream of {name} matches: {has}")
    return completed(table, start_ns) if question.brief else table, end_ns, notes


def _time_of_first(batch: Any) -> int:
    """time_ns of frame 1, from which time_s counts."""
    if not len(batch) or batch["frame"][0].as_py() != 1:
        raise Unsure
    return int(batch["time_ns"][0].as_py())


def _on_carriers(batch: Any) -> bool:
    ports = pa.array(CARRIERS, pa.uint16())
    found = (pc.any(pc.is_in(batch[name], ports)).as_py() for name in ("src_port", "dst_port"))
    return any(found)


def _start(packets: pd.DataFrame) -> int:
    """time_ns of the frame from which time_s counts."""
    since = np.nan_to_num(packets["time_s"].to_numpy()[:1]) * 1e9
    return int(packets["time_ns"].to_numpy()[0] - np.rint(since).astype(np.int64)[0])
