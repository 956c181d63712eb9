"""What of a long connection a ladder shows, where on the page, and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tcpwin.plots.axes import labels, numbers
from tcpwin.plots.thin import Floats

MOST: Final = 48  # packets that a page can show one by one
_BREAK: Final = 6  # a pause is drawn as long as so many usual gaps, and says how long it is
_PAUSES: Final = 12  # that say how long they are


def interesting(packets: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most `most` packets: around the first loss, and around begin and end of the focus."""
    if len(packets) <= most:
        return packets
    sent = numbers(packets, "sent_s")
    time = np.where(np.isfinite(sent), sent, numbers(packets, "received_s"))
    lost = np.flatnonzero(np.isin(labels(packets, "fate"), ("lost", "partly-lost")))
    focus = packets.attrs.get("focus")
    if focus is None:
        anchors = [int(lost[0])] if len(lost) else [0]
    else:
        first, last = np.searchsorted(time, focus)
        # What was lost before a stall began is what it is about; else what was lost in it.
        before = lost[lost <= first]
        told = before[-1:] if len(before) else lost[lost <= last][:1]
        anchors = [*told.tolist(), int(first), int(last)]
    share = max(most // len(anchors), 1)
    rows = [_around(row, share, len(packets)) for row in anchors]
    picked = np.unique(np.concatenate(rows))
    # Windows that overlap leave room: for what follows the first, then for what is before it.
    more = np.setdiff1d(np.arange(picked[0], len(packets)), picked)
    rest = np.append(more, np.arange(picked[0])[::-1])[: max(most - len(picked), 0)]
    return packets.iloc[np.union1d(picked, rest)]


def _around(row: int, share: int, total: int) -> np.ndarray:
    begin = max(0, min(row - share // 3, total - share))
    return np.arange(begin, min(begin + share, total))


@dataclass(frozen=True)
class Scale:
    """From seconds to places down the page: a usual gap is 1, pauses are cut short."""

    at: Floats
    down: Floats

    @classmethod
    def of(cls, times: Floats) -> Scale:
        """The scale for these instants; NaN where there is none."""
        at = np.unique(times[np.isfinite(times)])
        gaps = np.diff(at)
        usual = float(np.median(gaps)) if len(gaps) else 1.0
        steps = np.clip(gaps / usual, 0.05, _BREAK)
        return cls(at, np.append(0.0, np.cumsum(steps)))

    def place(self, seconds: Floats) -> Floats:
        """How far down; NaN stays NaN."""
        known = np.interp(np.nan_to_num(seconds), self.at, self.down)
        result: Floats = np.where(np.isfinite(seconds), known, np.nan)
        return result

    def pauses(self) -> Iterator[tuple[float, float]]:
        """The longest pauses that are drawn short: where on the page, how long in seconds."""
        gaps = np.diff(self.at)
        cut = np.flatnonzero(np.diff(self.down) > 0.999 * _BREAK)
        for row in cut[np.argsort(-gaps[cut], kind="stable")[:_PAUSES]].tolist():
            yield float(self.down[row] + self.down[row + 1]) / 2, float(gaps[row])


def rung_labels(
    shown: pd.DataFrame, side: int, scale: Scale, room: float
) -> Iterator[tuple[float, str]]:
    """Place and text beside the client's (0) or the server's time line.

    Packets closer to the one before than `room` share its line: ``#5–9  0.1042 s  5 × 1,448 B``.
    """
    here = (labels(shown, "flow") == "client->server") == (side == 0)
    frames = np.where(here, numbers(shown, "frame_sent"), numbers(shown, "frame_received"))
    seconds = np.where(here, numbers(shown, "sent_s"), numbers(shown, "received_s"))
    places = scale.place(seconds)
    order = np.argsort(places, kind="stable")
    order = order[np.isfinite(places[order]) & np.isfinite(frames[order])]
    length, flags = numbers(shown, "len"), numbers(shown, "flags")
    runs: list[list[int]] = []
    for row in order.tolist():
        if runs and places[row] < places[runs[-1][0]] + room:
            runs[-1].append(row)
        else:
            runs.append([row])
    for run in runs:
        mine = [row for row in run if here[row]]
        first, last = int(frames[run].min()), int(frames[run].max())
        number = f"#{first:,}" if first == last else f"#{first:,}–{last:,}"
        sizes = {_what(int(flags[row]), int(length[row])) for row in mine}
        what = f"  {sizes.pop()}" if len(sizes) == 1 else ""
        if what and len(mine) > 1:
            what = f"  {len(mine)} ×{what[1:]}"
        yield float(places[run[0]]), f"{number}  {seconds[run[0]]:.4f} s{what}"


def _what(flags: int, length: int) -> str:
    names = [name for bit, name in ((2, "SYN"), (1, "FIN"), (4, "RST")) if flags & bit]
    if length:
        names.append(f"{length:,} B")
    return " ".join(names) or "ACK"
