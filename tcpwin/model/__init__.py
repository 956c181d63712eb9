"""What a person holds: Capture, Stream, Flow, Comparison, Runs. Thin facades over frames."""

from tcpwin.model.capture import Capture, read
from tcpwin.model.comparison import Comparison, compare
from tcpwin.model.flow import Flow
from tcpwin.model.runs import Runs, compare_runs
from tcpwin.model.stream import Stream

__all__ = [
    "Capture", "Comparison", "Flow", "Runs", "Stream", "compare", "compare_runs", "read",
]  # fmt: skip
