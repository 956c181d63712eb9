"""Two clocks: how far they are apart, how fast they drift, and how sure that is.

What one clock shows more than the other for a packet is the offset plus, for packets one
way, and minus, for packets the other way, the time of the journey. No journey takes less
than nothing, so each direction bounds the offset from one side [RFC 5905 8; Paxson, On
Calibrating Measurements of Packet Transit Times, SIGMETRICS 1998]. The line that keeps
farthest from the points of both directions is the offset if the shortest journey takes the
same time both ways: an ASSUMPTION, and half the distance between the bounds is by how much
it can be wrong. Its slope is the drift [Moon, Skelly, Towsley, Estimation and Removal of
Clock Skew from Network Delay Measurements, INFOCOM 1999].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tcpwin.analysis.grouped import Ints
from tcpwin.units import format_duration

Floats = NDArray[np.float64]
# Oscillators and what steers them keep within 500 ppm (RFC 5905 11.3, MAXFREQ); more is
# believed only where less would let packets arrive before they were sent.
MAX_DRIFT: Final = 500e-6
# Least journeys are looked at in so many pieces of the time; within one of them no drift up
# to the limit above bends a bound by more than a millionth of the whole time.
_BINS: Final = 500
_PIECES: Final = 10


@dataclass(frozen=True)
class Clock:
    """The server's clock as seen from the client's: ``offset(t) = offset_ns + drift (t - at)``.

    Attributes:
        at_ns: the time of the client's clock at which `offset_ns` holds, the middle.
        offset_ns: what the server's clock shows more; None where one direction is missing.
        half_ns: the offset is wrong by no more than this, whatever the path.
        drift: seconds per second by which the server's clock runs fast; 0 where none shows.
        drift_half: by how much the drift can be wrong, if the least delays stay the same.
        low_ns, high_ns: the bounds of the offset; None where no packet gives one.
        steady: one offset and one drift explain all packets; False when a clock was set
            during the capture.
    """

    at_ns: int
    offset_ns: float | None
    half_ns: float | None
    drift: float
    drift_half: float | None
    low_ns: float | None
    high_ns: float | None
    steady: bool = True

    @property
    def claim(self) -> str:
        """The clocks in words."""
        if self.offset_ns is None or self.half_ns is None:
            return (
                "Clocks: packets of one direction only are in both captures: how far the clocks "
                "are apart cannot be told, nor the one-way delays, only how these change."
            )
        if not self.steady:
            return (
                "Clocks: no one offset and drift fits all packets: a clock was set during the "
                "capture; one-way delays are as wrong as that."
            )
        ahead = "ahead of" if self.offset_ns >= 0 else "behind"
        text = (
            f"Clocks: the server's is {format_duration(abs(self.offset_ns) / 1e9)} {ahead} the "
            f"client's, ± {format_duration(self.half_ns / 1e9)}, taking the fastest journey to "
            "last as long there as back (the ± holds without that)"
        )
        if self.drift:
            error = f" ± {(self.drift_half or 0) * 1e6:.3g}"
            return f"{text}; it runs {self.drift * 1e6:+.3g}{error} ppm against it."
        if self.drift_half is None:
            return f"{text}."
        return f"{text}; no drift shows, ± {self.drift_half * 1e6:.3g} ppm."

    def offset(self, client_ns: Ints) -> Ints:
        """The offset at times of the client's clock, ns; the nearer bound where unknown."""
        result: Ints = self._base + np.round(self.drift * (client_ns - self.at_ns)).astype(np.int64)
        return result

    def to_client(self, server_ns: Ints) -> Ints:
        """Times of the server's clock as the client's would have shown them."""
        since = server_ns - self._base - self.at_ns  # integers: a clock may be decades off
        result: Ints = server_ns - self._base
        return result - np.round(since * (self.drift / (1 + self.drift))).astype(np.int64)

    @property
    def _base(self) -> int:
        known = [v for v in (self.offset_ns, self.low_ns, self.high_ns) if v is not None]
        return round(known[0]) if known else 0


def fit(up: tuple[Ints, Ints], down: tuple[Ints, Ints]) -> Clock:
    """The clock from packets that both ends have, times in ns.

    Args:
        up: for packets of the client, when it sent them and when the server had them.
        down: for packets of the server, when the client had them and when they were sent.
            Both with the client's clock first.
    """
    client = np.concatenate([up[0], down[0]])
    at = int(client.min() + (client.max() - client.min()) // 2) if len(client) else 0
    upper = _least(up[0] - at, up[1] - up[0], 1)
    lower = _least(down[0] - at, down[1] - down[0], -1)
    if not len(upper[0]) or not len(lower[0]):
        high = float(upper[1].min()) if len(upper[0]) else None
        low = float(lower[1].max()) if len(lower[0]) else None
        return Clock(at, None, None, 0.0, None, low, high)
    drift, drift_half = _drift(upper, lower)
    high, low = (float(bound[0]) for bound in _bounds(upper, lower, np.array([drift])))
    half = max((high - low) / 2, _reach(upper, lower, drift, (high + low) / 2))
    return Clock(at, (high + low) / 2, half, drift, drift_half, low, high, steady=high >= low)


def _least(time: Ints, delta: Ints, sign: int) -> tuple[Floats, Floats]:
    """The fastest packet of each of `_BINS` equal spans: its time and its difference."""
    if not len(time):
        return np.zeros(0), np.zeros(0)
    span = int(time.max() - time.min()) + 1
    place = (time - time.min()) * _BINS // span
    order = np.lexsort((sign * delta, place))
    first = np.r_[True, np.diff(place[order]) > 0]
    rows = order[first]
    return time[rows].astype(float), delta[rows].astype(float)


def _drift(
    upper: tuple[Floats, Floats], lower: tuple[Floats, Floats]
) -> tuple[float, float | None]:
    """The drift and by how much it can be wrong; 0 where no drift explains the packets as well."""
    slopes = np.unique(np.r_[_edges(*upper), _edges(*lower), 0.0, -MAX_DRIFT, MAX_DRIFT])
    room = _room(upper, lower, slopes)
    usual = np.abs(slopes) <= MAX_DRIFT
    if room[usual].max() >= 0:
        slopes, room = slopes[usual], room[usual]
    allowed = max(room.max() - _unrest(upper, lower, float(slopes[room.argmax()])), 0.0)
    low, high = _level(slopes, room, min(allowed, float(room.max())))
    ahead = float(min(upper[0].max(), lower[0].max()) - max(upper[0].min(), lower[0].min()))
    if ahead <= 0:  # the directions do not share a time: nothing can be told apart
        return 0.0, None
    if low <= 0.0 <= high:
        return 0.0, float(max(-low, high))
    return float((low + high) / 2), float((high - low) / 2)


def _bounds(
    upper: tuple[Floats, Floats], lower: tuple[Floats, Floats], slopes: Floats
) -> tuple[Floats, Floats]:
    """The most and the least that the offset can be in the middle, under each drift."""
    above = (upper[1][:, None] - np.outer(upper[0], slopes)).min(axis=0)
    below = (lower[1][:, None] - np.outer(lower[0], slopes)).max(axis=0)
    return above, below


def _room(upper: tuple[Floats, Floats], lower: tuple[Floats, Floats], slopes: Floats) -> Floats:
    """How far apart the bounds are under each drift: concave, piecewise linear in it."""
    above, below = _bounds(upper, lower, slopes)
    return above - below


def _reach(
    upper: tuple[Floats, Floats], lower: tuple[Floats, Floats], drift: float, offset: float
) -> float:
    """How far any offset and drift that no packet contradicts lead from these, at any time."""
    slopes = np.unique(np.r_[_edges(*upper), _edges(*lower), -MAX_DRIFT, MAX_DRIFT, drift])
    slopes = slopes[np.abs(slopes) <= max(MAX_DRIFT, abs(drift))]
    room = _room(upper, lower, slopes)
    if room.max() < 0:
        return 0.0
    slopes = np.r_[slopes[room >= 0], _level(slopes, room, 0.0)]
    above, below = _bounds(upper, lower, slopes)
    times = np.concatenate([upper[0], lower[0]])
    away = np.maximum(np.abs(above - offset), np.abs(below - offset))
    return float((away + np.abs(slopes - drift) * np.abs(times).max()).max())


def _level(slopes: Floats, room: Floats, level: float) -> tuple[float, float]:
    """The least and the greatest slope at which a concave function reaches this level."""
    inside = np.flatnonzero(room >= level)
    low, high = int(inside[0]), int(inside[-1])
    ends = []
    for place, beyond in ((low, low - 1), (high, high + 1)):
        end = slopes[place]
        if 0 <= beyond < len(slopes) and room[place] > room[beyond]:
            share = (room[place] - level) / (room[place] - room[beyond])
            end = end + share * (slopes[beyond] - end)
        ends.append(float(end))
    return ends[0], ends[1]


def _unrest(upper: tuple[Floats, Floats], lower: tuple[Floats, Floats], drift: float) -> float:
    """How far the fastest packet of a piece of the time commonly is from the fastest of all.

    That far the least delay changes by itself, so a drift that fits worse by no more cannot
    be told from the best one.
    """
    total = 0.0
    for (time, delta), sign in ((upper, 1), (lower, -1)):
        rest = sign * (delta - drift * time)
        rest -= rest.min()
        pieces = np.array_split(np.arange(len(rest)), min(_PIECES, len(rest)))
        total += float(np.median([rest[piece].min() for piece in pieces]))
    return total


def _edges(time: Floats, delta: Floats) -> Floats:
    """The slopes between neighbours and to the ends of the hull: where `_room` can bend."""
    slopes = [_chain(time, delta), _chain(time, -delta) * -1]
    return np.concatenate(slopes)


def _chain(time: Floats, delta: Floats) -> Floats:
    """Slopes of the lower convex hull (Andrew's monotone chain); at most `_BINS` points."""
    hull: list[tuple[float, float]] = []
    for point in zip(time.tolist(), delta.tolist(), strict=True):
        while len(hull) > 1 and _turns_right(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    corners = np.array(hull)
    steps = np.diff(corners, axis=0)
    steps = steps[steps[:, 0] > 0]
    result: Floats = steps[:, 1] / steps[:, 0]
    return result


def _turns_right(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) <= (b[1] - a[1]) * (c[0] - a[0])
