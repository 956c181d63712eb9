"""One connection in two captures: what either end sent, and what of it came to the other."""

from tcpwin.analysis.ends.both import Both, bring_together, same_capture
from tcpwin.analysis.ends.changes import rewritten
from tcpwin.analysis.ends.end import End
from tcpwin.analysis.ends.ends import Ends
from tcpwin.analysis.ends.fates import FATES
from tcpwin.analysis.ends.pairs import pairs
from tcpwin.analysis.ends.places import PLACES

__all__ = [
    "FATES", "PLACES", "Both", "End", "Ends", "bring_together", "pairs", "rewritten",
    "same_capture",
]  # fmt: skip
