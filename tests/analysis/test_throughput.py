import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.throughput import NS, acknowledged, averaging_ns, rate_table
from tests.analysis.build import FIN, P, down, handshake, packets, traffic, up
from tests.analysis.scenes import facts

MS = 1_000_000
# 1000 bytes at 20 ms, again at 30 ms, acknowledged at 40 ms.
AGAIN = [
    *handshake(rtt_ms=10),
    down(1, len=1000, ms=20, ip_id=1),
    down(1, len=1000, ms=30, ip_id=2),
    up(1, ack=1001, ms=40),
]


def rates(
    rows: list[P], *, window_s: float | None = None, flow: int = 1
) -> list[tuple[float, ...]]:
    table = rate_table(facts(rows), flow, window_s)
    begin = int(table["time_ns"].iloc[0])
    return [
        ((time - begin) / MS, sent, good)
        for time, sent, good in table[["time_ns", "throughput_bps", "goodput_bps"]].itertuples(
            index=False
        )
    ]


def test_a_rate_holds_for_the_time_that_is_averaged_over() -> None:
    assert np.array(rates(AGAIN, window_s=0.015)) == pytest.approx(
        np.array(
            [
                (0, 8000 / 0.015, 0),
                (10, 16000 / 0.015, 0),
                (15, 8000 / 0.015, 0),
                (20, 8000 / 0.015, 8000 / 0.015),
                (25, 0, 8000 / 0.015),
                (35, 0, 0),
            ]
        )
    )


def test_what_comes_as_another_leaves_makes_no_peak() -> None:
    rows = [*handshake(), *(down(1 + 100 * n, len=100, ms=20 + 10 * n) for n in range(5))]
    assert {sent for _, sent, _ in rates(rows, window_s=0.01)} == {0.0, 80_000.0}


def test_syn_and_fin_are_no_payload() -> None:
    rows = [*AGAIN, down(1001, len=500, flags=16 | FIN, ms=50), up(1, ack=1502, ms=51)]
    known = facts(rows)
    assert acknowledged(known, 1).sum() == 1500
    assert acknowledged(known, 0).sum() == 0
    assert rate_table(known, 0).empty


def test_without_acks_goodput_is_not_known() -> None:
    table = rate_table(facts([down(1 + 1000 * n, len=1000, ms=10 * n) for n in range(3)]), 1)
    assert table["goodput_bps"].isna().all()
    assert table["throughput_bps"].max() > 0


def test_at_one_instant_there_is_no_rate() -> None:
    assert rate_table(facts([down(1, len=1000, ms=5)]), 1).empty
    assert rate_table(facts([down(1, len=1000, ms=5), up(1, ack=1001, ms=5)]), 1).empty


@pytest.mark.parametrize(
    ("duration", "window"),
    [(0, 1), (100_000, 10_000), (64 * NS, NS), (10 * NS, NS), (9 * NS, NS // 2), (3 * NS, NS // 5)],
)
def test_a_second_or_a_round_tenth(duration: int, window: int) -> None:
    assert averaging_ns(np.array([duration])).tolist() == [window]


@settings(deadline=None, max_examples=60)
@given(traffic(), st.sampled_from([None, 0.001, 1.0]), st.integers(0, 1))
def test_the_area_is_what_was_sent(rows: list[P], window_s: float | None, flow: int) -> None:
    known = Facts(packets(rows))
    table = rate_table(known, flow, window_s)
    sent = known.segments.groups.sum(np.where(known.losses[flow].data, known.segments.length, 0))
    for stream, part in table.groupby("group"):
        hold = np.diff(part["time_ns"].to_numpy()) / NS
        assert (hold > 0).all()
        assert part[["throughput_bps"]].iloc[-1].item() == 0
        area = (part["throughput_bps"].to_numpy()[:-1] * hold).sum() / 8
        assert area == pytest.approx(int(sent[int(stream)]))  # type: ignore[call-overload]


@settings(deadline=None, max_examples=30)
@given(traffic())
def test_all_streams_at_once_are_each_alone(rows: list[P]) -> None:
    frame = packets(rows)
    whole = Facts(frame)
    both = rate_table(whole, 1, 0.01)
    for place, number in enumerate(whole.segments.streams):
        alone = Facts(frame[frame["stream"] == number].reset_index(drop=True))
        if len(alone.segments.frame) != whole.segments.groups.sizes[place]:
            continue  # copies are told by what else is in the capture
        columns = ["time_ns", "throughput_bps", "goodput_bps"]
        pd.testing.assert_frame_equal(
            both.loc[both["group"] == place, columns].reset_index(drop=True),
            rate_table(alone, 1, 0.01)[columns],
        )
