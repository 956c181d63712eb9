"""Every stall gets its cause: features, rules, and what later packets exclude."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.features import flow_features, silence_features
from tcpwin.analysis.grouped import NEVER, take
from tcpwin.analysis.pathmtu import too_large
from tcpwin.analysis.rules import DATA_RULES, SILENCE_RULES, WINDOW_RULES, judge
from tcpwin.analysis.stalls import FLOOR_NS

if TYPE_CHECKING:
    from tcpwin.analysis.facts import Facts

_SERVER_DATA: Final = 1


def judged_stalls(facts: Facts) -> pd.DataFrame:
    """All stalls with flow, cause, blame and confidence; silences that nobody minded are out.

    Columns: those of `stalls.gaps`, kind, flow, cause, blame, confidence, lost_ns, and the
    features that the rules used.
    """
    stalls = facts.stalls
    parts = []
    for flow in (0, 1):
        own = stalls[stalls["flow"] == flow]
        features = flow_features(facts, flow, own)
        features = features.assign(
            mss=facts.mss[flow][own["group"]],
            too_large=too_large(facts, flow)[own["group"]],
            ended_by_fill=take(facts.losses[flow].fills, _next_sent(facts, flow, own), False),
            released=take(facts.delays[flow].released, own["end_row"].to_numpy(), False),
            ended_by_byte=_one_byte(facts, flow, own["end_row"].to_numpy()),
            rtt_ns=np.maximum(facts.path.min_ns, 0)[own["group"]],
            part="",
        )
        held = features[features["kind"] == "window"]
        parts.append(judge(_split_reopened(facts, held), WINDOW_RULES))
        data = features[(features["kind"] == "data") & ~features["one_sided"]]
        told = (data["again"] > 0) | data["ended_by_fill"] | data["connecting"]
        data = judge(data[~data["unseen"] | told], DATA_RULES)
        parts.append(data[data["fits"] | ~data["connecting"]])  # a slow handshake is no stall
    silent = silence_features(facts, stalls[stalls["kind"] == "silence"])
    parts.append(_settle(judge(_http(facts, silent), SILENCE_RULES)))
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    table["lost_ns"] = table["end_ns"] - table["start_ns"]
    return table.sort_values(["group", "start_ns"], ignore_index=True)


def _next_sent(facts: Facts, flow: int, own: pd.DataFrame) -> np.ndarray:
    """The first row of the flow's sender after each stall began, up to its end."""
    sends = facts.segments.groups.next(facts.losses[flow].data)
    row = take(sends, own["start_row"].to_numpy(), NEVER)
    return np.where(row <= own["last_row"].to_numpy(), row, NEVER)


def _one_byte(facts: Facts, flow: int, rows: np.ndarray) -> np.ndarray:
    """A single byte came before larger segments.

    A probe of a sender that holds the window for closed still (RFC 9293 3.8.6.1).
    """
    length, following = facts.segments.length, facts.segments.groups.next(facts.losses[flow].data)
    own = take(facts.losses[flow].data, rows, False)
    more = take(length, take(following, rows, NEVER), 0) > 1
    return np.asarray(own & (take(length, rows, 0) == 1) & more, bool)


def _split_reopened(facts: Facts, held: pd.DataFrame) -> pd.DataFrame:
    """A stall in which the window reopened long before the end is two.

    They are the closed window, and the silence after the update.
    Data may take a path RTT to resume, twice that for a sender that was idle; what takes
    longer than a stall needs is one of its own.
    """
    row = held["reopened_row"].to_numpy()
    opened_ns = take(facts.segments.time_ns, row, 0)
    rtt = np.maximum(facts.path.min_ns[held["group"].to_numpy()], 0)
    late = (row != NEVER) & (held["end_ns"] - opened_ns > np.maximum(2 * rtt, FLOOR_NS))
    before = held.assign(
        end_ns=np.where(late, opened_ns, held["end_ns"]),
        end_row=np.where(late, row, held["end_row"]),
        last_row=np.where(late, row, held["last_row"]),
        open=held["open"] & ~late,
    )
    after = held[late].assign(start_ns=opened_ns[late], start_row=row[late], part="reopened")
    return pd.concat([before, after], ignore_index=True) if len(after) else before


def _http(facts: Facts, silent: pd.DataFrame) -> pd.DataFrame:
    """What HTTP adds: whether the body's length is known, whether the connection is kept."""
    group = silent["group"].to_numpy()
    return silent.assign(
        body_known=facts.owed[silent["start_row"]] >= 0,
        keep_alive=facts.kept_alive[group],
        rtt_ns=np.maximum(facts.path.min_ns[group], 0),
        burst_over=_burst_over(facts, silent),
    )


def _burst_over(facts: Facts, silent: pd.DataFrame) -> np.ndarray:
    """Little came after the silence before the other side spoke: less than was lost."""
    end = silent["end_row"].to_numpy()
    segments = facts.segments
    fresh = facts.losses[1].kind == 1
    other = facts.losses[0].kind == 1
    forward = silent["next_from"].to_numpy() == _SERVER_DATA
    total = [np.concatenate(([0], np.cumsum(mask))) for mask in (other, fresh)]
    last = segments.groups.ends[silent["group"].to_numpy()]
    turn = np.where(
        forward,
        take(segments.groups.next(other), end, NEVER),
        take(segments.groups.next(fresh), end, NEVER),
    )
    stop = np.where(turn == NEVER, last + 1, turn)
    own = np.where(
        forward,
        total[1][stop] - total[1][np.maximum(end, 0)],
        total[0][stop] - total[0][np.maximum(end, 0)],
    )
    return np.asarray((end != NEVER) & (own <= silent["missing"].to_numpy()))


def _settle(silent: pd.DataFrame) -> pd.DataFrame:
    """Leave out the idle, name the flow, and let later packets decide the undecidable."""
    silent = silent[
        silent["fits"]
        & ~silent["closing"]
        & ~silent["unseen"]
        & (~silent["one_sided"] | (silent["cause"] == "unknown"))
    ]
    cause = silent["cause"].to_numpy()
    own_upload = (silent["next_from"] == 0) & (silent["last_from"] == 0)
    client_lost = np.isin(cause, ["tail-loss", "path-silent", "rto"]) & (silent["next_from"] == 0)
    flow = np.where(own_upload & (cause == "sender-idle") | client_lost, 0, 1)
    open_question = silent["blame"] == "undecidable"
    silent_server = open_question & silent["cause"].isin(["sender-idle", "reopened-silent"])
    # What the client goes on with after its own pause it had not sent before.
    own_pause = own_upload & (silent["near_client"] | ~silent["cut_off"])
    blame = np.select(
        [
            silent_server & (own_pause | silent["near_server"]),
            silent_server & silent["answered"],
            silent_server & (silent["asked"] > 1),
        ],
        ["sender", "sender", "path"],
        silent["blame"],
    )
    return silent.assign(flow=flow, blame=blame)
