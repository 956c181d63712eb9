"""The state after every packet, and what is concluded from it: the post-dissector's fields."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from tcpwin.analysis.facts import Facts
from tcpwin.analysis.grouped import Ints
from tcpwin.analysis.limits import LIMITERS
from tcpwin.analysis.loss import KINDS
from tcpwin.analysis.scale import SOURCES
from tcpwin.analysis.state import state_table
from tcpwin.analysis.tables import KIND_NAMES

_KINDS: Final = (*(KIND_NAMES.get(code, name) for code, name in enumerate(KINDS)), "copy")


def dissected_table(facts: Facts, start_ns: int) -> pd.DataFrame:
    """The table of `schema.STATE`: one row per packet and flow, sorted by frame.

    A packet that was captured twice changes nothing the second time: its `limiter` is that of
    the packet before, its `kind` ``copy``.
    """
    copies = facts.twins
    table = state_table(facts.packets, start_ns, None if copies.any() else facts.states)
    back = np.argsort(np.repeat(facts.all_segments.frame, 2), kind="stable")
    newest = np.cumsum(~copies) - 1  # the row of `segments` that holds at each of all rows

    def column(codes: tuple[Ints, Ints], names: tuple[str, ...]) -> Any:
        both = np.stack(codes, axis=1).reshape(-1)[back]
        return pd.Categorical.from_codes(both, categories=pd.Index(names))

    kinds = [np.where(copies, len(_KINDS) - 1, loss.kind[newest]) for loss in facts.losses]
    limits = [limit.limiter[newest] for limit in facts.limits]
    groups = facts.segments.groups.ids[newest]
    sources = [state.scale.source[groups] for state in facts.states]
    return table.assign(
        scale_source=column((sources[0], sources[1]), tuple(SOURCES)),
        kind=column((kinds[0], kinds[1]), _KINDS),
        limiter=column((limits[0], limits[1]), LIMITERS),
    )
