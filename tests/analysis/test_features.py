import pandas as pd

from tcpwin.analysis.features import Inside, flow_features, silence_features
from tcpwin.analysis.grouped import NEVER
from tests.analysis.build import ACK, FIN, PSH, RST, P, up
from tests.analysis.scenes import (
    ack,
    burst,
    data,
    facts,
    frames_of,
    opening,
    opening_at_server,
    sent,
)


def flow(rows: list[P], flow: int = 1, *, end_ms: float | None = None) -> pd.Series:
    """The features of the only stall of a flow."""
    known = facts(rows, end_ms=end_ms)
    table = flow_features(known, flow, known.stalls[known.stalls["flow"] == flow])
    assert len(table) == 1
    row = table.iloc[0]
    row["reopened"] = (
        known.segments.frame[row["reopened_row"]] if row["reopened_row"] >= 0 else None
    )
    return row


def silence(rows: list[P], *, end_ms: float | None = None) -> pd.Series:
    """The features of the only silence."""
    known = facts(rows, end_ms=end_ms)
    table = silence_features(known, known.stalls[known.stalls["kind"] == "silence"])
    assert len(table) == 1
    return table.iloc[0]


def test_inside_leaves_out_the_rows_at_both_ends() -> None:
    table = pd.DataFrame({"start_row": [1, 3], "last_row": [4, 5], "end_row": [4, NEVER]})
    inside = Inside(table)
    import numpy as np

    marks = np.array([True, True, True, True, True, True])
    assert inside.count(marks).tolist() == [2, 2]  # the last row of an endless one is inside
    following = np.array([1, 2, 3, 4, 5, NEVER])
    assert inside.first(following, np.array([2, 5])).tolist() == [3, NEVER]
    assert inside.first(following, np.array([3, 4])).tolist() == [NEVER, 5]


CLOSED = [*opening(), *burst(1, 41), data(4001, 50), ack(5001, 50.1, window=0)]


def test_reopened_and_probed_on() -> None:
    rows = [*CLOSED, data(5000, 300, len=0), ack(5001, 300.1, window=0), ack(5001, 500)]
    rows += [data(5000, 800, len=0), data(5000, 1600, len=0), *burst(5001, 2500)]
    row = flow(rows)
    assert row["reopened"] == len(CLOSED) + 3
    assert row["pokes_after"] == 2
    assert row["near_receiver"]
    assert not row["near_sender"]


def test_never_reopened() -> None:
    row = flow(CLOSED, end_ms=5000)
    assert row["reopened"] is None
    assert row["pokes_after"] == 0


LOST = [*opening(), *burst(1, 41)]


def test_a_stall_of_data() -> None:
    rows = [*opening_at_server(), *sent(1, 21), data(4001, 60), data(5001, 60.1), ack(4001, 80)]
    row = flow([*rows, data(4001, 400), ack(6001, 420), *sent(6001, 421)])
    assert row["near_sender"]
    assert row["in_flight"] == 2000
    assert row["first_length"] == 1000
    assert row["dup_acks"] == 1
    assert not row["connecting"]
    assert not row["burst_over"]


def test_missing_by_identification() -> None:
    rows = [*opening(), *burst(1, 41)]
    rows += [data(4001, 60), ack(5001, 60.1), data(5001, 700), ack(6001, 700.1)]
    ids = iter([*range(9, 14), 18, 19])
    from dataclasses import replace

    rows = [replace(r, ip_id=next(ids)) if not r.up and r.len else r for r in rows]
    assert silence(rows)["missing"] == 4


def test_connecting() -> None:
    syn, *rest = opening()
    from dataclasses import replace

    late = [replace(r, ms=(r.ms or 0) + 1000) for r in (syn, *rest)]
    row = flow([syn, *late], 0)
    assert row["connecting"]
    assert row["syn_again"]


def test_who_spoke_last_and_next() -> None:
    pause = silence([*LOST, *burst(4001, 900)])
    assert (pause["last_from"], pause["next_from"]) == (1, 1)
    asks = silence([*LOST, up(101, ack=4001, len=50, ms=900, flags=ACK | PSH)])
    assert (asks["last_from"], asks["next_from"]) == (1, 0)
    assert not asks["never_answered"]
    waits = silence([*opening(), P(False, 1, 101, ms=41)], end_ms=900)
    assert (waits["last_from"], waits["next_from"]) == (0, -1)
    assert waits["never_answered"]


def test_a_farewell() -> None:
    """A few bytes and the FIN end an idle connection; an answer does not."""
    bye = silence([*LOST, data(4001, 900, len=24), data(4025, 900.1, len=0, flags=ACK | FIN)])
    assert bye["closing"]
    more = silence([*LOST, data(4001, 900, len=500), data(4501, 900.1, len=0, flags=ACK | FIN)])
    assert not more["closing"]


def test_questions() -> None:
    keep_alive = up(100, ack=4001, len=0, window=50_000, ms=900)
    asked = silence([*LOST, keep_alive], end_ms=3000)
    assert (asked["asked"], asked["answered"]) == (1, False)
    assert asked["kept_up"]
    answered = silence([*LOST, keep_alive, data(4001, 921, len=0)], end_ms=3000)
    assert (answered["asked"], answered["answered"]) == (1, True)
    none = silence(LOST, end_ms=3000)
    assert (none["asked"], none["answered"], none["kept_up"]) == (0, False, False)


def test_updates() -> None:
    rows = [*LOST, ack(4001, 46, window=55_000), ack(4001, 47, window=60_000)]
    assert silence(rows, end_ms=3000)["updates"] == 2
    assert silence([*LOST, ack(4001, 46, window=40_000)], end_ms=3000)["updates"] == 0


def test_one_sided() -> None:
    rows = [row for row in [*LOST, *burst(4001, 1500)] if row.up]
    known = facts(rows)
    table = silence_features(known, known.stalls)
    assert table["one_sided"].all()
    assert table["acked_on"].tolist() == [True]


def test_frames_are_those_of_the_stall() -> None:
    known = facts([*LOST, *burst(4001, 900)])
    assert frames_of(known, known.stalls["start_row"]) == [len(LOST)]
    assert frames_of(known, known.stalls["end_row"]) == [len(LOST) + 1]


def test_an_rst_is_no_data() -> None:
    rows = [*LOST, P(True, 101, 4001, flags=RST | ACK, ms=2000)]
    assert silence(rows)["next_from"] == -1
