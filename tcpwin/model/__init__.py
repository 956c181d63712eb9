"""What a person holds: Capture, Stream, Flow, Comparison. Thin facades over frames."""

from tcpwin.model.capture import Capture, read
from tcpwin.model.comparison import Comparison, compare
from tcpwin.model.flow import Flow
from tcpwin.model.stream import Stream

__all__ = ["Capture", "Comparison", "Flow", "Stream", "compare", "read"]
