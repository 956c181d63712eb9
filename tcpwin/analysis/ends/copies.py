"""Which of several copies of a packet is which in the other capture."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import Bools, Ints

Pair = tuple[Ints, Ints]
_ROUNDS: Final = 32  # each settles at least the best fitting pair of every kind of packet


def assign(keys: Pair, times: Pair, known: Pair) -> Pair:
    """Pair up the packets of two captures that have the same key.

    Where both have as many of a kind, in their order. Where one has more, by time: a packet
    pairs with the copy that fits the journey times of its neighbours best, if it is the best
    for that one, too. What is left over has no partner.

    Args:
        keys: the kind of each packet, of either capture.
        times: when each was captured, ns; the clocks may differ.
        known: times in both captures of packets that are matched already.

    Returns:
        Indices into either capture's packets, in pairs.
    """
    i, j = _in_order(keys, times)
    rest = np.setdiff1d(np.arange(len(keys[0])), i), np.setdiff1d(np.arange(len(keys[1])), j)
    known = np.append(known[0], times[0][i]), np.append(known[1], times[1][j])
    if not len(rest[0]) or not len(rest[1]):
        return i, j
    shifted = times[1][rest[1]] - journey(times[1][rest[1]], known, by_sent=False)
    x, y = _by_time((keys[0][rest[0]], keys[1][rest[1]]), (times[0][rest[0]], shifted))
    return np.append(i, rest[0][x]), np.append(j, rest[1][y])


def _in_order(keys: Pair, times: Pair) -> Pair:
    kinds = max((int(k.max()) + 1 for k in keys if len(k)), default=0)
    counts = [np.bincount(k, minlength=kinds) for k in keys]
    even = counts[0] == counts[1]
    picks = []
    for key, time in zip(keys, times, strict=True):
        order = np.lexsort((time, key))
        picks.append(order[even[key[order]]])
    return picks[0], picks[1]


def journey(at: Ints, known: Pair, *, by_sent: bool) -> Ints:
    """What the clock of b shows more than that of a for packets at these times, ns.

    As much as for the packets in `known` before and after; `at` are times of a's clock if
    `by_sent`, else of b's.
    """
    if not len(known[0]):
        return np.zeros(len(at), np.int64)
    clock = known[0 if by_sent else 1]
    order = np.argsort(clock, kind="stable")
    times, took = clock[order], (known[1] - known[0])[order]
    # Floats hold 2**53 ns, three months: count from the first.
    rest = np.interp(at - times[0], times - times[0], took - took[0])
    result: Ints = rest.astype(np.int64) + took[0]
    return result


def _by_time(keys: Pair, times: Pair) -> Pair:
    left, right = (
        pd.DataFrame({"key": key, "time": time, "place": np.arange(len(key))})
        for key, time in zip(keys, times, strict=True)
    )
    left, right = (t.sort_values("time", kind="stable") for t in (left, right))
    found: list[pd.DataFrame] = []
    for _ in range(_ROUNDS):
        left, right = left[left["key"].isin(right["key"])], right[right["key"].isin(left["key"])]
        if left.empty or right.empty:
            break
        to_left, to_right = _nearest(right, left), _nearest(left, right)
        mutual = to_left.merge(to_right, left_on=["place", "other"], right_on=["other", "place"])
        pairs = pd.DataFrame({"i": mutual["place_y"], "j": mutual["place_x"]})
        found.append(pairs)
        left, right = left[_not_in(left, pairs["i"])], right[_not_in(right, pairs["j"])]
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    table = pd.concat(found)
    return table["i"].to_numpy(np.int64), table["j"].to_numpy(np.int64)


def _nearest(rows: pd.DataFrame, among: pd.DataFrame) -> pd.DataFrame:
    """For each row the place of the nearest one of its kind in time: place, other."""
    other = among.rename(columns={"place": "other"})
    return pd.merge_asof(rows, other, on="time", by="key", direction="nearest")[["place", "other"]]


def _not_in(table: pd.DataFrame, places: pd.Series[int]) -> Bools:
    return ~table["place"].isin(places).to_numpy()
