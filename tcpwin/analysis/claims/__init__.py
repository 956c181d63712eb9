"""The findings in words: one small function per cause, see `WORDS`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tcpwin.analysis.claims import pace, path, silence, window
from tcpwin.analysis.claims.case import Case, Evidence, Words

WORDS: Final[dict[str, Callable[[Case], Words]]] = {
    "zero-window": window.zero_window,
    "small-window": window.small_window,
    "receive-window": window.receive_window,
    "window-update-lost": window.window_update_lost,
    "reopened-silent": silence.reopened_silent,
    "sender-idle": silence.sender_idle,
    "peer-idle": silence.peer_idle,
    "complete-waiting": silence.complete_waiting,
    "loss": path.loss,
    "rto": path.rto,
    "tail-loss": path.tail_loss,
    "path-silent": path.path_silent,
    "acks-lost": path.acks_lost,
    "path-mtu": path.path_mtu,
    "delayed-ack": pace.delayed_ack,
    "queueing": path.queueing,
    "reordering": path.reordering,
    "connect": path.connect,
    "reset": pace.reset,
    "unknown": silence.unknown,
}

__all__ = ["WORDS", "Case", "Evidence", "Words"]
