"""Who owes what: requests and responses, and the bytes left after every packet."""

from __future__ import annotations

import time
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from tcpwin.analysis import Facts
from tcpwin.analysis.grouped import NEVER, UNKNOWN
from tcpwin.analysis.http import answer_due, exchanges, owed
from tcpwin.tshark import find_tshark
from tcpwin.tshark.context import read_context
from tests.analysis import build
from tests.analysis.build import down, handshake, packets, up
from tests.analysis.test_messages import GET, conversation, heads_of, ok
from tests.conftest import FIXTURES


@lru_cache
def of_capture(name: str) -> tuple[Facts, pd.DataFrame]:
    path = FIXTURES / name if (FIXTURES / name).exists() else build.CAPTURES / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    facts = Facts(build.read(path))
    return facts, exchanges(facts, read_context(path, find_tshark()).http)


def fixture(stem: str) -> tuple[Facts, pd.DataFrame]:
    path = next(FIXTURES.glob(f"{stem}.pcapng*"))
    return of_capture(path.name)


def test_ninety_nine_percent() -> None:
    facts, table = fixture("handmade-99-percent")
    (row,) = table.to_dict("records")
    assert (row["status"], row["body_bytes"]) == (200, 3529700)
    assert row["last"]
    assert row["sent_row"] == NEVER
    end = facts.segments.groups.ends[row["group"]]
    assert owed(facts, table)[end] == 35300
    due = answer_due(facts, table)
    assert due[row["request_row"]]
    assert not due[end]


@pytest.mark.parametrize("vantage", ["client", "server"])
@pytest.mark.parametrize(
    "name", ["stop99-app", "stop99-data-dies", "stop99-acks-die", "stop99-app-fin"]
)
def test_download_that_stops(name: str, vantage: str) -> None:
    facts, table = fixture(f"{name}.{vantage}")
    mine = facts.segments.groups.ids == table["group"][0]
    left = owed(facts, table)[mine]
    assert left[left > UNKNOWN].max() <= 800000
    assert (left[-1] > 0) == (name == "stop99-app-fin" or table["sent_row"][0] == NEVER)
    assert table["acked_row"][0] == NEVER


@pytest.mark.parametrize("vantage", ["client", "server"])
def test_complete(vantage: str) -> None:
    facts, table = fixture(f"complete-waiting.{vantage}")
    (row,) = table.to_dict("records")
    una = facts.states[1].steps.una[row["acked_row"]]
    assert una == row["body_end_seq"] == row["body_start_seq"] + 150000
    assert owed(facts, table)[facts.segments.groups.ends[row["group"]]] == 0


def test_client_that_thinks() -> None:
    facts, table = fixture("client-think.client")
    assert list(table["status"]) == [200, 200]
    assert list(table["last"]) == [False, True]
    assert not answer_due(facts, table)[table["request_row"][1] - 1]
    assert answer_due(facts, table)[table["request_row"][1]]


def test_many_streams() -> None:
    facts, table = fixture("many-streams.client")
    assert len(table) == len(facts.segments.groups)
    assert list(table["group"]) == list(range(len(table)))
    assert (table["acked_row"] != NEVER).all()
    assert (owed(facts, table)[facts.segments.groups.ends] == 0).all()


@pytest.mark.parametrize("vantage", ["client", "server"])
def test_upload(vantage: str) -> None:
    facts, table = fixture(f"upload.{vantage}")
    (row,) = table.to_dict("records")
    assert row["request_body_bytes"] == 300000
    assert row["request_estimated"]
    assert row["request_body_end_seq"] == 1 + 57 + 300000
    assert row["request_row"] < row["request_sent_row"] < row["response_row"]
    left = owed(facts, table, 0)
    # The first segment with the body begins at 58 bytes, when all of it is owed.
    assert left[row["request_row"]] == 300000
    assert left[row["request_sent_row"]] == 0
    due = answer_due(facts, table)
    assert not due[row["request_sent_row"] - 1]
    assert due[row["request_sent_row"] : row["response_row"]].all()
    assert not due[row["response_row"]]


def test_range_downloads() -> None:
    facts, table = of_capture("206_example_a.pcap")
    assert list(table["body_bytes"]) == [32768, 522755]
    assert (table["acked_row"] != NEVER).all()
    assert table["close_announced"].all()
    assert (owed(facts, table)[facts.segments.groups.ends] == 0).all()


def test_every_packet_twice() -> None:
    _, table = of_capture("m57-long-49583-80.pcap")
    assert list(table["status"]) == [206, 206, 206]
    assert (table["acked_row"] != NEVER).all()
    assert table["keep_alive_announced"].all()


def test_page_with_one_host_that_never_answers() -> None:
    _, table = of_capture("http_espn_fail.pcapng")
    assert pd.isna(table["body_bytes"][0])  # chunked
    assert (table["acked_row"][1:] != NEVER).all()
    assert (table["response_row"] != NEVER).all()


def test_request_never_answered() -> None:
    facts, http = conversation((True, GET), (False, ok(5) + b"hello"), (True, GET))
    table = exchanges(facts, http)
    assert list(table["response_row"] == NEVER) == [False, True]
    assert list(table["response_frame"].isna()) == [False, True]
    assert list(table["flow"]) == [1, 1]
    assert answer_due(facts, table)[-1]
    assert owed(facts, table)[-1] == 0


def test_pipelined_requests_are_answered_in_turn() -> None:
    asks = [GET.replace(b"/a", b"/%d" % n) for n in range(3)]
    said = [(True, b"".join(asks)), (False, ok(5) + b"hello"), (False, ok(0) + ok(1) + b"x")]
    facts, http = conversation(*said)
    table = exchanges(facts, http)
    assert list(table["uri"]) == ["/0", "/1", "/2"]
    assert list(table["body_bytes"]) == [5, 0, 1]
    assert not answer_due(facts, table)[-1]


def test_head_that_was_not_seen_shifts_nothing() -> None:
    said = [(True, GET), (False, b"binary"), (True, GET.replace(b"/a", b"/b")), (False, ok(0))]
    facts, http = conversation(*said)
    table = exchanges(facts, http)
    assert list(table["uri"]) == ["/a", "/b"]
    assert list(table["response_row"] != NEVER) == [False, True]


def test_interim_response_is_no_answer() -> None:
    put = b"PUT /a HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    said = [(True, put), (False, ok(None, status=b"100 Continue")), (True, b"abc"), (False, ok(0))]
    facts, http = conversation(*said)
    table = exchanges(facts, http)
    assert list(table["interim"]) == [True, False]
    assert table["request_row"].nunique() == 1
    due = answer_due(facts, table)
    sent, answered = table["request_sent_row"][1], table["response_row"][1]
    assert list(np.flatnonzero(due)) == list(range(sent, answered))


def test_answer_before_the_request_is_whole() -> None:
    put = b"PUT /a HTTP/1.1\r\nContent-Length: 3\r\n\r\n"
    facts, http = conversation((True, put), (False, ok(0, status=b"413 Too Large")), (True, b"abc"))
    assert not answer_due(facts, exchanges(facts, http)).any()


def test_nobody_asked_for_a_timeout() -> None:
    facts, http = conversation((True, GET), (False, ok(0)), (False, ok(0, status=b"408 Timeout")))
    table = exchanges(facts, http)
    assert list(table["request_row"] == NEVER) == [False, True]
    assert not answer_due(facts, table)[-1]


@pytest.mark.parametrize(
    ("ask", "answer", "close", "keep"),
    [
        (b"", b"", False, False),
        (b"", b"Connection: close\r\n", True, False),
        (b"Connection: keep-alive\r\n", b"", False, True),
        (b"Connection: Upgrade, Close\r\n", b"", True, False),
        (b"Connection: keep-alive\r\n", b"old", True, True),
        (b"Connection: keep-alive\r\n", b"oldConnection: Keep-Alive\r\n", False, True),
    ],
)
def test_what_was_announced(ask: bytes, answer: bytes, close: bool, keep: bool) -> None:
    request = b"GET / HTTP/1.1\r\n" + ask + b"\r\n"
    version = b"1.0" if answer.startswith(b"old") else b"1.1"
    answer = answer.removeprefix(b"old")
    response = b"HTTP/" + version + b" 200 OK\r\nContent-Length: 0\r\n" + answer + b"\r\n"
    facts, http = conversation((True, request), (False, response))
    (row,) = exchanges(facts, http).to_dict("records")
    assert (row["close_announced"], row["keep_alive_announced"]) == (close, keep)


def test_server_that_asks() -> None:
    facts, http = conversation((False, GET), (True, ok(10) + b"hello"))
    table = exchanges(facts, http)
    assert list(table["flow"]) == [0]
    assert owed(facts, table, 0)[-1] == 5
    assert owed(facts, table, 1)[-1] == 0


def test_no_http() -> None:
    facts, http = conversation((True, b"hello"))
    table = exchanges(facts, http)
    assert len(table) == 0
    assert (owed(facts, table) == UNKNOWN).all()
    assert not answer_due(facts, table).any()
    assert str(table["body_bytes"].dtype) == str(table["status"].dtype) == "Int64"


def test_thousands_of_streams_at_once() -> None:
    head = ok(5)
    rows, frames = [], []
    for stream in range(3000):
        opening = [p.__class__(**{**vars(p), "stream": stream, "ms": None}) for p in handshake()]
        rows += [*opening, up(1, 1, len(GET), stream=stream)]
        frames.append((len(rows), True, GET, 1))
        rows.append(down(1, 1 + len(GET), len(head) + 5, stream=stream))
        frames.append((len(rows), False, head + b"hello", 1))
    facts, http = Facts(packets(rows)), heads_of(frames)
    facts.states[1].steps, facts.mss  # these are not what is measured
    begin = time.perf_counter()
    table = exchanges(facts, http)
    assert (owed(facts, table)[facts.segments.groups.ends] == 0).all()
    assert time.perf_counter() - begin < 1.5
    assert len(table) == 3000


def test_script_about_http_in_a_file_transfer() -> None:
    assert len(of_capture("ipv6_ftp_nasa.snp.gz")[1]) == 0
