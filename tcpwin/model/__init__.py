"""What a person holds: Capture, Stream, Flow. Thin facades over frames, nothing to load."""

from tcpwin.model.capture import Capture, read
from tcpwin.model.flow import Flow
from tcpwin.model.stream import Stream

__all__ = ["Capture", "Flow", "Stream", "read"]
