"""The window scale of each flow: from the SYNs, or inferred, or not known, and said so.

Sources: RFC 7323 2.2 (both SYNs must carry the option; a SYN's own window is not scaled).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tcpwin.analysis.grouped import NEVER, Groups, Ints, take
from tcpwin.analysis.progress import Progress, announced
from tcpwin.analysis.segments import ACK, SYN, Segments

SOURCES: Final = ("syn", "inferred", "lower_bound", "unknown")
LARGEST: Final = 14  # RFC 7323 2.3
# A receiver must not shrink its window (RFC 9293 3.8.6), so nearly all data lies below the
# edge; the rest is for stray packets of a capture that began in the middle.
_FITS: Final = 0.999
# Two agreeing steps could be chance, as reads between ACKs hide in any ratio.
_STEPS_NEEDED: Final = 3


@dataclass(frozen=True)
class Scale:
    """Scale of the windows that throttle one flow, per stream; arrays of shape (streams,).

    `shift` is 0 where `source` (an index into `SOURCES`) is unknown.
    """

    shift: Ints
    source: Ints


def window_scale(segments: Segments, steps: Progress) -> Scale:
    """The scale in the ACKs that come back for the flow of `steps`."""
    from_syn, known = _from_syn(segments, steps)
    lower = _lower_bound(segments, steps)
    upper, frozen = _frozen_edge(segments, steps)
    inferred = (frozen >= lower) & (frozen != NEVER) | (lower == upper) & (lower > 0)
    guess = np.where(frozen >= lower, frozen, lower)
    source = np.where(inferred, 1, np.where(lower > 0, 2, 3))
    return Scale(
        shift=np.where(known, from_syn, np.where(source < 3, guess, 0)),
        source=np.where(known, 0, source),
    )


def _from_syn(segments: Segments, steps: Progress) -> tuple[Ints, np.ndarray]:
    """Shift told by the handshake, and whether it told (per stream)."""
    groups = segments.groups
    option = segments.column("wscale_shift")
    syn = segments.has(SYN)

    def of(rows: np.ndarray) -> tuple[np.ndarray, Ints]:
        row = groups.last(rows)[groups.ends] if len(groups) else np.zeros(0, np.int64)
        return row != NEVER, take(option, row, -1)

    ours, our_shift = of(syn & ~steps.sends)
    theirs, their_shift = of(syn & steps.sends)
    answer, answer_shift = of(syn & segments.has(ACK))
    both = ours & theirs & (our_shift >= 0) & (their_shift >= 0)
    # One SYN without the option is enough to know that nothing is scaled; a SYN/ACK may
    # carry the option only in answer to one, so it tells its sender's scale alone.
    none = (ours & (our_shift < 0)) | (theirs & (their_shift < 0))
    answered = ours & answer & (answer_shift >= 0) & (our_shift == answer_shift) & ~theirs
    shift = np.where(none, 0, np.minimum(our_shift, LARGEST))
    return np.maximum(shift, 0), both | none | answered


def _lower_bound(segments: Segments, steps: Progress) -> Ints:
    """The smallest shift under which the data fits below the edge; probes apart."""
    raw = announced(segments, steps)
    fits = steps.sends & (segments.length > 1) & (raw > 0) & (steps.window_row != NEVER)
    rows = np.flatnonzero(fits)
    beyond = np.maximum(segments.end[rows] - steps.una[rows], 1) / raw[rows]
    needed = np.clip(np.ceil(np.log2(beyond)), 0, LARGEST).astype(np.int64)
    stream = segments.groups.ids[rows]
    order = np.lexsort((needed, stream))
    groups = Groups.of_sorted(stream[order])
    at = groups.starts + np.ceil(_FITS * groups.sizes).astype(np.int64) - 1
    lower = np.zeros(len(segments.groups), np.int64)
    lower[stream[order][groups.starts]] = needed[order][at]
    return lower


def _frozen_edge(segments: Segments, steps: Progress) -> tuple[Ints, Ints]:
    """Upper bound, and the shift under which the edge stood still while nothing was read.

    An ACK moves una by what the window loses, unless the application reads in between:
    2600 / 10 = 260 gives 8. A header holds the window rounded down, so a step of w stands
    for anything between w-1 and w+1 units. Returns (upper, shift or ``NEVER``) per stream.
    """
    rows = np.flatnonzero(steps.acks & (steps.window_row != NEVER) & ~segments.has(SYN))
    stream = segments.groups.ids[rows]
    groups = Groups.of_sorted(stream)
    moved = steps.una[rows] - groups.previous(steps.una[rows], 0)
    sunk = groups.previous(segments.window[rows], 0) - segments.window[rows]
    first = np.zeros(len(rows), bool)
    first[groups.starts] = True
    pair = ~first & (moved > 0) & (sunk >= 2)
    shifts = np.arange(LARGEST + 1)
    upper = np.full(len(segments.groups), LARGEST)
    highest = np.floor(np.log2(np.maximum(moved, 1) / np.maximum(sunk - 1, 1)))
    limit = np.where(pair, np.clip(highest, 0, LARGEST), LARGEST).astype(np.int64)
    seen = stream[groups.starts]
    upper[seen] = groups.min(limit)
    votes = np.zeros((len(segments.groups), LARGEST + 1), np.int64)
    steps_of = moved[pair, None]
    agrees = ((sunk[pair, None] - 1) << shifts < steps_of) & (
        steps_of < (sunk[pair, None] + 1) << shifts
    )
    np.add.at(votes, stream[pair], agrees)
    votes[shifts[None, :] > upper[:, None]] = 0
    best = votes.argmax(axis=1)
    agreed = votes[np.arange(len(votes)), best] >= _STEPS_NEEDED
    return upper, np.where(agreed, best, NEVER)
