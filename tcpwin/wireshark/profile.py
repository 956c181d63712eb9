r"""A Wireshark profile: columns, colours and filter buttons for comments and for windows.

Sources: Wireshark User's Guide, appendix B.1 (preferences, colorfilters, dfilter_buttons);
epan/uat.c: in the fields of dfilter_buttons a quote is written ``\x22``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tcpwin.tshark.command import PINNED

COLUMNS: Final = {
    "No.": "%m",
    "Time": "%t",
    "Since last in stream": "%Cus:tcp.time_delta:0:R",
    "Source": "%s",
    "Destination": "%d",
    "Protocol": "%p",
    "Stream": "%Cus:tcp.stream:0:R",
    "Seq": "%Cus:tcp.seq:0:R",
    "Ack": "%Cus:tcp.ack:0:R",
    "Len": "%Cus:tcp.len:0:R",
    "Window": "%Cus:tcp.window_size:0:R",
    "In flight": "%Cus:tcp.analysis.bytes_in_flight:0:R",
    "tcpwin": "%Cus:frame.comment:0:R",
    "Info": "%i",
}

_FINDING: Final = 'frame.comment matches "^tcpwin: (?!state )"'  # --every-packet marks them all
_STALL: Final = 'frame.comment contains "tcpwin: stall, "'
_CLOSED: Final = 'frame.comment matches "^tcpwin: (stall, )?zero-window"'
_REOPENED: Final = 'frame.comment contains "tcpwin: window reopened"'
_PROBE: Final = 'frame.comment contains "tcpwin: window probe"'
_LOSS: Final = (
    'frame.comment matches "^tcpwin: (stall, )?(loss|rto|tail-loss|path-silent|path-mtu|'
    'acks-lost) " || frame.comment contains "tcpwin: hole"'
)
_SENT_AGAIN: Final = (
    "tcp.analysis.retransmission || tcp.analysis.fast_retransmission || "
    "tcp.analysis.spurious_retransmission || tcp.analysis.out_of_order"
)
_ZERO: Final = "tcp.window_size == 0 && tcp.flags.reset == 0 && tcp.flags.syn == 0"

# The first rule that fits colours a packet: (name, filter, background, foreground).
COLOURS: Final = (
    ("tcpwin stall", _STALL, "8c1515", "ffffff"),
    ("tcpwin window closed", _CLOSED, "b2442c", "ffffff"),
    ("tcpwin window probe", _PROBE, "e8a04c", "1a1a1a"),
    ("tcpwin window reopened", _REOPENED, "2f7d4f", "ffffff"),
    ("tcpwin loss", _LOSS, "1a1a1a", "ff8f8f"),
    ("tcpwin other finding", _FINDING, "34508c", "ffffff"),
    ("Reset", "tcp.flags.reset == 1", "a40000", "fffc9c"),
    ("Window 0", _ZERO, "f2c4b8", "1a1a1a"),
    ("Window full", "tcp.analysis.window_full", "fbe3b5", "1a1a1a"),
    ("Window update", "tcp.analysis.window_update", "cfe8d6", "1a1a1a"),
    ("Sent again or late, Wireshark suspects", _SENT_AGAIN, "e3d3ee", "1a1a1a"),
    ("ICMP error", "icmp.type in {3..5, 11} || icmpv6.type in {1..4}", "12272e", "b7f774"),
    ("Connection begins or ends", "tcp.flags.syn == 1 || tcp.flags.fin == 1", "c8c8c8", "1a1a1a"),
    ("Data", "tcp.len > 0", "e4edfb", "1a1a1a"),
)

BUTTONS: Final = (
    ("tcpwin", _FINDING, "All packets with a finding or event"),
    ("stalls", _STALL, "Where stalls begin and end"),
    ("windows", f"{_CLOSED} || {_REOPENED} || {_PROBE}", "Windows closed, reopened, probed"),
    ("losses", _LOSS, "What was lost, and where it was sent again"),
    ("window 0", _ZERO, "Packets that announce a window of 0"),
    ("window full", "tcp.analysis.window_full", "The window is filled to the byte"),
    ("updates", "tcp.analysis.window_update", "What Wireshark calls a window update"),
    ("handshakes", "tcp.flags.syn == 1", "MSS and window scale are in the SYN"),
)


def profile() -> dict[str, str]:
    """The files of the profile, by name."""
    return {
        "preferences": _preferences(),
        "colorfilters": "".join(_colour(*rule) for rule in COLOURS),
        "dfilter_buttons": "".join(_button(*button) for button in BUTTONS),
    }


def write(folder: Path) -> list[str]:
    """Write the profile into a folder that is there; the names of its files."""
    files = profile()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return list(files)


def _preferences() -> str:
    columns = ",\n".join(f'\t"{title}", "{what}"' for title, what in COLUMNS.items())
    # The values that tcpwin reads are those that Wireshark then shows; its details stay whole.
    shown = {name: PINNED[name] for name in PINNED if not name.endswith(".summary_in_tree")}
    pinned = "".join(f"{name}: {value}\n" for name, value in shown.items())
    return f"# tcpwin: windows, and comments of tcpwin\ngui.column.format:\n{columns}\n\n{pinned}"


def _colour(name: str, rule: str, background: str, foreground: str) -> str:
    return f"@{name}@{rule}@{_rgb(background)}{_rgb(foreground)}\n"


def _rgb(colour: str) -> str:
    """Hexadecimal ``rrggbb`` as Wireshark has it: three numbers of 16 bits."""
    parts = (int(colour[place : place + 2], 16) * 257 for place in (0, 2, 4))
    return f"[{','.join(map(str, parts))}]"


def _button(label: str, rule: str, comment: str) -> str:
    fields = ("TRUE", label, rule.replace('"', "\\x22"), comment)
    return ",".join(f'"{text}"' for text in fields) + "\n"
