from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.findings import CAUSES, COLUMNS
from tcpwin.analysis.grouped import NEVER
from tests.analysis.build import ACK, FIN, RST, P, packets
from tests.analysis.scenes import ack, burst, data, facts, findings, opening, slow_traffic, verdict

HEALTHY = [*opening(), *burst(1, 41, 8)]
END = NEVER


def closed(seq: int, ms: float) -> list[P]:
    return [
        data(seq, ms, len=0, flags=ACK | FIN),
        ack(seq + 1, ms + 0.1, flags=ACK | FIN),
        P(False, seq + 1, 102, ms=ms + 20),
    ]


def test_healthy() -> None:
    rows = [*HEALTHY, *closed(8001, 60)]
    assert findings(rows) == []
    assert verdict(rows) == ("healthy", "none", 0.0)
    table = facts(rows).verdicts
    assert table[["flow", "share", "finding"]].to_numpy().tolist() == [[-1, 0.0, -1]]


def test_the_cause_that_cost_most_in_all() -> None:
    """Three short closed windows outweigh one long pause of the server."""
    rows = [*opening(), *burst(1, 41)]
    at, seq = 50.0, 4001
    for _ in range(3):
        rows += [data(seq, at), ack(seq + 1000, at + 0.1, window=0)]
        rows += [ack(seq + 1000, at + 400, window=50_000)]
        at, seq = at + 420, seq + 1000
    rows += burst(seq, at)
    rows += burst(seq + 4000, at + 1000)
    rows += closed(seq + 8000, at + 1010)
    cause, blame, lost = verdict(rows)
    assert (cause, blame) == ("zero-window", "receiver")
    assert lost == pytest.approx(1.2, abs=0.07)
    assert ("down", "sender-idle", "sender") in findings(rows)


def test_what_is_not_noticed_is_healthy() -> None:
    """A window of 0 for 30 ms is found, and cost nobody anything."""
    rows = [*opening(), *burst(1, 41), data(4001, 50), ack(5001, 51, window=0)]
    rows += [ack(5001, 81), *burst(5001, 101), *closed(9001, 140)]
    assert findings(rows) == [("down", "zero-window", "receiver")]
    assert verdict(rows)[0] == "healthy"


def test_a_reset_ends_the_stream() -> None:
    rows = [*HEALTHY, data(8001, 60), P(False, 9001, 101, flags=RST | ACK, ms=61)]
    assert verdict(rows) == ("reset", "sender", 0.0)


def test_a_silence_that_ends_in_a_reset_is_what_it_was_about() -> None:
    rows = [*opening(), *burst(1, 41), data(4001, 50), ack(5001, 50.1)]  # no PSH: more was to come
    rows.append(P(True, 101, 5001, flags=RST | ACK, ms=9000))
    assert verdict(rows)[0] != "reset"
    assert "reset" in {cause for _, cause, _ in findings(rows)}


def test_columns() -> None:
    rows = [*opening(), *burst(1, 41), *burst(4001, 1000)]
    table = facts(rows).findings
    assert set(COLUMNS) <= set(table)
    assert table["stall"].tolist() == [True]
    assert table["cause"].tolist() == ["sender-idle"]


@given(slow_traffic())
def test_laws(rows: list[P]) -> None:
    known = Facts(packets(rows))
    table, verdicts = known.findings, known.verdicts
    groups = known.segments.groups
    assert len(verdicts) == len(groups)
    duration = known.end_ns - groups.min(known.segments.time_ns)
    assert (verdicts["share"].between(0, 1)).all()
    assert table["cause"].isin(CAUSES).all()
    assert not table["cause"].eq("healthy").any()
    assert table["blame"].isin(["sender", "receiver", "path", "none", "undecidable"]).all()
    assert table["confidence"].isin(["proven", "likely", "possible"]).all()
    assert (table["lost_ns"] >= 0).all()
    group = table["group"].to_numpy()
    assert (np.diff(group) >= 0).all()
    assert (table["end_ns"] >= table["start_ns"]).all()
    assert (table["lost_ns"] <= duration[group]).all()
    for name in ("first_row", "last_row"):
        assert (groups.ids[table[name].to_numpy(np.int64)] == group).all()
    for number, row in enumerate(verdicts.itertuples()):
        found = table[table["group"] == number]
        if row.finding == END:
            assert row.cause == "healthy"
        else:
            assert (found["cause"] == row.cause).any()
            assert table.loc[row.finding, "group"] == number


SHIFT_NS = 987_654_321_000


@settings(max_examples=40)
@given(slow_traffic())
def test_a_shift_in_time_changes_nothing_but_times(rows: list[P]) -> None:
    frame = packets(rows)
    later = frame.assign(time_ns=frame["time_ns"] + SHIFT_NS)
    first, second = Facts(frame).findings, Facts(later).findings
    moved = first.assign(
        **{name: first[name] + SHIFT_NS for name in ("start_ns", "end_ns") if len(first)}
    )
    pd.testing.assert_frame_equal(moved[list(COLUMNS)], second[list(COLUMNS)])
    pd.testing.assert_frame_equal(Facts(frame).verdicts, Facts(later).verdicts)


@settings(max_examples=40)
@given(slow_traffic())
def test_all_streams_at_once_are_as_each_alone(rows: list[P]) -> None:
    frame = packets(rows)
    end = int(frame["time_ns"].max())
    together = Facts(frame, end)
    told = [
        "flow",
        "cause",
        "blame",
        "confidence",
        "start_ns",
        "end_ns",
        "open",
        "lost_ns",
        "count",
    ]
    for group, stream in enumerate(together.segments.streams):
        alone = Facts(frame[frame["stream"] == stream].reset_index(drop=True), end)
        own = together.findings[together.findings["group"] == group]
        assert own[told].to_numpy().tolist() == alone.findings[told].to_numpy().tolist()
        ours = together.verdicts.iloc[group].drop(["group", "finding"])
        assert ours.equals(alone.verdicts.iloc[0].drop(["group", "finding"]))


def test_streams_of_the_same_times_are_told_apart() -> None:
    stuck = [*opening(), *burst(1, 41), *burst(4001, 2000)]
    fine = [replace(row, stream=1) for row in HEALTHY]
    ends = [*closed(8001, 2100), *(replace(row, stream=1) for row in closed(8001, 60))]
    rows = sorted([*stuck, *fine, *ends], key=lambda row: row.ms or 0)
    assert Facts(packets(rows)).verdicts["cause"].tolist() == ["sender-idle", "healthy"]
