"""Small frames of a flow whose every value is known, and one that is drawn large."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import _pylab_helpers

ATTRS = {
    "stream": 3,
    "flow": "server->client",
    "client": "10.0.0.1:5000",
    "server": "10.0.0.2:80",
    "mss": 1460,
    "end_s": 2.0,
    "start": pd.Timestamp("2024-02-29 12:00:00.25", tz="UTC"),
    "filter": "tcp.stream == 3",
    "scale_source": "syn",
    "capture": "x.pcapng",
}


def ints(values: list[int | None]) -> pd.Series:
    return pd.Series(values, dtype="Int64")


def with_attrs(frame: pd.DataFrame) -> pd.DataFrame:
    frame.attrs = dict(ATTRS)
    return frame


@pytest.fixture
def window() -> pd.DataFrame:
    """A window that closes at 0.4 s, is probed at 0.8 s and opens again at 1 s."""
    time = [0.0, 0.1, 0.2, 0.4, 0.8, 0.81, 1.0, 1.1]
    size = ints([None, 8760, 8760, 0, 0, 0, 64240, 64240])
    una = ints([None, 1, 1, 8761, 8761, 8761, 8761, 8761])
    flight = ints([None, 0, 8760, 0, 0, 0, 0, 1460])
    return with_attrs(
        pd.DataFrame(
            {
                "frame": range(1, 9),
                "time_s": time,
                "window_bytes": size,
                "edge": una + size,
                "una": una,
                "flight_bytes": flight,
                "usable_bytes": size - flight,
                "scale_source": "syn",
                "kind": ["", "", "", "zero", "probe", "zero", "update", ""],
            }
        )
    )


@pytest.fixture
def flight(window: pd.DataFrame) -> pd.DataFrame:
    frame = window[["frame", "time_s", "flight_bytes", "usable_bytes"]].copy()
    frame["tshark_bytes_in_flight"] = ints([None, None, 8760, None, None, None, None, 1460])
    return with_attrs(frame)


@pytest.fixture
def segments() -> pd.DataFrame:
    kinds = ["syn", "new", "new", "retransmission", "out-of-order", "probe", "keep-alive", "fin"]
    return with_attrs(
        pd.DataFrame(
            {
                "frame": range(1, 9),
                "time_s": [0.0, 0.2, 0.2, 0.3, 0.35, 0.8, 1.2, 1.9],
                "seq": [0, 1, 1461, 1, 2921, 8760, 8760, 10221],
                "len": [0, 1460, 1460, 1460, 1460, 0, 0, 0],
                "kind": kinds,
            }
        )
    )


@pytest.fixture
def acks() -> pd.DataFrame:
    return with_attrs(
        pd.DataFrame(
            {
                "frame": range(1, 8),
                "time_s": [0.1, 0.3, 0.4, 0.41, 0.42, 0.6, 1.5],
                "ack": [1, 1461, 1461, 1461, 1461, 5841, 8761],
                "newly_acked": [0, 1460, 0, 0, 0, 4380, 2920],
                "rtt_s": [np.nan, 0.02, np.nan, np.nan, np.nan, 0.05, 0.03],
                "dup_count": [0, 0, 1, 2, 3, 0, 0],
                "sack_bytes": [0, 0, 1460, 2920, 2920, 0, 0],
            }
        )
    )


@pytest.fixture
def sacks() -> pd.DataFrame:
    return with_attrs(
        pd.DataFrame(
            {
                "frame": [3, 4, 7],
                "time_s": [0.4, 0.41, 1.5],
                "left": [2921, 2921, 1],
                "right": [4381, 5841, 1461],
                "dsack": [False, False, True],
            }
        )
    )


@pytest.fixture
def rtt() -> pd.DataFrame:
    return with_attrs(
        pd.DataFrame(
            {
                "frame": [2, 6, 7],
                "time_s": [0.3, 0.6, 1.5],
                "rtt_s": [0.02, 0.05, 0.03],
                "srtt_s": [0.02, 0.02375, 0.0245],
            }
        )
    )


@pytest.fixture
def stalls() -> pd.DataFrame:
    return with_attrs(
        pd.DataFrame(
            {
                "number": [1, 2],
                "frame": [4, 8],
                "time_s": [0.42, 1.1],
                "start_s": [0.42, 1.1],
                "end_s": [1.0, np.nan],
                "lost_s": [0.58, 0.9],
                "open": [False, True],
                "cause": ["zero-window", "reopened-silent"],
                "last_frame": [7, 8],
            }
        )
    )


@pytest.fixture
def limits() -> pd.DataFrame:
    return with_attrs(
        pd.DataFrame(
            {
                "start_s": [0.0, 0.4, 1.0, 1.1],
                "end_s": [0.4, 1.0, 1.1, 2.0],
                "limiter": ["network", "zero-window", "sender", "idle"],
            }
        )
    )


@pytest.fixture
def parts(
    segments: pd.DataFrame,
    window: pd.DataFrame,
    acks: pd.DataFrame,
    sacks: pd.DataFrame,
    rtt: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    return {"segments": segments, "window": window, "acks": acks, "sacks": sacks, "rtt": rtt}


@pytest.fixture(autouse=True)
def nothing_of_matplotlib_changes() -> Iterator[None]:
    """No chart leaves a figure with pyplot or a changed setting behind."""
    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before
    assert _pylab_helpers.Gcf.figs == {}
