"""The tshark command line: built by pyshark, with columns instead of packet objects.

Preferences are pinned because they change results, and tshark gets a configuration folder
of its own, so that two people see the same table whatever their Wireshark is set to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from packaging.version import Version
from pyshark import FileCapture

from tcpwin.schema import Column
from tcpwin.tshark.executable import Tshark

PINNED: Final = {
    "tcp.desegment_tcp_streams": "FALSE",
    "tcp.analyze_sequence_numbers": "TRUE",
    "tcp.relative_sequence_numbers": "TRUE",
    "tcp.track_bytes_in_flight": "TRUE",
    "tcp.calculate_timestamps": "TRUE",
    "tcp.check_checksum": "FALSE",
    "tcp.default_window_scaling": "not-known",
    "ip.defragment": "TRUE",
    # Text of the packet details that nobody sees.
    "ip.summary_in_tree": "FALSE",
    "ipv6.summary_in_tree": "FALSE",
    "tcp.summary_in_tree": "FALSE",
}

# Nothing above TCP is dissected: every port is handed to the dissector that does nothing.
NOTHING_ABOVE_TCP: Final = {"tcp.port==1-65535": "data"}
# On these ports TCP itself can be carried, and takes stream numbers of its own: SOCKS,
# RPCAP, OpenFlow. Only with everything dissected are numbers and values those of Wireshark.
CARRIERS: Final = (1080, 2002, 6633, 6653)

# Of a header cut before its ports end there is no stream. ICMP errors quote the segment that
# caused them; that is not a segment on the wire. Frames without TCP tell how long the capture
# goes on after the last segment of a stream that stands still.
SEGMENTS: Final = "(tcp.stream && !icmp && !icmpv6) || !tcp"
# In a part of a capture: what ICMP errors quote may take a number, which has to be known. The
# times of all other frames are.
STREAMS: Final = "tcp.stream"

_BUILT_IN: Final = {"frame.number": "%m", "frame.len": "%L"}  # the same, cheaper


def column_format(columns: Sequence[Column]) -> str:
    """The ``gui.column.format`` that prints `columns`, the last layer's value of each.

    A column of lists or texts prints every value.
    Source: Wireshark User's Guide, Column preferences.
    """
    formats = (
        _BUILT_IN.get(c.field) or f"%Cus:{c.field}:{0 if c.dtype in ('list', 'texts') else -1}:U"
        for c in columns
    )
    return "gui.column.format:" + ",".join(f'"{n}","{text}"' for n, text in enumerate(formats))


class TsharkCapture(FileCapture):
    """pyshark's FileCapture as a builder of command lines, with tshark resolved by us.

    `FileCapture` looks for a ``config.ini`` in the current directory, and sets up an event
    loop that a notebook does not allow and Python 3.14 no longer has. Neither is needed for
    a command line, so neither happens here.
    """

    def __init__(self, path: Path, tshark: Tshark, **options: Any) -> None:
        """`options` are those of `pyshark.FileCapture`."""
        self._tshark = tshark
        super().__init__(str(path), tshark_path=tshark.path, **options)

    def _setup_eventloop(self) -> None:
        pass

    def _get_tshark_path(self) -> str:
        return self._tshark.path

    def _get_tshark_version(self) -> Version:
        return Version(self._tshark.version_text)

    def command(self, *output: str, from_stdin: bool = False) -> list[str]:
        """The argument list; `output` says what to print, for instance ``-T fields``.

        With `from_stdin` the capture is expected on standard input.
        """
        parameters = self.get_parameters()
        if from_stdin:
            parameters[-1] = "-"
        return [self._tshark.path, "-n", *parameters, *output]


def capture_command(
    path: Path,
    tshark: Tshark,
    *output: str,
    display_filter: str | None = None,
    decode_as: Mapping[str, str] | None = None,
    prefs: Mapping[str, str] | None = None,
    from_stdin: bool = False,
) -> list[str]:
    """The argument list for one run over `path`, with pinned preferences under `prefs`."""
    capture = TsharkCapture(
        path,
        tshark,
        display_filter=display_filter,
        decode_as=dict(decode_as or {}),
        override_prefs={**PINNED, **(prefs or {})},
    )
    return capture.command(*output, from_stdin=from_stdin)


@contextmanager
def private_environment() -> Iterator[dict[str, str]]:
    """Environment variables that keep the user's Wireshark profile and plugins away."""
    with TemporaryDirectory(prefix="tcpwin-") as folder:
        own = {
            "WIRESHARK_CONFIG_DIR": folder,
            "HOME": folder,
            "APPDATA": folder,
            "LC_ALL": "C.UTF-8",
        }
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("WIRESHARK_")}
        yield inherited | own
