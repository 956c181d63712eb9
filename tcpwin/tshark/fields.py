"""Which of the fields we ask for a tshark knows, and what it calls those that are marks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from tcpwin import schema
from tcpwin.tshark import executable
from tcpwin.tshark.executable import Tshark

MESSAGE: Final = "_ws.expert.message"
# To list its 240,000 fields takes a tshark longer than a small capture. These versions know all
# of ours, and have these names for the marks; the tests ask every tshark there is.
OLDEST_KNOWN: Final = (4, 0)
NEWEST_KNOWN: Final = (4, 6)
_MARKS: Final = {
    "retransmission": "This frame is a (suspected) retransmission",
    "fast_retransmission": "This frame is a (suspected) fast retransmission",
    "spurious_retransmission": "This frame is a (suspected) spurious retransmission",
    "out_of_order": "This frame is a (suspected) out-of-order segment",
    "lost_segment": "Previous segment(s) not captured (common at capture start)",
    "ack_lost_segment": "ACKed segment that wasn't captured (common at capture start)",
    "keep_alive": "TCP keep-alive segment",
    "keep_alive_ack": "ACK to a TCP keep-alive segment",
    "window_update": "TCP window update",
    "window_full": "TCP window specified by the receiver is now completely full",
    "zero_window": "TCP Zero Window segment",
    "zero_window_probe": "TCP Zero Window Probe",
    "zero_window_probe_ack": "ACK to a TCP Zero Window Probe",
    "duplicate_ack": "Duplicate ACK",
    "reused_ports": "A new tcp session is started with the same ports as an earlier session in "
    "this trace",
}
_WANTED: Final = frozenset(
    {MESSAGE, *(name for column in schema.fields() for name in column.field.split(" or "))}
)
_FIELD: Final = re.compile(
    rf"^[FP]\t([^\t\n]*)\t({'|'.join(map(re.escape, sorted(_WANTED, key=len)))})(?:\t|$)",
    re.MULTILINE,
)


def known_fields(tshark: Tshark) -> Mapping[str, str]:
    """The fields among those we ask for that this tshark knows, with what it calls them."""
    if OLDEST_KNOWN <= tshark.version[:2] <= NEWEST_KNOWN:
        marks = {f"tcp.analysis.{name}": text for name, text in _MARKS.items()}
        return dict.fromkeys(_WANTED, "") | marks
    return listed_fields(tshark)


@lru_cache
def listed_fields(tshark: Tshark) -> Mapping[str, str]:
    """As `known_fields`, but this tshark is asked whatever its version (``tshark -G fields``).

    Raises:
        TsharkError: it failed.
    """
    text = executable.output(tshark.path, "-G", "fields")
    return {field: name for name, field in _FIELD.findall(text)}


def missing_fields(known: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the columns of `schema.COLUMNS` whose field is not among these."""
    return tuple(c.name for c in schema.fields() if not known.keys() >= set(c.field.split(" or ")))
