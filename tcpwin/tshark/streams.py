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
from tcpwin.tshark.executable import Tshark
from tcpwin.tshark.process import run_tshark

_ONLY_STREAMS: Final = re.compile(
    r"\s*tcp\.stream\s*(==|eq)\s*\d+(\s*(or|\|\|)\s*tcp\.stream\s*(==|eq)\s*\d+)*\s*"
)
# What a person sees in Wireshark: the filter has to match the same packets.
_AS_WIRESHARK: Final = {"tcp.desegment_tcp_streams": "TRUE"}
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
    command = capture_command(
        path,
        tshark,
        *("-T", "fields", "-e", "tcp.stream"),
        display_filter=f"tcp && ({display_filter})",
        decode_as=decode_as,
        prefs={**_AS_WIRESHARK, **(prefs or {})},
    )
    with private_environment() as environment, run_tshark(command, environment) as run:
        lines = set(run.stdout)
        run.finish()  # a cut capture is judged by the pass that reads it
    numbers = {int(n) for line in lines for n in line.strip().split(b",") if n}
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
                run.stdout.read()
                code, errors = run.finish()
        except ValueError as error:  # a NUL byte cannot be an argument
            raise FilterError(f"not a display filter ({error}): see Wireshark's filters") from None
    if code:
        why = (errors or ["it says nothing"])[0].removeprefix("tshark: ")
        raise FilterError(f"display filter {display_filter!r}: {why.rstrip('.')}; correct it")
