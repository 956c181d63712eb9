"""The largest segment a sender may send."""

from __future__ import annotations

from typing import Final

import numpy as np

from tcpwin.analysis.grouped import Ints
from tcpwin.analysis.segments import SYN
from tcpwin.analysis.state import State

ETHERNET: Final = 1460  # 1500 bytes less two headers
MINIMUM: Final = 536  # RFC 9293 3.7.1: the default MSS
NO_OPTION: Final = 1 << 16
STAMPS: Final = 12  # the time stamp option and its padding, RFC 7323 appendix A


def mss(state: State) -> Ints:
    """The largest segment the flow's sender may send, per stream, bytes.

    The smaller of the two MSS options (a host announces what its own link carries) less what
    time stamps take (RFC 9293 3.7.1, RFC 6691). Without one, the longest segment seen, as
    far as an Ethernet carries one: longer ones were merged by offload.
    """
    segments = state.segments
    groups = segments.groups
    option = segments.column("mss_val")
    offered = np.where(segments.has(SYN) & (option > 0), option, NO_OPTION)
    told = groups.min(offered)
    stamps = groups.max(((segments.column("tsval") >= 0) & ~segments.has(SYN)).astype(np.int64))
    longest = groups.max(np.where(state.steps.sends, segments.length, 0))
    seen = np.where(longest > ETHERNET, ETHERNET, np.where(longest > MINIMUM, longest, ETHERNET))
    return np.where(told < NO_OPTION, np.maximum(told - STAMPS * stamps, 1), seen)
