"""What the two applications owe each other, where they speak HTTP/1.x in the clear.

From the heads of a second look (`tcpwin.tshark.read_context`): which request got which
response, where in the flow each body ends, and what of it is still owed after every packet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tcpwin.analysis.grouped import NEVER, UNKNOWN, Bools, Groups, Ints, take
from tcpwin.analysis.messages import ENDLESS, Messages, accepted, ints
from tcpwin.analysis.state import nullable

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts


def exchanges(facts: Facts, http: pd.DataFrame) -> pd.DataFrame:
    """One row per response and per request without one, sorted by stream and time.

    Args:
        facts: the streams; rows are those of ``facts.segments``.
        http: the heads, see `tcpwin.tshark.Context`; those of other packets are left out.

    Returns:
        group (index of the stream), stream, flow (in which the response comes: 1 but for
        servers that called their client), request_frame, request_row, response_frame,
        response_row (-1 if none), method, host, uri, status, interim (1xx but 101),
        body_bytes, body_start_seq, body_end_seq (exclusive; NA where no length is known:
        chunked, until the end of the connection), estimated (the head is cut),
        sent_row, acked_row (first rows at which its last byte was sent, was acknowledged; -1
        if it never was or is not known), the same six of the request with the prefix
        request_, last (of its stream), close_announced (by either side, or HTTP/1.0 without
        keep-alive), keep_alive_announced (by either side).
    """
    messages = accepted(facts, http)
    messages = messages.keep(np.argsort(messages.row, kind="stable"))
    asks, answers = messages.keep(messages.asks), messages.keep(~messages.asks)
    interim = _interim(ints(answers.head["status"]))
    request = _pair(asks, answers, interim)
    answered = np.zeros(len(asks.row), bool)
    answered[request[~interim & (request != NEVER)]] = True
    lone = np.flatnonzero(~answered)
    # A row is a pair of places, in `asks` and in `answers`.
    ask = np.concatenate([request, lone])
    answer = np.concatenate([np.arange(len(answers.row)), np.full(len(lone), NEVER)])
    begin = np.where(ask != NEVER, take(asks.row, ask, 0), take(answers.row, answer, 0))
    responded = take(answers.row, answer, facts.segments.groups.rows)
    order = np.lexsort((responded, ask, begin))  # rows of segments are sorted by stream
    return _table(facts, asks, answers, ask[order], answer[order])


def owed(facts: Facts, exchanges: pd.DataFrame, flow: int = 1) -> Ints:
    """Bytes that an application still owes in `flow` after each row of ``facts.segments``.

    What is left of the body of the newest message whose head has come; ``UNKNOWN`` before
    the first, and where its length is not known; shape (n,).
    """
    response = ((exchanges["flow"] == flow) & (exchanges["response_row"] != NEVER)).to_numpy()
    request = ((exchanges["flow"] != flow) & (exchanges["request_row"] != NEVER)).to_numpy()
    parts = [
        (exchanges[response], "response_row", ""),
        (exchanges[request], "request_row", "request_"),
    ]
    row = np.concatenate([part[name].to_numpy(np.int64) for part, name, _ in parts])
    start = np.concatenate([ints(part[f"{p}body_start_seq"]) for part, _, p in parts])
    end = np.concatenate([ints(part[f"{p}body_end_seq"]) for part, _, p in parts])
    groups = facts.segments.groups
    order = np.lexsort((start, groups.ids[row]))
    at = np.full(groups.rows, UNKNOWN)
    np.maximum.at(at, row[order], np.arange(len(order)))
    newest = groups.cummax(at)
    until = take(end[order], np.where(newest > UNKNOWN, newest, NEVER), UNKNOWN)
    left = np.maximum(until - facts.states[flow].steps.nxt, 0)
    return np.where(until > UNKNOWN, left, UNKNOWN)


def answer_due(facts: Facts, exchanges: pd.DataFrame) -> Bools:
    """Rows of ``facts.segments`` after which a request is sent whole and no response has begun.

    An interim response (100 Continue) is none; a request whose end is not known is never due.
    """
    groups = facts.segments.groups
    final = exchanges[~exchanges["interim"].to_numpy(bool)]
    sent = final["request_sent_row"].to_numpy(np.int64)
    begun = final["response_row"].to_numpy(np.int64)
    waited = (sent != NEVER) & ((begun == NEVER) | (begun > sent))
    change = np.zeros(groups.rows, np.int64)
    np.add.at(change, sent[waited], 1)
    np.add.at(change, begun[waited & (begun != NEVER)], -1)
    due: Bools = np.asarray(groups.cumsum(change) > 0)
    return due


def kept_alive(exchanges: pd.DataFrame, streams: int) -> Bools:
    """Which of so many streams HTTP announced to keep open, and not to close."""
    result = np.zeros(streams, bool)
    if not exchanges.empty:
        kept = exchanges["keep_alive_announced"] & ~exchanges["close_announced"]
        result[exchanges["group"][kept]] = True
    return result


def _interim(status: Ints) -> Bools:
    """1xx but 101, after which the connection is no longer HTTP."""
    interim: Bools = (status >= 100) & (status < 200) & (status != 101)
    return interim


def _pair(asks: Messages, answers: Messages, interim: Bools) -> Ints:
    """For each response the place of its request in `asks`, ``NEVER`` if it was not seen.

    A client that waits for each response before it asks again: the newest request before
    the response, so that a head that was not seen shifts nothing. In a stream where two
    responses come after the same number of requests, requests are pipelined: one by one.
    """
    first = np.searchsorted(asks.group, answers.group)  # of the stream
    before = np.searchsorted(asks.row, answers.row) - first
    final = np.flatnonzero(~interim & (before > 0))
    groups = Groups.of_sorted(answers.group[final])
    count = before[final]
    repeats = groups.previous(count, NEVER) == count
    pipelined = groups.max(repeats)[groups.ids] if len(groups) else repeats
    rank = np.arange(len(final)) - groups.first
    place = first[final] + np.where(pipelined, np.minimum(rank, count - 1), count - 1)
    place[1:][place[1:] == place[:-1]] = NEVER  # nobody asked for this one (408, …)
    result = np.where(before > 0, first + before - 1, NEVER)
    result[final] = place
    return result


def _reach(facts: Facts, what: str, group: Ints, flow: Ints, value: Ints, since: Ints) -> Ints:
    """First row from `since` on where nxt or una of the flow reaches `value`; ``NEVER``."""
    groups = facts.segments.groups
    result = np.full(len(group), NEVER)
    for side in (0, 1):
        wanted = np.flatnonzero((flow == side) & (value > UNKNOWN) & (since != NEVER))
        run: Ints = getattr(facts.states[side].steps, what)
        known = run > UNKNOWN
        if not len(wanted) or not known.any():
            continue
        low = int(run[known].min())
        step = int(run[known].max()) - low + 3
        lifted = groups.ids * step + np.where(known, run - low + 1, 0)
        goal = group[wanted] * step + np.clip(value[wanted] - low + 1, 0, step - 1)
        row = np.maximum(np.searchsorted(lifted, goal), since[wanted])
        result[wanted] = np.where(row <= groups.ends[group[wanted]], row, NEVER)
    return result


def _table(
    facts: Facts, asks: Messages, answers: Messages, ask: Ints, answer: Ints
) -> pd.DataFrame:
    segments = facts.segments
    heads = {"request": _at(asks.head, ask), "response": _at(answers.head, answer)}
    asked, got = heads["request"], heads["response"]
    rows = {"request": take(asks.row, ask, NEVER), "response": take(answers.row, answer, NEVER)}
    group = np.where(ask != NEVER, take(asks.group, ask, 0), take(answers.group, answer, 0))
    flow = np.where(answer != NEVER, take(answers.flow, answer, 1), 1 - take(asks.flow, ask, 0))
    options = [heads[side]["connection"].astype("str") for side in heads]
    keeps = [text.str.contains(r"\bkeep-alive\b").to_numpy(bool) for text in options]
    closes = [text.str.contains(r"\bclose\b").to_numpy(bool) for text in options]
    old = [(heads[side]["version"] == "1.0").to_numpy(bool) for side in heads]
    # The response has the last word; before it comes, the request.
    kept = np.where(answer != NEVER, keeps[1], keeps[0])
    columns: dict[str, Any] = {
        "group": group,
        "stream": segments.streams[group].astype(np.uint32),
        "flow": flow,
        **{f"{side}_frame": _frames(segments.frame, rows[side]) for side in rows},
        **{f"{side}_row": rows[side] for side in rows},
        **{name: asked[name].to_numpy() for name in ("method", "host", "uri")},
        "status": nullable(ints(got["status"])),
        "interim": _interim(ints(got["status"])),
    }
    for side, prefix, messages, place in (
        ("response", "", answers, answer),
        ("request", "request_", asks, ask),
    ):
        end = take(messages.end, place, UNKNOWN)
        end = np.where(end == ENDLESS, UNKNOWN, end)
        columns[f"{prefix}body_bytes"] = nullable(take(messages.size, place, UNKNOWN))
        columns[f"{prefix}body_start_seq"] = nullable(take(messages.body, place, UNKNOWN))
        columns[f"{prefix}body_end_seq"] = nullable(end)
        columns[f"{prefix}estimated"] = take(messages.estimated, place, False).astype(bool)
        way = flow if side == "response" else 1 - flow
        columns[f"{prefix}sent_row"] = _reach(facts, "nxt", group, way, end, rows[side])
        columns[f"{prefix}acked_row"] = _reach(facts, "una", group, way, end, rows[side])
    columns["last"] = np.append(group[1:] != group[:-1], True)[: len(group)]
    columns["close_announced"] = closes[0] | closes[1] | ((old[0] | old[1]) & ~kept)
    columns["keep_alive_announced"] = keeps[0] | keeps[1]
    return pd.DataFrame(columns)


def _at(head: pd.DataFrame, place: Ints) -> pd.DataFrame:
    """The heads at these places, all NA where there is none."""
    return head.reindex(place).reset_index(drop=True)


def _frames(frame: Ints, row: Ints) -> Any:
    return pd.arrays.IntegerArray(take(frame, row, 0), row == NEVER)
