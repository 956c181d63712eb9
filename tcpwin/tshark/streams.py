"""A display filter picks streams: every stream in which a packet matches, whole.

Half a stream would be analysed wrongly, so the filter never reaches the pass that reads the
columns. It runs in a pass of its own with every dissector on, which is what makes
``http.request`` or ``tls.handshake`` work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from tcpwin.errors import FilterError
from tcpwin.tshark.command import capture_command, private_environment
from tcpwin.tshark.complaints import check_run, reason
from tcpwin.tshark.executable import Tshark
from tcpwin.tshark.files import pipeable
from tcpwin.tshark.process import run_tshark

_ONLY_STREAMS: Final = re.compile(
    r"\s*STREAM(\s*(or|\|\|)\s*STREAM)*\s*".replace(
        "STREAM", r"tcp\.stream\s*(==|eq)\s*(0|[1-9]\d{0,8})"
    )
)
# What a person sees in Wireshark: the filter has to match the same packets.
_AS_WIRESHARK: Final = {"tcp.desegment_tcp_streams": "TRUE"}
_BLOCK: Final = 1 << 20
_EMPTY_PCAP: Final = bytes.fromhex("d4c3b2a1 02000400 00000000 00000000 00000400 01000000")


def matching_streams(
    path: Path,
    tshark: Tshark,
    display_filter: str,
    decode_as: Mapping[str, str] | None = None,
    prefs: Mapping[str, str] | None = None,
) -> np.ndarray:
    """Numbers of the streams with a packet that matches, ascending, shape (n,).

    Raises:
        FilterError: tshark does not accept the filter; the line says why.
    """
    if _ONLY_STREAMS.fullmatch(display_filter):
        return np.unique([int(number) for number in re.findall(r"\d+", display_filter)])
    check_filter(path, tshark, display_filter)
    feed = path if pipeable(path) else None
    command = capture_command(
        path,
        tshark,
        *("-T", "fields", "-e", "tcp.stream"),
        display_filter=f"tcp && ({display_filter})",
        decode_as=decode_as,
        prefs={**_AS_WIRESHARK, **(prefs or {})},
        from_stdin=feed is not None,
    )
    numbers: set[int] = set()
    with private_environment() as environment, run_tshark(command, environment, feed=feed) as run:
        rest = b""
        while text := run.read(_BLOCK):
            lines, newline, rest = (rest + text).rpartition(b"\n")
            numbers.update(map(int, set((lines + newline).replace(b",", b"\n").split())))
        code, errors = run.finish()
    check_run(path, code, errors, seen=True)  # the pass that reads the columns warns
    return np.array(sorted(numbers), dtype=np.uint32)


def check_filter(path: Path, tshark: Tshark, display_filter: str) -> None:
    """Try the filter on a capture without packets, where nothing else can go wrong.

    Raises:
        FilterError: tshark does not accept it.
    """
    with private_environment() as environment:
        empty = Path(environment["WIRESHARK_CONFIG_DIR"]) / "empty.pcap"
        empty.write_bytes(_EMPTY_PCAP)
        command = capture_command(empty, tshark, display_filter=display_filter)
        try:
            with run_tshark(command, environment) as run:
                run.read()
                code, errors = run.finish()
        except ValueError as error:  # a NUL byte cannot be an argument
            raise FilterError(f"not a display filter ({error}): see Wireshark's filters") from None
    if code:
        why = reason(errors) or f"exit code {code}"
        raise FilterError(f"display filter {display_filter!r}: {why}; correct it")
