"""Less is asked for than the table holds, and only what follows is left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tcpwin import schema
from tcpwin.tshark import find_tshark
from tcpwin.tshark.fields import known_fields
from tcpwin.tshark.question import IP_PROTO, MESSAGES, Question, brief

COLUMNS = schema.fields()
LEFT = {"time_s", "ack_rtt", "rto", "window_size"}


def test_in_full_everything_is_asked_for() -> None:
    full = Question(COLUMNS)
    assert not full.brief
    assert full.asked == (*COLUMNS, IP_PROTO)
    assert full.parsed == COLUMNS


def test_in_few_words_no_mark_of_the_analysis_is_asked_for(tshark: Path) -> None:
    short = brief(COLUMNS, known_fields(find_tshark(tshark)))
    assert short.brief
    assert short.asked[-1] == MESSAGES
    left = set(COLUMNS) - set(short.asked)
    marks = {c.name for c in COLUMNS if c.dtype == "mark"} - {"sack_perm"}
    assert {c.name for c in left} == LEFT | marks
    assert {c.name for c in set(COLUMNS) - set(short.parsed)} == LEFT


def test_what_is_told_already_is_not_asked_for(tshark: Path) -> None:
    short = replace(
        brief(COLUMNS, known_fields(find_tshark(tshark))), told={"src", "ttl", "sack_perm"}
    )
    names = {c.name for c in (*short.asked, *short.parsed)}
    assert not names & {"src", "ttl", "sack_perm"}
    assert {"seq", "retransmission"} <= names


def test_every_mark_has_a_message_of_its_own(tshark: Path) -> None:
    texts = brief(COLUMNS, known_fields(find_tshark(tshark))).texts
    assert len(set(texts.values())) == len(texts) == 14
    assert all(text and "," not in text for text in texts.values())


@pytest.mark.parametrize("lacking", ["_ws.expert.message", "ipv6.hlim"])
def test_a_tshark_that_lacks_a_field_is_asked_in_full(lacking: str, tshark: Path) -> None:
    less = {k: v for k, v in known_fields(find_tshark(tshark)).items() if k != lacking}
    columns = [schema.without_field(c) if c.field == lacking else c for c in COLUMNS]
    assert not brief(columns, less).brief
