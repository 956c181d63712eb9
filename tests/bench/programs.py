"""What is timed: tcpwin and the programs beside it, each a function of a capture."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyshark
from pyshark.capture.capture import TSharkCrashException

import tcpwin as tw
from tcpwin import schema
from tcpwin.tshark.command import NOTHING_ABOVE_TCP, PINNED, private_environment
from tcpwin.tshark.executable import Tshark

ONE, ALL, CACHED = "tw.read, 1 job", "tw.read, all cores", "tw.read, cached"
FIELDS, FLOOR = "tshark -T fields", "tshark, dissection floor"
TCPTRACE, PYSHARK, VALUES = "tcptrace", "pyshark use_ek", "pyshark use_ek, same fields"
ON_A_PART: Final = (PYSHARK, VALUES)
ABOUT: Final = {
    ONE: "a DataFrame of all TCP segments, `cache=False, jobs=1`",
    ALL: "the same, `cache=False`",
    CACHED: "the same, of a capture that was read before",
    FIELDS: "the same fields as text, thrown away: "
    "`tshark -n -r FILE -T fields -E occurrence=l -e …` with the preferences of tw.read",
    FLOOR: "`tshark -n -q -r FILE -d tcp.port==1-65535,data -z conv,tcp`: TCP is dissected and its "
    "conversations are counted, nothing above it, and no field is printed. What goes through one "
    "tshark cannot be faster",
    TCPTRACE: "`tcptrace -nlrW FILE`: no dissector, TCP only, a page of numbers for each stream",
    PYSHARK: "`FileCapture(FILE, use_ek=True, keep_packets=False)`, packet by packet, "
    "none looked at; the first packets only",
    VALUES: "the same, and from each packet the fields that tw.read gives",
}

WANTED: Final = [
    (name.partition(".")[0], name.partition(".")[2].replace(".", "_"))
    for column in schema.fields()
    for name in column.field.split(" or ")
]

Work = Callable[[Path], int]  # returns the packets, or 0 if it does not tell


class Skipped(Exception):  # noqa: N818 - it is no error
    """Why a program does not take part."""


def programs(tshark: Tshark) -> dict[str, Work]:
    """All of them by name."""
    return {
        ONE: partial(read, tshark=tshark, jobs=1),
        ALL: partial(read, tshark=tshark),
        CACHED: partial(read, tshark=tshark, cache=True),
        FIELDS: partial(fields, tshark=tshark),
        FLOOR: partial(floor, tshark=tshark),
        TCPTRACE: tcptrace,
        PYSHARK: partial(pyshark_use_ek, tshark=tshark),
        VALUES: partial(pyshark_use_ek, tshark=tshark, look=values),
    }


def read(capture: Path, *, tshark: Tshark, jobs: int | None = None, cache: bool = False) -> int:
    """Our reader: a DataFrame in memory."""
    return len(tw.read(capture, tshark=tshark.path, jobs=jobs, cache=cache, progress=False).packets)


def fields(capture: Path, *, tshark: Tshark) -> int:
    """The same columns as text, thrown away."""
    command = [tshark.path, "-n", "-r", str(capture), "-T", "fields", "-E", "occurrence=l"]
    for column in schema.fields():
        for field in column.field.split(" or "):
            command += ["-e", field]
    return tshark_alone(command)


def floor(capture: Path, *, tshark: Tshark) -> int:
    """Dissection as far as TCP and no more, without output of any packet."""
    command = [tshark.path, "-n", "-q", "-r", str(capture), "-z", "conv,tcp"]
    for which, what in NOTHING_ABOVE_TCP.items():
        command += ["-d", f"{which},{what}"]
    return tshark_alone(command)


def tshark_alone(command: Sequence[str]) -> int:
    """A tshark with the preferences of `tw.read`, whatever the user's are."""
    pinned = [word for name, value in PINNED.items() for word in ("-o", f"{name}:{value}")]
    with private_environment() as environment:
        subprocess.run(
            [*command, *pinned],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    return 0


def tcptrace(capture: Path) -> int:
    """Every number that tcptrace has for each stream."""
    program = shutil.which("tcptrace")
    if program is None:
        raise Skipped("not installed")
    with private_environment() as environment:  # no .tcptracerc
        done = subprocess.run(
            [program, "-nlrW", str(capture)], env=environment, capture_output=True, text=True
        )
    if done.returncode or "\n0 packets seen" in done.stdout:  # it takes what it cannot read so
        raise Skipped("cannot read it")
    return 0


def pyshark_use_ek(
    capture: Path, *, tshark: Tshark, look: Callable[[Any], object] = lambda packet: None
) -> int:
    """Packet objects the fastest way pyshark has, one after the other."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    packets = pyshark.FileCapture(
        str(capture), use_ek=True, keep_packets=False, tshark_path=tshark.path, eventloop=loop
    )
    count = 0
    for packet in packets:
        look(packet)
        count += 1
    with suppress(TSharkCrashException):  # it loses the race for the exit code now and then
        packets.close()
    packets._running_processes.clear()
    loop.close()
    asyncio.set_event_loop(None)
    return count


def values(packet: Any) -> list[Any]:
    """Of a packet of pyshark, what `tw.read` has in a row."""
    return [
        packet[layer].get_field(name)
        for layer, name in WANTED
        if layer != "frame" and layer in packet
    ]
