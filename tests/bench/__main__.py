"""Packets per second of `tw.read`, of plain tshark and of pyshark, on a capture made here.

    python -m tests.bench [--tshark PATH] [--repeat 3] [--packets 400000] [--part 10000]

The programs run in turn, so that a machine that slows down slows all of them down.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pyshark
from pyshark.capture.capture import TSharkCrashException

import tcpwin as tw
from tcpwin import schema
from tcpwin.tshark.command import PINNED
from tcpwin.tshark.executable import Tshark, find_tshark
from tests.bench.captures import make_capture

STREAMS = 40
MOST_OF_FIELDS = 1.0  # of the time of tshark -T fields
MOST_OF_PYSHARK = 1 / 30  # of the time of pyshark, packet by packet


def read(capture: Path, tshark: Tshark) -> int:
    """Our reader: a DataFrame in memory."""
    return len(tw.read(capture, tshark=tshark.path, cache=False, progress=False).packets)


def plain_fields(capture: Path, tshark: Tshark) -> int:
    """The same columns as text, thrown away."""
    command = [tshark.path, "-n", "-r", str(capture), "-T", "fields", "-E", "occurrence=l"]
    for name, value in PINNED.items():
        command += ["-o", f"{name}:{value}"]
    for column in schema.fields():
        for field in column.field.split(" or "):
            command += ["-e", field]
    with tempfile.TemporaryFile() as output:
        subprocess.run(command, stdout=output, stderr=subprocess.DEVNULL, check=True)
    return 0


def pyshark_objects(capture: Path, tshark: Tshark) -> int:
    """Packet objects from pyshark's fastest way, and no look at them."""
    return pyshark_use_ek(capture, tshark, lambda packet: None)


def pyshark_same_fields(capture: Path, tshark: Tshark) -> int:
    """The same, and from each packet what `tw.read` gives."""
    fields = [name for column in schema.fields() for name in column.field.split(" or ")]
    wanted = [name.split(".", 1) for name in fields]

    def look(packet: Any) -> None:
        for layer, name in wanted:
            if layer != "frame" and layer in packet:
                packet[layer].get_field(name.replace(".", "_"))

    return pyshark_use_ek(capture, tshark, look)


def pyshark_use_ek(capture: Path, tshark: Tshark, look: Callable[[Any], None]) -> int:
    """Every packet of the capture, one after the other."""
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


def seconds(
    work: Callable[[Path, Tshark], int], capture: Path, packets: int, tshark: Tshark
) -> tuple[float, float]:
    """Wall time of one run, and CPU time of it and of the programs it started."""
    gc.collect()
    used, began = sum(os.times()[:4]), time.perf_counter()
    done = work(capture, tshark)
    wall, cpu = time.perf_counter() - began, sum(os.times()[:4]) - used
    assert done in (0, packets), f"{work.__name__} read {done} of {packets} packets"
    return wall, cpu


def machine(tshark: Tshark) -> str:
    """What the numbers depend on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores, "
        f"Python {platform.python_version()}, pandas {pd.__version__}, "
        f"tshark {tshark.version_text}"
    )


def part_of(capture: Path, packets: int, target: Path) -> None:
    """The first packets of a pcap."""
    data, at = capture.read_bytes(), 24
    for _ in range(packets):
        at += 16 + int.from_bytes(data[at + 8 : at + 12], "little")
    target.write_bytes(data[:at])


def table(times: dict[str, list[tuple[float, float]]], packets: dict[str, int]) -> str:
    """One line for each program: median and spread of the time, packets/s, against tw.read."""
    lines = [
        f"{'':24}{'packets':>9}{'median s':>10}{'min–max s':>14}{'CPU s':>8}{'packets/s':>11}"
        f"{'time':>9}"
    ]
    walls = {name: [wall for wall, _ in taken] for name, taken in times.items()}
    each = {name: statistics.median(walls[name]) / packets[name] for name in times}
    ours, fields, bare, _ = each.values()
    for name, wall in walls.items():
        spread = f"{min(wall):.2f}–{max(wall):.2f}"
        cpu = statistics.median(cpu for _, cpu in times[name])
        lines.append(
            f"{name:24}{packets[name]:>9,}{statistics.median(wall):>10.2f}{spread:>14}{cpu:>8.2f}"
            f"{1 / each[name]:>11,.0f}{f'{each[name] / ours:.2f} ×':>9}"
        )
    lines.append("")
    lines.append(verdict("tshark -T fields", ours / fields, MOST_OF_FIELDS))
    lines.append(verdict("pyshark use_ek", ours / bare, MOST_OF_PYSHARK))
    return "\n".join(lines)


def verdict(name: str, ratio: float, most: float) -> str:
    """Whether the promise is kept."""
    kept = "kept" if ratio <= most else "NOT KEPT"
    return f"tw.read takes {ratio:.3f} of the time of {name} (promised: {most:.3f}): {kept}"


def main() -> None:
    """Make the capture, run everything in turn, print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--tshark", default=None, help="the tshark to use")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--packets", type=int, default=400_000)
    parser.add_argument("--part", type=int, default=10_000, help="packets given to pyshark")
    options = parser.parse_args()
    tshark = find_tshark(options.tshark)
    with tempfile.TemporaryDirectory(prefix="tcpwin-bench-") as folder:
        capture, part = Path(folder) / "bulk.pcap", Path(folder) / "part.pcap"
        total = make_capture(capture, streams=STREAMS, segments=options.packets * 17 // 1000)
        part_of(capture, min(options.part, total), part)
        runs: dict[str, tuple[Callable[[Path, Tshark], int], Path, int]] = {
            "tw.read": (read, capture, total),
            "tshark -T fields": (plain_fields, capture, total),
            "pyshark use_ek, objects": (pyshark_objects, part, min(options.part, total)),
            "pyshark, same fields": (pyshark_same_fields, part, min(options.part, total)),
        }
        print(f"{machine(tshark)}; {capture.stat().st_size / 1e6:.0f} MB, {STREAMS} streams")
        read(part, tshark)  # imports and the list of fields are not what is measured
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
        for _ in range(options.repeat):
            for name, (work, path, count) in runs.items():
                times[name].append(seconds(work, path, count, tshark))
        print(table(times, {name: count for name, (_, _, count) in runs.items()}))


if __name__ == "__main__":
    main()
