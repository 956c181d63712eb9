"""The window scale of each flow: from the SYNs, or inferred, or not known, and said so.

Sources: RFC 7323 2.2 (both SYNs must carry the option; a SYN's own window is not scaled).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Groups, Ints, take
from tcpwin.analysis.progress import Progress, announced
from tcpwin.analysis.segments import ACK, SYN, Segments

SOURCES: Final = ("syn", "inferred", "lower_bound", "unknown")
LARGEST: Final = 14  # RFC 7323 2.3
# A receiver must not shrink its window (RFC 9293 3.8.6), so nearly all data lies below the
# edge; the rest is for stray packets of a capture that began in the middle.
_FITS: Final = 0.999
# As many ACKs one after the other must agree on a frozen edge: reads between ACKs hide in
# any ratio, and now and then in one that is a power of two.
_STEPS_NEEDED: Final = 3
# Share of the steps in which a receiver may shrink its window before we doubt a shift.
_SHRINKS: Final = 0.01
_MUCH_SMALLER: Final = 4
_MERGED: Final = 1 << 17


@dataclass(frozen=True)
class Scale:
    """Scale of the windows that throttle one flow, per stream; arrays of shape (streams,).

    `shift` is 0 where `source` (an index into `SOURCES`) is unknown.
    """

    shift: Ints
    source: Ints


def window_scale(segments: Segments, steps: Progress) -> Scale:
    """The scale in the ACKs that come back for the flow of `steps`."""
    from_syn, known, offered = _from_syn(segments, steps)
    lower = _lower_bound(segments, steps)
    shrinks, votes = _steps_of_edge(segments, steps)
    shifts = np.arange(LARGEST + 1)
    votes[(shrinks > 0) | (shifts < lower[:, None])] = 0
    frozen = votes.argmax(axis=1)
    each = np.arange(len(votes))
    scaled = (offered >= 0) & ((lower > 0) | _smaller_than_in_syn(segments, steps))
    bounded = (lower > 0) & (shrinks[each, lower] == 0)
    shift = np.select(
        [known, scaled, votes[each, frozen] >= _STEPS_NEEDED, bounded],
        [from_syn, offered, frozen, lower],
        0,
    )
    source = np.select(
        [known, scaled, votes[each, frozen] >= _STEPS_NEEDED, bounded], [0, 1, 1, 2], 3
    )
    return Scale(shift=shift, source=source)


def _from_syn(segments: Segments, steps: Progress) -> tuple[Ints, Bools, Ints]:
    """Shift told by the handshake, whether it told, and the receiver's offer, per stream.

    The offer is -1 without one; it holds if the other side, whose SYN is not there to tell,
    offered one too. A SYN whose options were cut off by the snaplen tells nothing.
    """
    groups = segments.groups
    option = segments.column("wscale_shift")
    whole = segments.column("cap_len") >= segments.column("frame_len")
    syn = segments.has(SYN) & ((option >= 0) | whole)

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
    return np.maximum(shift, 0), both | none | answered, np.minimum(our_shift, LARGEST)


def _smaller_than_in_syn(segments: Segments, steps: Progress) -> Bools:
    """Streams where the window in the packet after the SYN is a fraction of the SYN's.

    A SYN's own window is never scaled and no receiver takes its window back, so the second
    one counts larger units.
    """
    groups = segments.groups
    from_receiver = np.flatnonzero(~steps.sends & segments.fits)
    stream = groups.ids[from_receiver]
    window, syn = segments.window[from_receiver], segments.has(SYN)[from_receiver]
    smaller = window[1:] * _MUCH_SMALLER < window[:-1]
    shows = (stream[1:] == stream[:-1]) & syn[:-1] & ~syn[1:] & smaller
    result = np.zeros(len(groups), bool)
    result[stream[1:][shows]] = True
    return result


def _lower_bound(segments: Segments, steps: Progress) -> Ints:
    """The smallest shift under which the data fits below the edge; probes apart.

    A header holds the window rounded down, and data that an older edge allowed may go
    beyond a newer one by as much.
    """
    raw = announced(segments, steps)
    beyond = segments.end - steps.una
    fits = steps.sends & segments.fits & (segments.length > 1) & (steps.window_row != NEVER)
    # ACKs may be missing from the capture above a hole in the data, where no scale allows
    # as much, and where the next ACK is for more than receive offload ever puts together.
    hole = steps.sends & segments.fits & (segments.seq > steps.sent_before)
    holed = segments.groups.cummax(np.where(hole, segments.seq, UNKNOWN)) > steps.una
    fits &= ~holed & (raw > 0) & (beyond <= (raw + 1) << LARGEST)
    advance = segments.groups.next(steps.newly > 0)
    rows = np.flatnonzero(fits & (take(steps.newly, advance, 0) <= _MERGED))
    needed = np.ceil(np.log2(np.maximum(beyond[rows], 1) / (raw[rows] + 1)))
    needed = np.clip(needed, 0, LARGEST).astype(np.int64)
    stream = segments.groups.ids[rows]
    order = np.lexsort((needed, stream))
    groups = Groups.of_sorted(stream[order])
    at = groups.starts + np.ceil(_FITS * groups.sizes).astype(np.int64) - 1
    lower = np.zeros(len(segments.groups), np.int64)
    lower[stream[order][groups.starts]] = needed[order][at]
    return lower


def _steps_of_edge(segments: Segments, steps: Progress) -> tuple[Ints, Ints]:
    """How the steps from ACK to ACK speak for each shift.

    An ACK moves una by what the window loses, unless the application reads in between:
    2600 / 10 = 260 gives 8. A header holds the window rounded down, so a step of w stands
    for anything between w-1 and w+1 units, and so does a row of steps taken together.

    Returns:
        Two arrays of shape (streams, shifts): 1 where the shift would mean that the receiver
        shrank its window too often, and the number of steps in rows of steps that agree.
    """
    n, shifts = len(segments.groups), range(LARGEST + 1)
    shrinks, votes = np.zeros((n, LARGEST + 1), np.int64), np.zeros((n, LARGEST + 1), np.int64)
    accepted = steps.window_row == np.arange(len(segments.frame))
    rows = np.flatnonzero(accepted & ~segments.has(SYN))
    stream = segments.groups.ids[rows]
    same = stream[1:] == stream[:-1]
    moved = np.diff(steps.una[rows])
    sunk = -np.diff(segments.window[rows])
    changed = np.flatnonzero(same & ((moved > 0) | (sunk != 0)))
    stream, moved, sunk = stream[1:][changed], moved[changed], sunk[changed]
    step = (moved > 0) & (sunk >= 2)
    total = np.bincount(stream[step], minlength=n)
    for shift in shifts:
        shrunk = step & (moved <= (sunk - 1) << shift)
        shrinks[:, shift] = np.bincount(stream[shrunk], minlength=n) > _SHRINKS * total
        agrees = step & ~shrunk & (moved < (sunk + 1) << shift)
        if not agrees.any():
            continue
        at = np.flatnonzero(agrees)
        apart = (np.diff(at) > 1) | (np.diff(stream[at]) != 0)
        runs = Groups(np.concatenate(([0], np.flatnonzero(apart) + 1)).astype(np.int64), len(at))
        drift = np.abs(runs.sum(moved[at]) - (runs.sum(sunk[at]) << shift))
        good = (runs.sizes >= _STEPS_NEEDED) & (drift < 1 << shift)
        owner = stream[at][runs.starts][good]
        votes[:, shift] = np.bincount(owner, runs.sizes[good], minlength=n).astype(np.int64)
    return shrinks, votes
