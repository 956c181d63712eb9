"""The comments on the packets of a capture, sorted by frame."""

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
_AT_A_TIME: Final = 1 << 16  # packets whose state becomes text: a million need not be at once


def notes(capture: Capture, streams: Sequence[int] = (), *, states: bool = False) -> Iterator[Note]:
    """The comments frame by frame; findings before events before states.

    Args:
        capture: what is to be commented.
        streams: only these, all if there are none.
        states: also where both flows stand after each packet.

    Raises:
        StreamNotFoundError: there is no such stream.
    """
    wanted = {capture.stream(number).stream for number in streams}
    pairs = [*_of_findings(capture, wanted), *_of_events(capture, wanted)]
    told = _table(
        pa.array((frame for frame, _ in pairs), pa.uint32()),
        pa.array((SIGN + printable(text) for _, text in pairs), pa.large_string()),
    )
    parts = _with_states(told, capture, wanted) if states else iter([told])
    return (note for part in parts for note in _by_frame(part, capture.packets))


def _table(frames: Any, texts: Any) -> pa.Table:
    """Columns frame and text, sorted by frame."""
    order = np.argsort(frames.to_numpy(), kind="stable")
    return pa.table({"frame": frames, "text": texts}).take(order)


def _by_frame(table: pa.Table, packets: pd.DataFrame) -> Iterator[Note]:
    """The comments of each frame; its lengths come from `packets`."""
    frames = table["frame"].to_numpy()
    first = np.flatnonzero(np.diff(frames, prepend=-1))
    stop = np.append(first, len(frames))[1:].tolist()
    place = packets["frame"].to_numpy().searchsorted(frames[first])
    captured = packets["cap_len"].to_numpy()[place].tolist()
    length = packets["frame_len"].to_numpy()[place].tolist()
    texts = table["text"].cast(pa.large_binary()).to_pylist()
    rows = zip(frames[first].tolist(), captured, length, first.tolist(), stop, strict=True)
    for frame, kept, size, begin, end in rows:
        yield Note(frame, kept, size, texts[begin:end])


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


def _with_states(told: pa.Table, capture: Capture, wanted: set[int]) -> Iterator[pa.Table]:
    """What is told and the states, in parts; every frame of `told` has a state."""
    state = capture.state
    if wanted:
        state = state[state["stream"].isin(wanted)]
    frames, begin = told["frame"].to_numpy(), 0
    for low in range(0, len(state), 2 * _AT_A_TIME):
        part = _of_states(state.iloc[low : low + 2 * _AT_A_TIME])
        end = int(np.searchsorted(frames, part["frame"][-1].as_py(), side="right"))
        both = pa.concat_tables([told.slice(begin, end - begin), part]).combine_chunks()
        yield _table(both["frame"], both["text"])
        begin = end


def _of_states(state: pd.DataFrame) -> pa.Table:
    """Window, flight, usable and limiter of both flows after each packet, as text."""
    each = [_flow_state(state[state["flow"] == flow]) for flow in FLOWS]
    text = _joined(f"{SIGN}state {FLOWS[0]}:", each[0], f" | {FLOWS[1]}:", each[1])
    return pa.table({"frame": pa.array(state["frame"].to_numpy()[::2]), "text": text})


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
