"""One line for each event: what, who, since which frame, and where it goes on.

The words are those of `tcpwin.analysis.events`, with the frames that belong together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tcpwin.analysis import FLOWS
from tcpwin.units import UNKNOWN, format_byte_count, format_duration

BEHIND: Final = ("loss", "rto", "tail-loss", "path-mtu")  # say that the path lost it
_RECEIVER: Final = ("the server", "the client")


def event_words(event: Any) -> str:
    """The comment on an event: a row of the table with `frame`, `other`, `since` (0: none)."""
    return _WORDS[event.event](event)


def _flow(event: Any) -> str:
    return FLOWS[event.flow]


def _wait(event: Any) -> str:
    return format_duration(event.wait_ns / 1e9)


def _lost_to(event: Any) -> str:
    """Cause and who must act, where a finding says so."""
    return f"{event.cause} ({event.blame}, {_flow(event)})" if event.cause else f"({_flow(event)})"


def _zero_window(event: Any) -> str:
    after = (
        f"it opens again in frame {event.other}, {_wait(event)} later"
        if event.other
        else "it does not open again"
    )
    who = _RECEIVER[event.flow]
    return f"zero-window (receiver, {_flow(event)}): {who} closes its window; {after}"


def _reopened(event: Any) -> str:
    closed = f", closed since frame {event.since}" if event.since else ""
    data = (
        f"the next new data come in frame {event.other}, {_wait(event)} later"
        if event.other
        else "no new data follow"
    )
    sizes = f"{event.was:,} -> {format_byte_count(event.size)}"
    return f"window reopened ({_flow(event)}): {sizes}{closed}; {data}"


def _probe(event: Any) -> str:
    closed = f", window closed since frame {event.since}" if event.since else ""
    count = f"{event.number:,} of {event.of:,}"
    answer = (
        f"answered in frame {event.other} with a window of {_size(event.size)}"
        if event.other
        else "not answered"
    )
    return f"window probe {count} ({_flow(event)}){closed}; {answer}"


def _size(count: int) -> str:
    return format_byte_count(count) if count >= 0 else UNKNOWN


def _lost(event: Any) -> str:
    what = "lost behind the capture point" if event.cause in BEHIND else "not known to arrive"
    return f"{_lost_to(event)}: {what}; sent again in frame {event.other}, {_wait(event)} later"


def _sent_again(event: Any) -> str:
    before = f"the first copy is frame {event.other}, {_wait(event)} before"
    if not event.other:
        seen = f", missing since frame {event.since}" if event.since else ""
        before = f"no first copy came here: lost before the capture point{seen}"
    return f"{_lost_to(event)}: sent again, {_size(event.size)}; {before}"


def _needless(event: Any) -> str:
    first = f"; the first copy is frame {event.other}, {_wait(event)} before" if event.other else ""
    return f"{_lost_to(event)}: sent again needlessly, it had arrived{first}".lstrip()


def _late(event: Any) -> str:
    over = f", overtaken by frame {event.other}" if event.other else ""
    return f"{_lost_to(event)}: {_wait(event)} late{over}; sent once, not lost"


def _hole(event: Any) -> str:
    come = (
        f"the first of them come in frame {event.other}, {_wait(event)} later"
        if event.other
        else "they never come in this capture"
    )
    return f"hole ({_flow(event)}): {format_byte_count(event.size)} are missing here; {come}"


_WORDS: Final[dict[str, Callable[[Any], str]]] = {
    "zero-window": _zero_window,
    "reopened": _reopened,
    "probe": _probe,
    "lost": _lost,
    "sent-again": _sent_again,
    "needless": _needless,
    "late": _late,
    "hole": _hole,
}
