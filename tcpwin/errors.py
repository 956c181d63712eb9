"""What can go wrong, as few kinds as a caller would treat differently.

Policy: every message is ONE line, says what is wrong with which thing, and ends with the
remedy. Library code raises; only the command line catches, prints the line on stderr and
exits with 1. What is merely doubtful (a capture cut short, a field this tshark lacks) is a
`TcpwinWarning` and is kept in ``Capture.warnings`` as well.
"""

from __future__ import annotations


class TcpwinError(Exception):
    """Base of all errors of tcpwin; ``str(error)`` is one line that names the remedy."""


class CaptureError(TcpwinError):
    """The capture cannot be used: missing, a folder, empty, no capture, without TCP."""


class TsharkError(TcpwinError):
    """There is no usable tshark, or tshark itself failed."""


class FilterError(TcpwinError):
    """tshark does not accept the display filter."""


class StreamNotFoundError(TcpwinError, LookupError):
    """The capture has no stream, flow, frame or stall of that name or number."""


class OutputError(TcpwinError):
    """The output cannot be written, or is there already."""


class TcpwinWarning(UserWarning):
    """Something a reader of the result has to know; the result is still usable."""
