"""The comments on the packets of a capture, as one table sorted by frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tcpwin.analysis import FLOWS, event_table
from tcpwin.analysis.grouped import NEVER
from tcpwin.diagnosis import Diagnosis, Finding
from tcpwin.model import Capture
from tcpwin.units import format_duration, printable
from tcpwin.wireshark.blocks import Note
from tcpwin.wireshark.words import event_words

SIGN: Final = "tcpwin: "
_AT_A_TIME: Final = 1 << 16  # comments turned into Python's text: a million need not be at once


def notes_table(capture: Capture, streams: Sequence[int] = (), *, states: bool = False) -> pa.Table:
    """Columns frame and text, sorted by frame; findings before events before states.

    Args:
        capture: what is to be commented.
        streams: only these, all if there are none.
        states: also where both flows stand after each packet.

    Raises:
        StreamNotFoundError: there is no such stream.
    """
    wanted = {capture.stream(number).stream for number in streams}
    pairs = [*_of_findings(capture, wanted), *_of_events(capture, wanted)]
    frames = pa.array((frame for frame, _ in pairs), pa.uint32())
    texts = pa.array((SIGN + printable(text) for _, text in pairs), pa.large_string())
    table = pa.table({"frame": frames, "text": texts})
    if states:
        table = pa.concat_tables([table, _of_states(capture, wanted)])
    order = np.argsort(table["frame"].to_numpy(), kind="stable")
    return table.take(order).combine_chunks()


def notes(table: pa.Table, packets: pd.DataFrame) -> Iterator[Note]:
    """The comments frame by frame; the lengths of each frame come from `packets`."""
    frames = table["frame"].to_numpy()
    first = np.flatnonzero(np.diff(frames, prepend=-1))
    stop = np.append(first[1:], len(frames))
    place = packets["frame"].to_numpy().searchsorted(frames[first])
    captured = packets["cap_len"].to_numpy()[place]
    length = packets["frame_len"].to_numpy()[place]
    text = table["text"].combine_chunks().cast(pa.large_binary())
    for low in range(0, len(first), _AT_A_TIME):
        part = slice(low, low + _AT_A_TIME)
        base = int(first[low])
        values = text.slice(base, int(stop[part][-1]) - base).to_pylist()
        columns = (frames[first[part]], captured[part], length[part], first[part], stop[part])
        for frame, kept, size, begin, end in zip(*(c.tolist() for c in columns), strict=True):
            yield Note(frame, kept, size, values[begin - base : end - base])


def _of_findings(capture: Capture, wanted: set[int]) -> Iterator[tuple[int, str]]:
    for diagnosis in capture.diagnose():
        if not wanted or diagnosis.stream in wanted:
            yield from _of_stream(diagnosis)


def _of_stream(diagnosis: Diagnosis) -> Iterator[tuple[int, str]]:
    rows = diagnosis.ledger.findings[diagnosis.group]
    for finding, row in zip(diagnosis.findings, rows, strict=True):
        yield from _finding_words(finding, bool(row.stall))


def _finding_words(finding: Finding, stall: bool) -> Iterator[tuple[int, str]]:
    """What is said where a finding begins, and where it ends.

    Wireshark shows some 240 characters of a comment in its details: the frames come first.
    """
    first, last = finding.first_frame, finding.last_frame
    flow = f", {finding.flow}" if finding.flow else ""
    what = f"stall, {finding.cause}" if stall else finding.cause
    who = f"({finding.blame}{flow})"
    open_end = ", open when the capture ends" if finding.open else ""
    if first == last:
        begun, until = "", open_end
    else:
        begun, ended = (" begins", " ends") if stall else (" first seen", " last seen")
        until = open_end or f",{ended} in frame {last}"
        over = " is open when the capture ends" if finding.open else ended
        cost = f", {format_duration(finding.lost_s)} lost" if finding.lost_s else ""
        yield last, f"{what}{over} {who}: since frame {first}{cost}"
    yield first, f"{what}{begun} {who}{until} [{finding.confidence}]: {finding.claim}"


def _of_events(capture: Capture, wanted: set[int]) -> Iterator[tuple[int, str]]:
    facts = capture.facts
    table, segments = event_table(facts), facts.segments
    if wanted:
        table = table[np.isin(segments.stream[table["row"].to_numpy()], [*wanted])]
    for name, row in (("frame", "row"), ("other", "other_row"), ("since", "since_row")):
        rows = table[row].to_numpy()
        table = table.assign(**{name: np.where(rows == NEVER, 0, segments.frame[rows])})
    for frame, event in zip(table["frame"].tolist(), table.itertuples(index=False), strict=True):
        yield frame, event_words(event)


def _of_states(capture: Capture, wanted: set[int]) -> Any:
    """Flight, usable and limiter of both flows after each packet, as text."""
    state = capture.state
    if wanted:
        state = state[state["stream"].isin(wanted)]
    each = [_flow_state(state[state["flow"] == flow]) for flow in FLOWS]
    text = _joined(f"{SIGN}state {FLOWS[0]}:", each[0], f" | {FLOWS[1]}:", each[1])
    frames = pa.array(state["frame"].to_numpy()[::2])
    return pa.table({"frame": frames, "text": text})


def _flow_state(state: pd.DataFrame) -> Any:
    parts: list[Any] = []
    for name in ("window", "flight", "usable"):
        number = pa.array(state[name], from_pandas=True).cast(pa.large_string())
        parts += [f" {name} ", pc.fill_null(number, "unknown"), ","]
    return _joined(*parts, " ", pa.array(state["limiter"].astype(str), pa.large_string()))


def _joined(*parts: Any) -> Any:
    """Texts and columns of text as one column."""
    wide = [pa.scalar(p, pa.large_string()) if isinstance(p, str) else p for p in parts]
    return pc.binary_join_element_wise(*wide, pa.scalar("", pa.large_string()))
