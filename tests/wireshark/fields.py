"""Every field of every packet, as tshark shows it, without what annotating may add."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

_COMMENT = re.compile(
    r'    <field name="frame\.comment" showname="[^"]*"[^>]* show="tcpwin: .*?\n    </field>\n',
    re.DOTALL,
)
_NO_COMMENT = re.compile(r'  <proto name="pkt_comment"[^>]*>\n  </proto>\n')
_PLACE = re.compile(r' capture_file="[^"]*"| time="[^"]*"')
# What pcapng has and other formats lack: an interface, a section.
_INTERFACE = re.compile(
    r'    <field name="frame\.(section_number|interface_id)".*\n'
    r'(      <field name="frame\.interface_name".*\n    </field>\n)?'
)
_ON_INTERFACE = re.compile(r" on interface [^\"]*, id 0(?=\")")


def packets(tshark: Path, capture: Path, *, interfaces: bool = True) -> Iterator[str]:
    """The packets as XML, tcpwin's comments apart; without interfaces where told so."""
    command = [str(tshark), "-n", "-r", str(capture.absolute()), "-T", "pdml"]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    for packet in shown.stdout.split("<packet>\n")[1:]:
        text = _PLACE.sub("", packet)
        text = _NO_COMMENT.sub("", _COMMENT.sub("", text))
        if not interfaces:
            text = _ON_INTERFACE.sub("", _INTERFACE.sub("", text))
        yield text.removesuffix("</packet>\n\n</pdml>\n").strip()


def comments(tshark: Path, capture: Path) -> dict[int, list[str]]:
    """The comments of the frames that have some."""
    fields = ("frame.number", "frame.comment")
    command = [str(tshark), "-n", "-r", str(capture.absolute()), "-T", "fields"]
    command += ["-Y", "frame.comment", "-E", "aggregator=\x1f"]
    command += [part for field in fields for part in ("-e", field)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (line.split("\t") for line in shown.stdout.splitlines())
    return {int(number): text.split("\x1f") for number, text in lines}


def differing(before: Sequence[str], after: Sequence[str]) -> list[int]:
    """The numbers of the packets that differ; 0 if there are more in one."""
    if len(before) != len(after):
        return [0]
    return [n for n, (a, b) in enumerate(zip(before, after, strict=True), 1) if a != b]
