"""A surveyed capture in parts: every flow whole in one part, each part a capture by itself.

Its frame numbers are counted in the part; `Part.frames` maps them back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tcpwin.errors import CaptureError
from tcpwin.tshark.flowhash import BUCKETS, IDLE, QUOTE, REST
from tcpwin.tshark.records import EVERY, NONE
from tcpwin.tshark.survey import PIECE, Survey, opened, survey
from tcpwin.units import printable

LEAST_BYTES: Final = 1 << 20  # fewer are read by a tshark in the time that it takes to start
LEAST_FRAMES: Final = 30_000  # fewer are read by one tshark in the time that two need to start
PART_FRAMES: Final = 500_000  # tshark holds some 870 bytes for each


@dataclass(frozen=True, slots=True)
class Part:
    """Some flows of a capture.

    Attributes:
        survey: of the capture.
        mine: which of its records are in this part, shape (n,).
        frames: the number in the capture for each number in the part, which begins with 1.
        quotes: which of them, by number in the part, are ICMP errors: no segments.
        rest: which of them are not plainly TCP, and must hold none.
    """

    survey: Survey
    mine: NDArray[np.bool_]
    frames: NDArray[np.uint32]
    quotes: NDArray[np.bool_]
    rest: NDArray[np.bool_]

    def pieces(self) -> Iterator[bytes]:
        """The part as a capture, in pieces.

        Raises:
            CaptureError: the file is not as it was.
        """
        survey = self.survey
        yield survey.head
        ends = np.cumsum(survey.sizes, dtype=np.int64)
        bounds = np.searchsorted(ends, np.arange(PIECE, int(ends[-1]) + PIECE, PIECE), "right")
        bounds = np.unique(np.concatenate(([0], bounds, [len(ends)])))
        with opened(survey.path) as file:
            if file.read(len(survey.head)) != survey.head:
                raise _changed(survey)
            for low, high in pairwise(bounds.tolist()):
                start = int(ends[low - 1]) if low else 0
                data = file.read(int(ends[high - 1]) - start)
                if len(data) != int(ends[high - 1]) - start:
                    raise _changed(survey)
                yield _picked(data, self.mine[low:high], survey.sizes[low:high])


def _picked(data: bytes, mine: NDArray[np.bool_], sizes: NDArray[np.uint32]) -> bytes:
    """The records that are `mine`, neighbours in one slice."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mine, [False]))))
    at = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))[edges].tolist()
    view = memoryview(data)
    return b"".join([view[a:b] for a, b in zip(at[::2], at[1::2], strict=True)])


def _changed(survey: Survey) -> CaptureError:
    return CaptureError(f"{printable(survey.path.name)} changed while it was read: read it again")


def plan(path: Path, jobs: int) -> list[Part]:
    """The parts of a capture for `jobs` tsharks at a time; none if that is not possible.

    Nor are there any of a small capture.
    """
    surveyed = survey(path) if path.stat().st_size >= LEAST_BYTES else None
    return [] if surveyed is None else divided(surveyed, jobs)


def divided(surveyed: Survey, jobs: int) -> list[Part]:
    """The parts; one if more would not be read sooner.

    Frames in which nothing could carry TCP are in none of them.
    """
    place = surveyed.place
    is_frame = place < NONE
    needed = is_frame & (place & IDLE == 0)
    total = int(needed.sum())
    many = -(-total // PART_FRAMES)
    if total >= LEAST_FRAMES:
        many = -(-many // jobs) * jobs
    number = np.cumsum(is_frame, dtype=np.uint32)
    bucket = np.where(needed, place & (BUCKETS - 1), 0)
    owner = _owners(np.bincount(bucket[needed]), many)[bucket]
    parts: list[Part] = []
    for one in range(many):
        own = needed & (owner == one)
        if own.any():
            frames = np.concatenate(([0], number[own])).astype(np.uint32)
            quotes, rest = (
                np.concatenate(([False], place[own] & bit > 0)) for bit in (QUOTE, REST)
            )
            parts.append(Part(surveyed, own | (place == EVERY), frames, quotes, rest))
    return parts


def _owners(counts: NDArray[np.int64], many: int) -> NDArray[np.int64]:
    """Which part each bucket goes to: the largest first, each into the emptiest part."""
    owner, load = np.zeros(1 << 16, np.int64), np.zeros(many, np.int64)
    for bucket in np.argsort(-counts)[: np.count_nonzero(counts)]:
        owner[bucket] = np.argmin(load)
        load[owner[bucket]] += counts[bucket]
    return owner
