"""Heads are found in payloads to the byte, whoever sent them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcpwin.tshark import heads
from tcpwin.tshark.heads import Payloads, find_heads

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: Keep-Alive\r\n\r\n"
GET = b"GET /a HTTP/1.1\r\nHost: lab\r\n\r\n"


def found(*parts: bytes, cut: int = 0) -> pd.DataFrame:
    """Heads in consecutive segments of one side, each without its last `cut` bytes."""
    lengths = [len(part) for part in parts]
    kept = [part[: len(part) - cut] for part in parts]
    n = len(parts)
    segments = pd.DataFrame(
        {
            "frame": range(1, n + 1),
            "stream": [0] * n,
            "src": ["a"] * n,
            "src_port": [80] * n,
            # Round 4 GiB in the second segment.
            "seq": (np.cumsum([0, *lengths[:-1]]) + (1 << 32) - lengths[0]) % (1 << 32),
            "len": lengths,
        }
    )
    bounds = np.concatenate(([0], np.cumsum([len(part) for part in kept])))
    return find_heads(Payloads(segments, b"".join(kept), bounds.astype(np.int64)))


def test_request_and_response() -> None:
    table = found(GET, OK + b"hello")
    assert list(table["is_request"]) == [True, False]
    assert list(table["header_len"]) == [len(GET), len(OK)]
    assert list(table["offset"]) == [0, 0]
    ask, answer = (row for _, row in table.iterrows())
    assert (ask["method"], ask["uri"], ask["host"], ask["version"]) == ("GET", "/a", "lab", "1.1")
    assert (answer["status"], answer["content_length"]) == (200, 5)
    assert answer["connection"] == "keep-alive"
    assert pd.isna(ask["status"])
    assert pd.isna(ask["content_length"])
    assert str(table["status"].dtype) == str(table["header_len"].dtype) == "Int64"


def test_all_headers_in_any_case() -> None:
    (row,) = found(
        b"HTTP/1.0 206 Partial Content\r\ncontent-LENGTH:  10 \r\nCONTENT-Range: bytes 0-9/99\r\n"
        b"Transfer-Encoding:chunked\r\nX-Content-Length: 7\r\n\r\n"
    ).to_dict("records")
    assert (row["version"], row["content_length"], row["content_range"]) == (
        "1.0",
        10,
        "bytes 0-9/99",
    )
    assert row["transfer_encoding"] == "chunked"


def test_several_in_one_segment() -> None:
    table = found(GET + GET + GET)
    assert list(table["offset"]) == [0, len(GET), 2 * len(GET)]
    table = found(b"tail" + OK + b"hello" + OK + b"there")
    assert list(table["offset"]) == [4, 9 + len(OK)]
    assert list(table["header_len"]) == [len(OK)] * 2


def test_end_of_chunks_is_told() -> None:
    table = found(b"3\r\nabc\r\n0\r\n\r\n" + OK)
    assert list(table["after_chunks"]) == [True]
    assert list(found(OK)["after_chunks"]) == [False]


@pytest.mark.parametrize("at", range(1, len(OK)))
def test_head_over_two_segments(at: int) -> None:
    table = found(OK[:at], OK[at:] + b"hello")
    if at < len(b"HTTP/1.1 200"):  # a status line cut before its number is not recognised
        assert len(table) == 0
        return
    assert list(table["frame"]) == [1]
    assert list(table["header_len"]) == [len(OK)]
    assert list(table["content_length"]) == [5]


def test_head_written_line_by_line() -> None:
    lines = OK.splitlines(keepends=True)
    table = found(*lines, b"hello")
    assert list(table["frame"]) == [1]
    assert list(table["header_len"]) == [len(OK)]
    assert list(table["content_length"]) == [5]


def test_long_request_line() -> None:
    long = b"GET /" + b"x" * 2000 + b" HTTP/1.1\r\nHost: lab\r\n\r\n"
    table = found(long[:1460], long[1460:])
    assert list(table["header_len"]) == [len(long)]
    assert list(table["host"]) == ["lab"]
    assert len(table["uri"][0]) == 2000


def test_cut_head_tells_no_half_number() -> None:
    text = b"HTTP/1.1 200 OK\r\nContent-Length: 12345"
    (row,) = found(text + b"6789\r\n\r\n", cut=8).to_dict("records")
    assert pd.isna(row["content_length"])
    assert pd.isna(row["header_len"])
    assert row["head_bytes"] == len(text)


def test_text_of_strangers_is_printable() -> None:
    (row,) = found(b"GET /\x1b[2J\x00\xff HTTP/1.1\r\nHost: a\x07\tb\xe2\x80\xae\r\n\r\n").to_dict(
        "records"
    )
    assert row["uri"] == "/?[2J??"
    assert row["host"] == "a? b???"


def test_endless_head_is_cut() -> None:
    table = found(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000)
    assert table["head_bytes"][0] == heads.LONGEST
    assert pd.isna(table["header_len"][0])


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"HTTP/1.",
        b"HTTP/1.1 2",
        b"HTTP/2 200 OK\r\n\r\n",
        b"GET",
        b"get / HTTP/1.1\r\n\r\n",
        b"NICK GET HTTP/1.1 is what I said\r\n",
        b"xxxx HTTP/1.1\r\nHost: a\r\n\r\n",
        b'10.0.0.1 "GET / HTTP/1.1" 200\n10.0.0.1 "GET / HTTP/1.1" 200\n',
    ],
)
def test_what_is_no_head(payload: bytes) -> None:
    assert len(found(payload)) == 0


@given(
    st.lists(st.lists(st.sampled_from([GET, OK, b"\r\n", b"\n", b"HTTP/1.1 ", b"\x00", b"GET "])))
)
def test_anything_is_survived(parts: list[list[bytes]]) -> None:
    payloads = [b"".join(part) for part in parts] or [b""]
    table = found(*payloads)
    start = table["offset"].to_numpy()
    assert (start >= 0).all()
    lengths = np.array([len(p) for p in payloads])[table["frame"].to_numpy() - 1]
    assert (start + 12 <= lengths).all() or (table["head_bytes"] <= lengths.sum()).all()
    assert (table["header_len"].dropna() <= lengths.sum()).all()
