"""Which heads are heads, and how long the body of each is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tcpwin.analysis import Facts
from tcpwin.analysis.grouped import UNKNOWN
from tcpwin.analysis.messages import ENDLESS, Messages, accepted
from tcpwin.tshark.heads import Payloads, find_heads
from tests.analysis.build import P, down, handshake, packets, up

Said = tuple[bool, bytes]
GET = b"GET /a HTTP/1.1\r\nHost: lab\r\n\r\n"


def ok(length: int | None = 5, *more: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [
        b"HTTP/1.1 " + status,
        *([b"Content-Length: %d" % length] if length is not None else []),
    ]
    return b"\r\n".join([*lines, *more, b"", b""])


def conversation(*said: Said, snaplen: int = 10**9, stream: int = 0) -> tuple[Facts, pd.DataFrame]:
    """The facts and the heads of a stream in which each side says this, each ACK at once."""
    rows, frames, at = handshake(), [], {True: 1, False: 1}
    for speaks, payload in said:
        make = up if speaks else down
        rows.append(make(at[speaks], at[not speaks], len(payload)))
        frames.append((len(rows), speaks, payload, at[speaks]))
        at[speaks] += len(payload)
        rows.append((down if speaks else up)(at[not speaks], at[speaks]))
    return Facts(packets(rows)), heads_of(frames, snaplen)


def heads_of(frames: list[tuple[int, bool, bytes, int]], snaplen: int = 10**9) -> pd.DataFrame:
    segments = pd.DataFrame(
        {
            "frame": np.array([frame for frame, *_ in frames], np.uint32),
            "stream": 0,
            "src": ["c" if speaks else "s" for _, speaks, *_ in frames],
            "src_port": 1,
            "seq": [seq for *_, seq in frames],
            "len": [len(payload) for *_, payload, _ in frames],
        }
    )
    kept = [payload[:snaplen] for *_, payload, _ in frames]
    bounds = np.concatenate(([0], np.cumsum([len(part) for part in kept])))
    return find_heads(Payloads(segments, b"".join(kept), bounds.astype(np.int64)))


def messages(*said: Said, snaplen: int = 10**9) -> Messages:
    return accepted(*conversation(*said, snaplen=snaplen))


def of_answers(found: Messages) -> list[int]:
    return found.keep(~found.asks).size.tolist()


@pytest.mark.parametrize(
    ("ask", "answer", "size"),
    [
        (GET, ok(5), 5),
        (GET, ok(0), 0),
        (GET.replace(b"GET", b"HEAD"), ok(5), 0),
        (GET, ok(7, status=b"304 Not Modified"), 0),
        (GET, ok(None, status=b"204 No Content"), 0),
        (GET, ok(None, status=b"100 Continue"), 0),
        (GET, ok(5, b"Transfer-Encoding: chunked"), UNKNOWN),
        (GET, ok(None, b"Content-Range: bytes 10-29/99", status=b"206 Partial"), 20),
        (GET, ok(5, b"Content-Range: bytes 10-29/99", status=b"206 Partial"), 5),
        (GET, ok(None, b"Content-Range: bytes */99", status=b"206 Partial"), UNKNOWN),
        (GET, ok(None), UNKNOWN),
        (GET, ok(10**17), UNKNOWN),
    ],
)
def test_length_of_body(ask: bytes, answer: bytes, size: int) -> None:
    assert of_answers(messages((True, ask), (False, answer))) == [size]


def test_until_the_connection_ends() -> None:
    found = messages((True, GET), (False, ok(None)), (False, ok(5)))
    assert found.keep(~found.asks).end.tolist() == [ENDLESS]


def test_nothing_of_http_in_a_tunnel() -> None:
    connect = b"CONNECT lab:443 HTTP/1.1\r\n\r\n"
    assert of_answers(messages((True, connect), (False, ok(None)), (False, ok(5)))) == [UNKNOWN]


def test_requests_have_bodies_only_if_they_say_so() -> None:
    put = b"PUT /a HTTP/1.1\r\nContent-Length: 100\r\n\r\n"
    found = messages((True, put), (True, b"x" * 100), (False, ok(0)), (True, GET))
    found = found.keep(found.asks)
    assert found.size.tolist() == [100, 0]
    assert found.end.tolist() == [1 + len(put) + 100, 1 + len(put) + 100 + len(GET)]


def test_text_in_a_body_is_no_head() -> None:
    fake = ok(1_000_000)
    inside = b"see: " + fake + b" and so on"
    found = messages((True, GET), (False, ok(2000) + inside), (False, fake), (False, b"x" * 3000))
    assert of_answers(found) == [2000]


def test_pipelined_answers_inside_segments() -> None:
    first, second = ok(5), ok(6)
    found = messages(
        (True, GET * 3),
        (False, first + b"hel"),
        (False, b"lo" + second + b"world!" + first + b"again"),
    )
    assert found.asks.sum() == 3
    assert of_answers(found) == [5, 6, 5]


def test_after_a_chunked_body() -> None:
    chunked = ok(None, b"Transfer-Encoding: chunked")
    body = b"3\r\nabc\r\n0\r\n\r\n"
    assert of_answers(messages((True, GET * 2), (False, chunked + body + ok(5)))) == [UNKNOWN, 5]
    assert of_answers(messages((True, GET * 2), (False, chunked + b"zzz" + ok(5)))) == [UNKNOWN]


def test_repeated_head_counts_once() -> None:
    head = ok(5)
    rows = [*handshake(), down(1, 1, len(head)), down(1, 1, len(head)), P(True, 1, 1)]
    http = heads_of([(4, False, head, 1), (5, False, head, 1)])
    found = accepted(Facts(packets(rows)), http)
    assert found.row.tolist() == [3]


def test_cut_head_is_estimated() -> None:
    put = b"PUT /a HTTP/1.1\r\nContent-Length: 3000\r\nHost: lab\r\n\r\n"
    found = messages((True, put), (True, b"x" * 1460), snaplen=len(put) - 3)
    assert found.estimated.tolist() == [True]
    assert found.body.tolist() == [1 + len(put)]
    assert found.size.tolist() == [3000]
    whole = ok(5, b"Server: lab")
    found = messages((True, GET), (False, whole + b"hello"), (False, b"x" * 1460), snaplen=40)
    assert found.keep(~found.asks).end.tolist() == [1 + len(whole) + 5]


def test_no_heads() -> None:
    found = messages((True, b"hello"))
    assert len(found.row) == 0


def test_heads_of_other_packets_are_left_out() -> None:
    facts, http = conversation((True, GET), (False, ok(5)))
    http["frame"] += 100
    assert len(accepted(facts, http).row) == 0
