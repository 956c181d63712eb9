"""Back into Wireshark: captures with comments, and a profile (`profile`) to look at them."""

from tcpwin.wireshark.annotate import Annotated, annotate

__all__ = ["Annotated", "annotate"]
