import pandas as pd
import pytest

from tcpwin.analysis.findings import CAUSES
from tcpwin.analysis.rules import DATA_RULES, SILENCE_RULES, WINDOW_RULES, Rule, judge
from tests.analysis.scenes import ack, burst, data, facts, opening

SECOND = 1_000_000_000
WINDOW = {
    "part": "", "pokes_after": 0, "ended_by_byte": False, "near_sender": False, "probes": 0,
    "back_after": 0, "zero_ns": 0, "shut_ns": SECOND,
}  # fmt: skip
DATA = {
    "connecting": False, "syn_again": False, "open": False, "again": 0, "spurious": 0,
    "needless": 0, "missing": 0, "probes": 0, "back": 0, "back_after": 0, "too_large": False,
    "sacked": 0, "dup_acks": 0, "near_sender": False, "burst_over": False,
    "ended_by_fill": False, "in_flight": 1000, "mss": 1000, "released": False,
    "start_ns": 0, "end_ns": SECOND, "rtt_ns": 0, "first_length": 0,
}  # fmt: skip
SILENCE = {
    "one_sided": False, "acked_on": False, "missing": 0, "near_server": False,
    "near_client": False, "burst_over": False, "start_ns": 0, "end_ns": SECOND // 2,
    "next_from": -1, "last_from": 1, "owed": -1, "answer_due": False, "never_answered": False,
    "cut_off": False, "updates": 0, "open": False, "body_known": False, "keep_alive": False,
    "kept_up": False, "slow_start": False, "rtt_ns": 0,
}  # fmt: skip


def stall(plain: dict[str, object], **other: object) -> pd.DataFrame:
    """A stall with these features; those that are not named say nothing."""
    silent = facts([*opening(), *burst(1, 41), *burst(4001, 900)]).judged
    closed = facts([*opening(), data(1, 41), ack(1001, 42, window=0)], end_ms=900).judged
    neutral = {name: 0 for table in (silent, closed) for name in table}
    if "again" in other:  # each by a timer, where nothing else is said
        other = {"timers": other["again"]} | other
    return pd.DataFrame([neutral | {"part": ""} | plain | other])


def verdict(rules: tuple[Rule, ...], plain: dict[str, object], **other: object) -> tuple[str, str]:
    """Cause and blame of a stall with these features."""
    table = judge(stall(plain, **other), rules)
    return table["cause"].iloc[0], table["blame"].iloc[0]


@pytest.mark.parametrize(
    ("features", "cause", "blame"),
    [
        ({"zero_ns": SECOND}, "zero-window", "receiver"),
        ({"zero_ns": SECOND // 2}, "zero-window", "receiver"),
        ({"zero_ns": SECOND // 3}, "small-window", "receiver"),
        ({"zero_ns": SECOND, "probes": 2}, "path-silent", "path"),
        ({"zero_ns": SECOND, "probes": 1}, "zero-window", "receiver"),
        ({"zero_ns": SECOND, "probes": 9, "back_after": 9}, "zero-window", "receiver"),
        ({"part": "reopened"}, "reopened-silent", "undecidable"),
        ({"part": "reopened", "pokes_after": 1}, "window-update-lost", "path"),
        ({"part": "reopened", "ended_by_byte": True}, "window-update-lost", "path"),
        (
            {"part": "reopened", "pokes_after": 1, "near_sender": True},
            "reopened-silent",
            "undecidable",
        ),
        ({"shut_ns": 0, "zero_ns": -1}, "unknown", "undecidable"),
    ],
)
def test_window_rules(features: dict[str, object], cause: str, blame: str) -> None:
    assert verdict(WINDOW_RULES, WINDOW, **features) == (cause, blame)


@pytest.mark.parametrize(
    ("features", "cause"),
    [
        ({"connecting": True, "syn_again": True, "again": 3}, "connect"),
        ({"connecting": True, "open": True}, "connect"),
        ({"again": 2, "spurious": 2}, "acks-lost"),
        ({"again": 2, "spurious": 2, "missing": 2}, "path-silent"),  # more was lost
        ({"again": 1, "too_large": True}, "path-mtu"),
        ({"again": 3}, "path-silent"),
        ({"again": 2, "open": True}, "path-silent"),
        ({"again": 9, "timers": 2}, "rto"),  # several in a burst
        ({"again": 2}, "rto"),  # it went on: one retransmission lost is ordinary
        ({"again": 3, "back_after": 1}, "rto"),
        ({"again": 3, "back_after": 5, "open": True}, "path-silent"),
        ({"open": True, "dup_acks": 1}, "path-silent"),
        ({"again": 1, "burst_over": True}, "tail-loss"),
        ({"again": 1, "burst_over": True, "dup_acks": 2}, "rto"),
        ({"ended_by_fill": True}, "rto"),
        ({}, "unknown"),
    ],
)
def test_data_rules(features: dict[str, object], cause: str) -> None:
    found, blame = verdict(DATA_RULES, DATA, **features)
    assert found == cause
    assert blame == ("undecidable" if cause == "unknown" else "path")


def test_a_small_segment_that_waits_for_its_ack() -> None:
    held = {"in_flight": 100, "released": True, "end_ns": 200_000_000}
    assert verdict(DATA_RULES, DATA, **held) == ("delayed-ack", "sender")
    assert verdict(DATA_RULES, DATA, **held | {"end_ns": 600_000_000})[0] == "unknown"
    assert verdict(DATA_RULES, DATA, **held | {"released": False})[0] == "unknown"


@pytest.mark.parametrize(
    ("features", "cause", "blame"),
    [
        ({"owed": 100}, "sender-idle", "undecidable"),
        ({"owed": 100, "updates": 2}, "reopened-silent", "undecidable"),
        ({"owed": 100, "updates": 2, "near_server": True}, "sender-idle", "undecidable"),
        ({"answer_due": True, "last_from": 0}, "sender-idle", "undecidable"),
        ({"never_answered": True, "last_from": 0}, "sender-idle", "undecidable"),
        ({"owed": 0, "body_known": True, "open": True}, "complete-waiting", "undecidable"),
        ({"next_from": 1}, "sender-idle", "sender"),
        ({"next_from": 0, "last_from": 0}, "sender-idle", "sender"),
        ({"next_from": 0}, "peer-idle", "receiver"),
        ({"next_from": 1, "missing": 1}, "rto", "path"),
        ({"next_from": 1, "missing": 1, "burst_over": True}, "tail-loss", "path"),
        ({"next_from": 1, "missing": 3, "end_ns": 2 * SECOND}, "path-silent", "path"),
        ({"next_from": 1, "missing": 1, "near_server": True}, "sender-idle", "sender"),
        ({"one_sided": True, "acked_on": True}, "unknown", "undecidable"),
    ],
)
def test_silence_rules(features: dict[str, object], cause: str, blame: str) -> None:
    assert verdict(SILENCE_RULES, SILENCE, **features) == (cause, blame)


@pytest.mark.parametrize(
    "features",
    [
        {},  # nobody owed anything
        {"owed": 0, "body_known": True, "open": True, "keep_alive": True},
        {"owed": 0, "body_known": True, "open": True, "kept_up": True},
    ],
)
def test_an_idle_connection_fits_nothing(features: dict[str, object]) -> None:
    table = judge(stall(SILENCE, **features), SILENCE_RULES)
    assert not table["fits"].iloc[0]


def test_the_first_rule_that_fits_wins_and_each_row_stands_alone() -> None:
    rules = (
        Rule("loss", "path", "proven", lambda s: s.x > 2),
        Rule("reset", "sender", "likely", lambda s: s.x > 1),
    )
    table = judge(pd.DataFrame({"x": [1, 2, 3]}), rules)
    assert table["cause"].tolist() == ["unknown", "reset", "loss"]
    assert table["confidence"].tolist() == ["possible", "likely", "proven"]
    assert table["fits"].tolist() == [False, True, True]


def test_no_stalls() -> None:
    assert judge(stall(WINDOW).iloc[:0], WINDOW_RULES).empty


def test_causes_are_of_the_vocabulary() -> None:
    for rule in (*WINDOW_RULES, *DATA_RULES, *SILENCE_RULES):
        assert rule.cause in CAUSES
        assert rule.blame in {"sender", "receiver", "path", "undecidable"}
        assert rule.confidence in {"proven", "likely", "possible"}
        assert rule.applies.__doc__
