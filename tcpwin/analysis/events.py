"""What happened at single packets, each with the packet that it belongs together with.

The window closed here and opened there; this was lost and sent again there. Findings sum such
events up; here every one is told, for the packet list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Groups, Ints, take
from tcpwin.analysis.intervals import Keys
from tcpwin.analysis.loss import AGAIN, LATE, NEW, PROBE

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

EVENTS: Final = (
    "zero-window", "reopened", "probe", "lost", "sent-again", "needless", "late", "hole",
)  # fmt: skip
_NUMBERS: Final = {
    "row": NEVER, "other_row": NEVER, "since_row": NEVER, "number": 0, "of": 0,
    "was": UNKNOWN, "size": UNKNOWN, "wait_ns": UNKNOWN,
}  # fmt: skip


def event_table(facts: Facts) -> pd.DataFrame:
    """One row per event of all streams, sorted by row; rows are those of ``facts.segments``.

    Columns: row, flow (0 or 1), event (one of `EVENTS`), other_row, since_row (``NEVER`` where
    there is none), number and of (of a probe), was, size (bytes, ``UNKNOWN``), wait_ns (from
    the earlier of row and other_row to the later), cause and blame (of what was lost; else "").

    - ``zero-window``: a window of 0 begins; `other_row` ends it.
    - ``reopened``: an ACK that brings nothing else raises the window from `was` to `size`, or
      from 0; `other_row` brings the next new data, `since_row` is where the window had closed.
    - ``probe``: a window probe, the `number` th `of` those since the window closed in
      `since_row`; `other_row` answers it, with a window of `size`.
    - ``lost``: the first copy passed here and was lost behind; `other_row` sends it again.
    - ``sent-again``: repairs a loss; `other_row` is the first copy, ``NEVER`` if it never came
      here; `since_row` is where the hole was seen.
    - ``needless``: sent again though it had arrived; `other_row` is the first copy.
    - ``late``: overtaken by `since_row`, sent once.
    - ``hole``: `size` bytes before the row are missing; `other_row` brings the first of them.
    """
    parts = [part for flow in (0, 1) for part in _of_flow(facts, flow)]
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values("row", kind="stable", ignore_index=True)


def _of_flow(facts: Facts, flow: int) -> list[pd.DataFrame]:
    return [*_window(facts, flow), _probes(facts, flow), *_losses(facts, flow)]


def _table(facts: Facts, flow: int, event: str, row: Ints, **columns: Any) -> pd.DataFrame:
    table = pd.DataFrame({**_NUMBERS, **columns, "row": row}, index=np.arange(len(row)))
    table = table.astype(dict.fromkeys(_NUMBERS, np.int64))
    time, other = facts.segments.time_ns, table["other_row"].to_numpy()
    span = np.abs(take(time, other, 0) - time[row])
    table["wait_ns"] = np.where(other == NEVER, UNKNOWN, span)
    texts = {name: columns.get(name, "") for name in ("cause", "blame")}
    return table.assign(flow=flow, event=event, **texts)


def _window(facts: Facts, flow: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Where the window closes, and where it opens again."""
    segments, state, zero = facts.segments, facts.states[flow], facts.chokes[flow].zero
    groups = segments.groups
    was_zero = groups.previous(zero, False)
    begins = zero & ~was_zero
    closed = np.flatnonzero(begins)
    before = groups.previous(state.window)
    raised = (state.window > before) & (before > UNKNOWN) & state.steps.acks
    pure = (state.steps.newly == 0) & (segments.length == 0)
    opens = np.flatnonzero(raised & (was_zero | pure))
    return (
        _table(
            facts, flow, "zero-window", closed,
            other_row=groups.next(~zero & state.known)[closed], was=before[closed],
        ),
        _table(
            facts, flow, "reopened", opens,
            other_row=facts.losses[flow].next_new[opens],
            since_row=np.where(was_zero, groups.last(begins), NEVER)[opens],
            was=before[opens], size=state.window[opens],
        ),
    )  # fmt: skip


def _probes(facts: Facts, flow: int) -> pd.DataFrame:
    """Window probes, counted within the spell of the closed window, with their answers."""
    groups, state = facts.segments.groups, facts.states[flow]
    probe = facts.losses[flow].kind == PROBE
    rows = np.flatnonzero(probe)
    answer, following = groups.next(state.steps.acks)[rows], groups.next(probe)[rows]
    answer = np.where((following != NEVER) & (following < answer), NEVER, answer)
    since = facts.chokes[flow].since[rows]
    spell = np.where(since == NEVER, -1 - groups.ids[rows], since)
    runs = Groups.of_sorted(spell)
    return _table(
        facts, flow, "probe", rows,
        other_row=answer, since_row=since, size=take(state.window, answer, UNKNOWN),
        number=np.arange(len(rows)) - runs.first + 1, of=np.repeat(runs.sizes, runs.sizes),
    )  # fmt: skip


def _losses(facts: Facts, flow: int) -> list[pd.DataFrame]:
    segments, loss = facts.segments, facts.losses[flow]
    again, late = np.flatnonzero(loss.kind == AGAIN), np.flatnonzero(loss.kind == LATE)
    holes = np.flatnonzero(loss.holes)
    first = _first_copy(facts, flow, again)
    needed = ~loss.spurious[again]
    cause, blame = _causes(facts, flow, again)
    repair = again[needed]
    # The copy that was lost is told once, with the first segment that repairs it.
    seen, place = np.unique(first[needed], return_index=True)
    place, seen = place[seen != NEVER], seen[seen != NEVER]
    fills = np.flatnonzero(loss.fills)
    opened, at = np.unique(loss.opener[fills], return_index=True)
    filled = np.full(len(segments.frame), NEVER)
    filled[opened[opened != NEVER]] = fills[at[opened != NEVER]]
    size = segments.seq[holes] - loss.state.steps.sent_before[holes]
    length = segments.length
    return [
        _table(facts, flow, "lost", seen, other_row=repair[place], size=length[seen],
               cause=cause[needed][place], blame=blame[needed][place]),
        _table(facts, flow, "sent-again", repair, other_row=first[needed], size=length[repair],
               since_row=loss.opener[repair], cause=cause[needed], blame=blame[needed]),
        _table(facts, flow, "needless", again[~needed], other_row=first[~needed],
               size=length[again[~needed]], cause=cause[~needed], blame=blame[~needed]),
        _table(facts, flow, "late", late, other_row=loss.opener[late], size=length[late],
               cause="reordering", blame="path"),
        _table(facts, flow, "hole", holes, other_row=filled[holes], size=size),
    ]  # fmt: skip


def _first_copy(facts: Facts, flow: int, rows: Ints) -> Ints:
    """The earlier row that first carried the first byte of each of `rows`; ``NEVER`` if none."""
    segments, loss = facts.segments, facts.losses[flow]
    ids = segments.groups.ids
    brought = np.flatnonzero((loss.kind == NEW) | loss.fills)
    if not len(brought) or not len(rows):
        return np.full(len(rows), NEVER)
    brought = brought[np.lexsort((segments.seq[brought], ids[brought]))]
    keys = Keys.over(segments.seq[brought], segments.seq[rows])
    start = keys.of(ids[brought], segments.seq[brought])
    at = np.searchsorted(start, keys.of(ids[rows], segments.seq[rows]), side="right") - 1
    copy = brought[np.maximum(at, 0)]
    fits = (at >= 0) & (ids[copy] == ids[rows]) & (segments.end[copy] > segments.seq[rows])
    return np.where(fits & (copy < rows), copy, NEVER)


def _causes(facts: Facts, flow: int, rows: Ints) -> tuple[np.ndarray, np.ndarray]:
    """Cause and blame of the finding that each row lies in: a stall, else the stream's loss."""
    found = facts.findings
    own = found[found["flow"] == flow]
    is_stall = own["stall"].to_numpy(bool)
    stalls = own[is_stall].sort_values("first_row", kind="stable")
    at = np.searchsorted(stalls["first_row"].to_numpy(np.int64), rows, side="right") - 1
    at = np.where(take(stalls["last_row"].to_numpy(np.int64), at, NEVER) >= rows, at, NEVER)
    summed = own[~is_stall & own["cause"].isin(("loss", "path-mtu"))].drop_duplicates("group")
    summed = summed.set_index("group").reindex(facts.segments.groups.ids[rows])
    named = []
    for name in ("cause", "blame"):
        otherwise = summed[name].fillna("").to_numpy(object)
        in_stall = take(stalls[name].to_numpy(object), at, "")
        named.append(np.where(at == NEVER, otherwise, in_stall))
    return named[0], named[1]
